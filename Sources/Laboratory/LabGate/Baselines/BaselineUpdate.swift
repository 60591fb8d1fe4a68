// Writing what a run measured into a baseline, with a reason for every loosening.

public import LabManifest
public import LabRecord
public import Statistics

/// The change of a baseline that a run asks for.
public struct BaselineUpdate: Sendable {
  /// What happens to one gate.
  public enum Change: String, Hashable, Sendable, CaseIterable {
    /// It is in the run alone.
    case added
    /// Its values moved to the better side, or within chance.
    case refreshed
    /// An exact value changed, a mean moved to the worse side or a spread grew beyond chance, or
    /// there are fewer repetitions.
    case loosened
    /// It is in the baseline alone.
    case removed
    /// Its trials failed, so the baseline keeps what it has.
    case skipped
  }

  /// One gate whose entry changes.
  public struct Step: Hashable, Sendable {
    /// Which gate.
    public var key: GateKey
    /// What happens to it.
    public var change: Change
    /// Why the change is what it is, in words.
    public var text: String
  }

  /// The chance below which a move is taken to be beyond noise.
  public static let noiseError = 0.01

  /// The baseline with the changes.
  public private(set) var baseline: Baseline
  /// What changes, in the order of the baseline; entries that stay are not named.
  public private(set) var steps: [Step] = []
  private var entries: [GateKey: BaselineEntry]
  private let reason: String?

  /// Works out the change.
  ///
  /// - Parameters:
  ///   - old: The baseline of the run's own class of machine; `nil` for the first one.
  ///   - record: The run.
  ///   - policy: What is gated.
  ///   - only: The metrics to change; `nil` for all.
  ///   - reason: Why; it is kept in the entries that change, and in no others.
  /// - Throws: ``StatisticsError`` for values that are not finite, which no record holds.
  public init(
    old: Baseline?, record: RunRecord, policy: GatePolicy, only: Set<String>?, reason: String?
  ) throws(StatisticsError) {
    self.reason = reason
    let run = record.run
    baseline =
      old
      ?? Baseline(experiment: run.experiment.id, size: run.size, exactness: run.exactness)
    entries = old?.byKey ?? [:]
    var waiting = entries
    for series in GateReading(record, policy: policy).series {
      let entry = waiting.removeValue(forKey: series.key)
      guard only?.contains(series.key.metric) ?? true else { continue }
      try take(series, over: entry, run)
    }
    for key in waiting.keys.sorted()
    where only?.contains(key.metric) ?? true {
      steps.append(Step(key: key, change: .removed, text: "the run of \(run.end) lacks it"))
      entries[key] = nil
    }
    baseline.entries = Array(entries.values)
    for cell in record.cells { baseline.cells[cell.id] = cell.placeText }
    baseline.tidy()
  }

  /// The steps that need a reason, one a line.
  public var loosened: [String] {
    steps.filter { $0.change == .loosened || $0.change == .removed }.map { step in
      let place = baseline.cells[step.key.cell] ?? step.key.cell
      return "\(step.change.rawValue): \(step.key.metricText) of \(step.key.arm), "
        + "\(place.isEmpty ? step.key.cell : place): \(step.text)"
    }
  }

  /// Whether the file would change.
  public var isEmpty: Bool { steps.allSatisfy { $0.change == .skipped } }

  /// Writes the baseline.
  ///
  /// - Throws: ``BaselineError/reasonNeeded(path:loosened:)`` when entries are loosened without a
  ///   reason, and then nothing is written; ``BaselineError/unwritable(path:reason:)``.
  public func write(into folder: BaselineFolder) throws(BaselineError) -> String {
    let path = folder.file(size: baseline.size, exactness: baseline.exactness)
    guard reason != nil || loosened.isEmpty else {
      throw .reasonNeeded(path: path, loosened: loosened)
    }
    try BaselineFolder.make(folder.path)
    try baseline.write(to: path)
    return path
  }

  private mutating func take(
    _ series: GateSeries, over entry: BaselineEntry?, _ run: RunDescription
  ) throws(StatisticsError) {
    guard series.absent.isEmpty else {
      steps.append(Step(key: series.key, change: .skipped, text: series.absence))
      return
    }
    let name = Baseline.name(ofSeeds: series.seeds)
    let fresh = BaselineEntry(series, seeds: name, run: run, reason: reason)
    if let entry {
      guard !Self.isSame(entry, fresh) else { return }
      let (change, text) = try change(from: entry, to: fresh, series)
      steps.append(Step(key: series.key, change: change, text: text))
    } else {
      steps.append(Step(key: series.key, change: .added, text: "the baseline lacks it"))
    }
    entries[series.key] = fresh
    baseline.seeds[name] = series.seeds
  }

  /// Whether two entries say the same of the gate; an entry that stays keeps where it comes from.
  private static func isSame(_ entry: BaselineEntry, _ fresh: BaselineEntry) -> Bool {
    entry.class == fresh.class && entry.unit == fresh.unit && entry.direction == fresh.direction
      && entry.digest == fresh.digest && entry.values == fresh.values && entry.seeds == fresh.seeds
  }

  private func change(
    from entry: BaselineEntry, to fresh: BaselineEntry, _ series: GateSeries
  ) throws(StatisticsError) -> (Change, String) {
    guard entry.class == fresh.class, entry.unit == fresh.unit, entry.direction == fresh.direction
    else { return (.loosened, "the metric has another class, unit or direction") }
    if entry.class == .exact {
      return entry.digest == fresh.digest
        ? (.refreshed, "other seeds, the same values") : (.loosened, "an exact value changed")
    }
    if fresh.count < entry.count {
      return (.loosened, "\(fresh.count) repetitions in place of \(entry.count)")
    }
    let (old, new) = (entry.values ?? [], fresh.values ?? [])
    let gate = SampledGate(
      direction: fresh.direction, margin: .absolute(0),
      baseline: (old, baseline.seeds[entry.seeds] ?? []), current: (new, series.seeds))
    let finding = try gate.finding()
    let means =
      "mean \(FigureText.quantity(entry.mean ?? 0, unit: series.valueUnit)) became "
      + FigureText.quantity(fresh.mean ?? 0, unit: series.valueUnit)
    // Values without spread, or a single one, have no noise to hide in.
    let isBare = finding.doubt != nil || ((entry.spread ?? 0) == 0 && (fresh.spread ?? 0) == 0)
    if isBare {
      return Self.isWorse(entry, fresh) ? (.loosened, means) : (.refreshed, means)
    }
    if !finding.isEqual, finding.worse <= Self.noiseError { return (.loosened, means) }
    if try SpreadRatio.pValue(new, against: old) <= Self.noiseError {
      return (
        .loosened,
        "spread \(FigureText.quantity(entry.spread ?? 0, unit: series.valueUnit)) became "
          + FigureText.quantity(fresh.spread ?? 0, unit: series.valueUnit)
      )
    }
    return (.refreshed, means)
  }

  private static func isWorse(_ entry: BaselineEntry, _ fresh: BaselineEntry) -> Bool {
    let (before, now) = (entry.mean ?? 0, fresh.mean ?? 0)
    switch fresh.direction {
    case .lower: return now > before
    case .higher: return now < before
    case .neutral: return now != before
    }
  }
}

extension RecordedCell {
  /// The coordinates as text: `workload.size=64B network.link.loss=0%`.
  public var placeText: String {
    coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}
