// What a run takes over from the record that it will replace.

import LabCore
import LabManifest
public import LabRecord

/// What a run took over from the record that it will replace, for the person who asked.
public struct TakeoverReport: Hashable, Sendable {
  /// What the new record will say of it.
  public var takenOver: RunDescription.TakenOver
  /// How many trials run because the record lacks them.
  public var lacking: Int
  /// How many run because they have changed.
  public var changed: Int
  /// How many run because they did not end well.
  public var failed: Int
  /// How many trials of the record are not in the plan and fall out.
  public var dropped: Int
  /// The code of the record and the code now, when they differ.
  public var sourceChange: SourceChange?

  /// Two states of the code.
  public struct SourceChange: Hashable, Sendable {
    /// What the record names.
    public var recorded: RunDescription.Code
    /// What runs now.
    public var current: RunDescription.Code
  }
}

/// Compares the trials of a plan with those of a record.
struct Takeover {
  /// What the record gives, to be kept as it is.
  private(set) var outcomes: [TrialOutcome] = []
  private(set) var report: TakeoverReport

  /// What tells one trial of a record from another.
  fileprivate struct Key: Hashable {
    var cell: String
    var arm: String
    var repetition: Int
  }

  /// Where a cell stands in a sweep, whatever it runs there.
  private struct Place: Hashable {
    var control: String?
    var coordinates: [Cell.Coordinate]
  }

  /// What becomes of a trial of the plan.
  private enum Fate {
    case kept
    case lacking
    case changed
    case failed
  }

  private let rerun: Rerun
  private let plan: Plan
  private let record: RunRecord
  private let timings: [Key: TrialTiming]
  private let rows: [Key: [Measurement]]
  private let places: [Place: Set<String>]
  private let keepsMetrics: Bool

  /// Finds out what of a record stands for the trials of a plan.
  ///
  /// - Parameters:
  ///   - trials: The trials that are to be run, as indices of the plan.
  ///   - blocks: Whether the arms of a trial's cell and repetition belong together, as those that
  ///     are paired in real time: they are kept together or run again together.
  /// - Throws: ``RunError/changedTrials(_:of:run:reasons:)`` when trials have changed that are not
  ///   to run again, and ``RunError/notMixable(run:differs:)`` when the exactness keys differ.
  /// - Complexity: Linear in the rows of the record and the trials of the plan.
  init(
    _ rerun: Rerun, of record: RunRecord, for plan: Plan, trials: [Int], start: RunStart,
    blocks: (Trial) -> Bool
  ) throws(RunError) {
    self.rerun = rerun
    self.plan = plan
    self.record = record
    timings = Dictionary(record.timings.map { (Key($0), $0) }) { first, _ in first }
    rows = Dictionary(grouping: record.rows, by: Key.init)
    var places: [Place: Set<String>] = [:]
    for cell in record.cells {
      places[Place(control: cell.control, coordinates: cell.coordinates), default: []]
        .insert(cell.id)
    }
    self.places = places
    keepsMetrics = Self.names(record.metrics) == Self.names(plan.manifest.measures)
    let code = (record.run.code, start.code)
    let isSame = code.0.commit == code.1.commit && code.0.dirtyDigest == code.1.dirtyDigest
    report = TakeoverReport(
      takenOver: .init(0, of: record.run), lacking: 0, changed: 0, failed: 0, dropped: 0,
      sourceChange: isSame ? nil : .init(recorded: code.0, current: code.1))
    let fates = fates(of: trials, blocks: blocks)
    take(trials, fates)
    try check(start)
  }

  // MARK: Fates

  private func fates(of trials: [Int], blocks: (Trial) -> Bool) -> [Fate] {
    var fates = trials.map { fate(of: plan.trials[$0]) }
    // A block is whole or not there.
    struct Block: Hashable {
      var cell: String
      var repetition: Int
    }
    var broken: [Block: Fate] = [:]
    for (index, fate) in zip(trials, fates) where fate != .kept {
      let trial = plan.trials[index]
      guard blocks(trial) else { continue }
      broken[Block(cell: trial.cell.id, repetition: trial.repetition)] = fate
    }
    guard !broken.isEmpty else { return fates }
    for (place, index) in trials.enumerated() where fates[place] == .kept {
      let trial = plan.trials[index]
      let block = Block(cell: trial.cell.id, repetition: trial.repetition)
      if let fate = broken[block] { fates[place] = fate }
    }
    return fates
  }

