// The records of one invocation beside their baselines.
import LabGate
import LabManifest
import LabRecord
import LabRunner

/// Loads records and baselines for the verbs that compare them.
struct GatedRecords {
  /// One record with the manifest that it answers.
  struct Entry {
    /// The manifest at the size asked for.
    var plan: Plan
    /// The record; `nil` when there is none of that size.
    var record: RunRecord?
    var baseline: Baseline?
    var folder: BaselineFolder
  }

  let folders: FolderOptions
  private(set) var entries: [Entry] = []
  private(set) var comparisons: [GateComparison] = []
  /// How many values are left to paired comparison and criteria.
  private(set) var left = 0

  /// Loads everything.
  ///
  /// - Parameter only: The ids of experiments; all that have a record or a baseline when empty.
  init(_ folders: FolderOptions, baselines: String, size: RunSize, only: [String]) throws {
    self.folders = folders
    var known: [String] = []
    for path in try folders.manifests([]) {
      let plan = try folders.plan(path, size)
      let id = plan.manifest.id
      known.append(id)
      guard only.isEmpty || only.contains(id) else { continue }
      let record = try Self.record(id, size: size, folders)
      let folder = BaselineFolder(baselines: baselines, experiment: id)
      let baseline = try Self.baseline(folder, size: size, record)
      guard record != nil || baseline != nil else {
        guard only.isEmpty else {
          throw Failure(
            .failed,
            "there is neither a \(size.rawValue) record of '\(id)' in \(folders.results) nor a "
              + "baseline in \(baselines); a record was expected; 'fleetlab run' makes one")
        }
        continue
      }
      if record == nil, only.isEmpty, case let needs = folders.missing(for: plan), !needs.isEmpty {
        Console.say("\(id) is left out, it has no record: \(needs.joined(separator: "; "))")
        continue
      }
      take(Entry(plan: plan, record: record, baseline: baseline, folder: folder))
    }
    for id in only where !known.contains(id) {
      throw Failure(
        .failed,
        "there is no manifest of '\(id)' below \(folders.experiments); one was expected; "
          + "'fleetlab list' shows what there is")
    }
  }

  /// The experiments whose records hold something to gate and that have no baseline.
  var withoutBaseline: [String] {
    comparisons.filter { $0.baseline == nil && !$0.series.isEmpty }.map(\.experiment)
  }

  private mutating func take(_ entry: Entry) {
    entries.append(entry)
    let policy = entry.plan.manifest.gate
    let reading = entry.record.map { GateReading($0, policy: policy) }
    left += reading?.left ?? 0
    let exactness = entry.record?.run.exactness ?? entry.baseline?.exactness ?? [:]
    let cells = entry.record?.cells.map { ($0.id, $0.placeText) } ?? []
    comparisons.append(
      GateComparison(
        experiment: entry.plan.manifest.id, policy: policy, baseline: entry.baseline,
        series: reading?.series ?? [], exactness: exactness,
        cells: Dictionary(cells, uniquingKeysWith: { first, _ in first })))
  }

  private static func record(
    _ id: String, size: RunSize, _ folders: FolderOptions
  ) throws -> RunRecord? {
    let folder = "\(folders.results)/\(id)"
    guard FolderProbe.exists("\(folder)/run.json") else { return nil }
    do throws(RecordError) {
      guard try RunDescription.load(folder: folder).size == size else { return nil }
      return try RunRecord.load(folder: folder)
    } catch { throw Failure(.failed, "\(error)") }
  }

  private static func baseline(
    _ folder: BaselineFolder, size: RunSize, _ record: RunRecord?
  ) throws -> Baseline? {
    do throws(BaselineError) {
      return try folder.nearest(size: size, exactness: record?.run.exactness ?? [:])
    } catch { throw Failure(.failed, "\(error)") }
  }
}
