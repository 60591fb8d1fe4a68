// What differs between two records.

import LabGate
public import LabManifest
public import LabRecord

/// Two records held against each other, thing by thing.
///
/// Exact metrics are the same when every value is; so are all others, which additionally show their
/// means with 95 % intervals. What differs from run to run by its nature (the run's name, times,
/// load, what trials cost) is left out. Whether a difference matters is the gate's to say.
/// - Determinism: A pure function of the records and the criteria.
public struct RecordDifference: Sendable {
  /// What a row is about.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// What was asked for: size, seed, repetitions, arms, the manifest's digest.
    case parameter
    /// Where it ran and with what: code, host, exactness keys, data.
    case provenance
    /// A cell that only one of the records has.
    case cell
    /// The values of a metric of an arm in a cell.
    case metric
    /// The verdict of a criterion.
    case criterion
  }

  /// One thing, as each record has it.
  public struct Row: Hashable, Sendable {
    /// What it is about.
    public var kind: Kind
    /// The thing.
    public var name: String
    /// How the first record has it; empty when it does not.
    public var left: String
    /// How the second record has it; empty when it does not.
    public var right: String
    /// Whether both have the same.
    public var isEqual: Bool

    init(_ kind: Kind, _ name: String, _ left: String?, _ right: String?) {
      self.kind = kind
      self.name = name
      self.left = left ?? ""
      self.right = right ?? ""
      isEqual = left == right
    }
  }

  /// All rows, by kind and then in the order of the records.
  public private(set) var rows: [Row] = []

  /// Whether nothing differs.
  public var isEmpty: Bool { rows.allSatisfy(\.isEqual) }

  /// Compares two records.
  ///
  /// - Parameter criteria: What is judged in both.
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  public init(
    _ left: RunRecord, _ right: RunRecord, criteria: [Criterion]
  ) throws(ReportError) {
    let indices = (MeasurementIndex(left.rows), MeasurementIndex(right.rows))
    rows += Self.rows(.parameter, Self.parameters(left.run), Self.parameters(right.run))
    rows += Self.rows(.provenance, Self.provenance(left.run), Self.provenance(right.run))
    rows += Self.cells(left, right)
    do {
      rows += try Self.metrics(left, right, indices)
    } catch {
      throw .noMeasurement(manifest: left.run.manifest.path, reason: "\(error)")
    }
    let (mine, theirs) = (Judge(left, index: indices.0), Judge(right, index: indices.1))
    for criterion in criteria {
      rows.append(
        Row(
          .criterion, criterion.id, mine.outcome(of: criterion).verdict.rawValue,
          theirs.outcome(of: criterion).verdict.rawValue))
    }
  }

  private static func rows(
    _ kind: Kind, _ left: [(String, String?)], _ right: [(String, String?)]
  ) -> [Row] {
    let theirs = Dictionary(right) { first, _ in first }
    let names = Set(left.map(\.0))
    return left.map { Row(kind, $0.0, $0.1, theirs[$0.0] ?? nil) }
      + right.filter { !names.contains($0.0) }.map { Row(kind, $0.0, nil, $0.1) }
  }

  private static func parameters(_ run: RunDescription) -> [(String, String?)] {
    [
      ("experiment", run.experiment.name), ("version", "\(run.experiment.version)"),
      ("manifest", run.manifest.digest), ("size", run.size.rawValue), ("seed", "\(run.seed)"),
      ("repetitions", "\(run.experiment.repetitions)"),
      ("arms", run.experiment.arms.joined(separator: " ")),
      ("metrics", run.experiment.metrics.map(\.name).joined(separator: " ")),
    ]
  }

  private static func provenance(_ run: RunDescription) -> [(String, String?)] {
    var keys: [(String, String?)] = [
      ("code.commit", run.code.commit), ("code.dirty_digest", run.code.dirtyDigest),
      ("code.toolchain", run.code.toolchain),
    ]
    keys += run.code.packages.map { ("code.packages.\($0.name)", $0.version) }
    keys += [
      ("host.cpu_model", run.host.cpuModel), ("host.cores", "\(run.host.cores)"),
      ("host.memory_bytes", "\(run.host.memoryBytes)"), ("host.kernel", run.host.kernel),
    ]
    keys += run.exactness.sorted { $0.key < $1.key }.map { ("exactness.\($0.key)", $0.value) }
    keys += run.data.map { ("data.\($0.path)", $0.digest) }
    return keys
  }

  /// A cell with its coordinates, as rows name it.
  static func name(of cell: RecordedCell) -> String {
    let place = cell.coordinates.map { "\($0.key)=\($0.value)" }
    let control = cell.control.map { ["control of \($0)"] } ?? []
    return ([cell.id] + place + control).joined(separator: " ")
  }

  private static func cells(_ left: RunRecord, _ right: RunRecord) -> [Row] {
    let (mine, theirs) = (Set(left.cells.map(\.id)), Set(right.cells.map(\.id)))
    return left.cells.filter { !theirs.contains($0.id) }
      .map { Row(.cell, name(of: $0), "there", nil) }
      + right.cells.filter { !mine.contains($0.id) }.map { Row(.cell, name(of: $0), nil, "there") }
  }

  private static func metrics(
    _ left: RunRecord, _ right: RunRecord, _ indices: (MeasurementIndex, MeasurementIndex)
  ) throws -> [Row] {
    let theirs = Set(right.cells.map(\.id))
    let metrics = left.metrics + right.metrics.filter { indices.0.metrics[$0.name] == nil }
    let arms =
      left.run.experiment.arms
      + right.run.experiment.arms.filter { !left.run.experiment.arms.contains($0) }
    var rows: [Row] = []
    for cell in left.cells where theirs.contains(cell.id) {
      for arm in arms {
        for metric in metrics {
          let one = indices.0.trials(cell: cell.id, arm: arm, metric: metric.name)
          let other = indices.1.trials(cell: cell.id, arm: arm, metric: metric.name)
          guard !one.isEmpty || !other.isEmpty else { continue }
          var row = Row(
            .metric, "\(metric.name) arm=\(arm) \(name(of: cell))",
            try MetricSummary(one, of: metric)?.text, try MetricSummary(other, of: metric)?.text)
          row.isEqual = isSame(one, other)
          rows.append(row)
        }
      }
    }
    return rows
  }

  private static func isSame(
    _ one: [MeasurementIndex.TrialValues], _ other: [MeasurementIndex.TrialValues]
  ) -> Bool {
    one.count == other.count
      && zip(one, other).allSatisfy { left, right in
        left.repetition == right.repetition && left.status == right.status
          && left.values == right.values
      }
  }
}