  private func fate(of trial: Trial) -> Fate {
    let key = Key(cell: trial.cell.id, arm: trial.arm, repetition: trial.repetition)
    if let timing = timings[key] {
      let seed = RecordAssembly.text(of: trial.seed)
      guard keepsMetrics, rows[key]?.allSatisfy({ $0.seed == seed }) ?? false else {
        return .changed
      }
      return timing.status != .ok && rerun == .failed ? .failed : .kept
    }
    let place = Place(control: trial.cell.control, coordinates: trial.cell.coordinates)
    let isThere = (places[place] ?? []).contains { cell in
      timings[Key(cell: cell, arm: trial.arm, repetition: trial.repetition)] != nil
    }
    return isThere ? .changed : .lacking
  }

  private mutating func take(_ trials: [Int], _ fates: [Fate]) {
    for (index, fate) in zip(trials, fates) {
      switch fate {
      case .kept: if let outcome = outcome(of: index) { outcomes.append(outcome) }
      case .lacking: report.lacking += 1
      case .changed: report.changed += 1
      case .failed: report.failed += 1
      }
    }
    report.takenOver.trials = outcomes.count
    let replaced = report.changed + report.failed
    report.dropped = max(0, record.timings.count - outcomes.count - replaced)
  }

  private func outcome(of index: Int) -> TrialOutcome? {
    let trial = plan.trials[index]
    let key = Key(cell: trial.cell.id, arm: trial.arm, repetition: trial.repetition)
    guard let timing = timings[key] else { return nil }
    let entries = (rows[key] ?? []).compactMap { row in
      row.value.map { Recorder.Entry(metric: row.metric.name, step: row.step, value: $0) }
    }
    let (error, log) = Self.parts(of: timing.error)
    return TrialOutcome(
      trial: index, status: timing.status, cpuSeconds: timing.cpuSeconds,
      wallSeconds: timing.wallSeconds ?? 0, peakBytes: timing.peakBytes, entries: entries,
      error: error, log: log, subject: record.run.subjects?.first { $0.arm == trial.arm })
  }

  /// The reason and the log of a failed trial, without the command that replays it.
  private static func parts(of text: String?) -> (error: String?, log: String?) {
    guard let text else { return (nil, nil) }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if let last = lines.last, last.hasPrefix("replay: ") { lines.removeLast() }
    let log = lines.dropFirst().joined(separator: "\n")
    return (lines.first.map(String.init), lines.count > 1 ? log : nil)
  }

  /// What of metrics decides whether their rows are the same.
  private static func names(_ metrics: [MetricDescription]) -> [[String]] {
    metrics.map { [$0.name, $0.metricClass.rawValue, $0.unit, $0.direction.rawValue] }
  }

  // MARK: Refusals

  private func check(_ start: RunStart) throws(RunError) {
    if report.changed > 0, rerun == .none || rerun == .failed {
      throw .changedTrials(
        report.changed, of: record.timings.count, run: record.run.run, reasons: reasons)
    }
    guard !outcomes.isEmpty, record.run.exactness != start.exactness else { return }
    let keys = Set(record.run.exactness.keys).union(start.exactness.keys).sorted()
    let differs = keys.compactMap { key -> String? in
      let (recorded, current) = (record.run.exactness[key], start.exactness[key])
      guard recorded != current else { return nil }
      return "\(key) ('\(recorded ?? "unknown")', now '\(current ?? "unknown")')"
    }
    throw .notMixable(run: record.run.run, differs: differs)
  }

  /// Why trials are not those of the record, as far as the record says.
  private var reasons: [String] {
    let (manifest, recorded) = (plan.manifest, record.run)
    var reasons: [String] = []
    func compare(_ what: String, _ old: String, _ new: String) {
      if old != new { reasons.append("\(what) was \(old) and is \(new)") }
    }
    compare(
      "the version of the experiment", "\(recorded.experiment.version)",
      "\(manifest.experiment.version)")
    compare("the seed", "\(recorded.seed)", "\(manifest.seed)")
    if recorded.data.map(\.digest) != manifest.data.map(\.digest) {
      reasons.append("the data are others")
    }
    if !keepsMetrics { reasons.append("other metrics are kept") }
    return reasons.isEmpty ? ["settings are others"] : reasons
  }
}

extension Takeover.Key {
  fileprivate init(_ timing: TrialTiming) {
    self.init(cell: timing.cell, arm: timing.arm, repetition: timing.repetition)
  }

  fileprivate init(_ row: Measurement) {
    self.init(cell: row.cell, arm: row.arm, repetition: row.repetition)
  }
}
