public import LabManifest
public import LabRecord

/// Judges criteria from the rows of a record, and their negative controls with them.
///
/// How a figure meets its bar:
/// - The values of repetitions become one figure, in each selected cell by itself (`every`) or over
///   all of them (`pooled`). `every` passes when every cell passes, and reports the worst one.
/// - Cells that stopped at a precision have unequal numbers of repetitions. In `pooled` each value
///   counts the same, so a cell that repeated more often counts more.
/// - The interval covers 95 %: Student's t for a mean and for the mean difference of two arms, a
///   seeded bootstrap for a median, an interquartile mean and the ratio of two arms. Values
///   that do not differ, and the statistics `minimum`, `maximum` and `quantile`, have none: there
///   the figure decides.
/// - `pass` needs the whole interval on the right side of the bar, `fail` the whole interval on the
///   wrong side; everything else is `inconclusive`. So is a single repetition of a metric that is
///   neither exact nor counted, and a bootstrap over fewer than six values.
/// - `matches` compares two metrics of the same trials: the mean difference must lie within the
///   given number of its standard errors. In sound cells of many repetitions it strays beyond three
///   once in 370, of ten repetitions once in 67: with `every`, few cells or many repetitions are
///   wanted.
/// - A value that is empty or whose trial failed makes the criterion `missing`. It is never skipped
///   and never zero. Only a failure elsewhere outweighs it.
///
/// **A negative control decides with it.** Every criterion is judged a second time on its planted
/// break: on the control's arm, or on the control's cells. If that does not turn a pass into a
/// failure or a failure into a pass, the criterion is not proved able to fail, and the outcome is
/// `inconclusive` with the reason "the control did not flip it". A criterion of which nobody knows
/// beforehand whether it holds may name both, a break for a pass and a repair for a failure.
/// - Determinism: The same rows and criteria give the same outcomes on one machine, bit for bit.
public struct Judge: Sendable {
  private let experiment: String
  private let cells: [RecordedCell]
  private let bench: CellJudge

  /// Prepares judging one record.
  ///
  /// - Parameter index: The rows of the record, where the caller has sorted them already.
  /// - Complexity: One sort of the rows.
  public init(_ record: RunRecord, index: MeasurementIndex? = nil) {
    self.init(
      experiment: record.run.experiment.id, cells: record.cells,
      index: index ?? MeasurementIndex(record.rows),
      repetitions: record.run.experiment.repetitions,
      stopped: (record.run.stopping?.cells ?? [:]).mapValues(\.repetitions))
  }

  /// Prepares judging rows that are not a whole record.
  ///
  /// - Parameters:
  ///   - experiment: The manifest's id.
  ///   - cells: The cells of the sweep and of the controls, in the order of the plan.
  ///   - index: The rows of all tables.
  ///   - repetitions: How often each arm ran in each cell, so that a row that is not there is seen;
  ///     `nil` when that is unknown.
  ///   - stopped: How often in cells that stopped at a precision, by the cells' identities.
  public init(
    experiment: String, cells: [RecordedCell], index: MeasurementIndex, repetitions: Int? = nil,
    stopped: [String: Int] = [:]
  ) {
    self.experiment = experiment
    self.cells = cells
    bench = CellJudge(
      collector: SampleCollector(index: index, repetitions: repetitions, stopped: stopped),
      experiment: experiment)
  }

  /// The outcome of each criterion, in order.
  public func outcomes(of criteria: [Criterion]) -> [CriterionOutcome] {
    criteria.map { outcome(of: $0) }
  }

  /// The outcome of one criterion.
  public func outcome(of criterion: Criterion) -> CriterionOutcome {
    let unit = bench.unit(of: criterion)
    let selected = cells.filter { $0.control == nil && $0.isSelected(by: criterion.selection) }
    let subject = finding(for: criterion, arm: criterion.arm, cells: selected)
    // A failure that a repair must turn round is not looked for among breaks.
    let planted = criterion.controls[subject.verdict == .fail && criterion.repair != nil ? 1 : 0]
    let control = finding(of: planted, criterion, selected: selected)
    let flipped =
      switch (subject.verdict, control.verdict) {
      case (.pass, .fail), (.fail, .pass): true
      default: false
      }
    var verdict = subject.verdict
    var reason = subject.reason
    if !flipped, verdict == .pass || verdict == .fail {
      verdict = .inconclusive
      reason =
        "the control did not flip it: \(subject.verdict.rawValue) without the control rule, "
        + "and the control is \(control.verdict.rawValue) (\(control.reason))"
    }
    return CriterionOutcome(
      experiment: experiment, criterion: criterion, verdict: verdict, reason: reason,
      bar: criterion.bar.text(unit: bench.metricUnit(of: criterion)), unit: unit,
      subject: subject, change: planted.change, control: control, flipped: flipped)
  }

  private func finding(
    of planted: (name: String, change: Criterion.Control), _ criterion: Criterion,
    selected: [RecordedCell]
  ) -> Finding {
    let arm = planted.change.arm ?? criterion.arm
    if !planted.change.settings.isEmpty {
      let broken = Set(selected.map(\.id))
      let controls = cells.filter { cell in
        cell.control == planted.name && cell.controls.map { broken.contains($0) } ?? true
      }
      return finding(for: criterion, arm: arm, cells: controls)
    }
    guard planted.change.arm != nil else {
      return .missing("the criterion names neither an arm nor a setting to break", arm: arm)
    }
    return finding(for: criterion, arm: arm, cells: selected)
  }

  private func finding(for criterion: Criterion, arm: String, cells: [RecordedCell]) -> Finding {
    guard !cells.isEmpty else { return .missing("no cell of the record is selected", arm: arm) }
    switch criterion.scope {
    case .pooled:
      return bench.judge(criterion, arm: arm, cells: cells).finding(arm: arm, worst: nil)
    case .every:
      return Self.together(
        cells.map { ($0, bench.judge(criterion, arm: arm, cells: [$0])) }, arm: arm)
    }
  }

  /// One finding for cells that were judged one by one: that of the worst.
  private static func together(
    _ judged: [(cell: RecordedCell, judgement: CellJudgement)], arm: String
  ) -> Finding {
    let missing = judged.reduce(0) { $0 + $1.judgement.missing }
    let worst = judged.dropFirst().reduce(judged.first) { worst, next in
      guard let worst else { return next }
      return next.judgement.isWorse(than: worst.judgement) ? next : worst
    }
    guard let worst else { return .missing("no cell of the record is selected", arm: arm) }
    var finding = worst.judgement.finding(
      arm: arm, worst: .init(id: worst.cell.id, coordinates: worst.cell.coordinates))
    finding.cells = judged.count
    finding.missing = missing
    let alike = judged.count { $0.judgement.verdict == worst.judgement.verdict }
    if judged.count > 1, worst.judgement.verdict != .pass {
      finding.reason += "; so in \(alike) of \(judged.count) cells"
    }
    if worst.judgement.verdict == .fail, missing > 0 {
      finding.reason += "; \(missing) values are missing as well"
    }
    return finding
  }
}

extension Finding {
  /// What is said when there is nothing to look at.
  static func missing(_ reason: String, arm: String) -> Finding {
    Finding(
      verdict: .missing, reason: reason, figure: nil, interval: nil, count: 0, reference: nil,
      arm: arm, worst: nil, cells: 0, missing: 0)
  }
}
