public import LabManifest

/// A criterion with what the record says of it and of its negative control.
///
/// **The control rule.** A criterion that cannot fail proves nothing, so each one is judged twice:
/// on the subject, and on a planted break (or mending) of it. ``verdict`` is `pass` or `fail` only
/// when the second judgement is the opposite of the first. Where the control did not flip the
/// verdict, ``verdict`` is `inconclusive`, whatever the figure is; ``subject`` keeps what would
/// have been said without the rule.
public struct CriterionOutcome: Hashable, Sendable {
  /// The manifest's id.
  public var experiment: String
  /// What was judged, as the manifest states it.
  public var criterion: Criterion
  /// The verdict after the control rule.
  public var verdict: CriterionVerdict
  /// Why the verdict is what it is, in words.
  public var reason: String
  /// The bar in words and numbers.
  public var bar: String
  /// The unit of the figures: `s`, `B`, `1` for none, `×` for a ratio of arms.
  public var unit: String
  /// What the criterion's own arm and cells show.
  public var subject: Finding
  /// What was broken or mended for the second judgement: the criterion's control, or its repair.
  public var change: Criterion.Control
  /// What that shows.
  public var control: Finding
  /// Whether the control turned a pass into a failure or a failure into a pass.
  public var flipped: Bool

  /// The name by which claims refer to it: `experiment/criterion`.
  public var name: String { "\(experiment)/\(criterion.id)" }

  /// Makes an outcome from its parts.
  public init(
    experiment: String, criterion: Criterion, verdict: CriterionVerdict, reason: String,
    bar: String, unit: String, subject: Finding, change: Criterion.Control, control: Finding,
    flipped: Bool
  ) {
    self.experiment = experiment
    self.criterion = criterion
    self.verdict = verdict
    self.reason = reason
    self.bar = bar
    self.unit = unit
    self.subject = subject
    self.change = change
    self.control = control
    self.flipped = flipped
  }
}

/// What the record shows for one arm in the cells that a criterion selects, before the control
/// rule.
public struct Finding: Hashable, Sendable {
  /// The verdict over all judged cells.
  public var verdict: CriterionVerdict
  /// Why, in words.
  public var reason: String
  /// The figure of the worst cell, or of all cells pooled; `nil` when it cannot be computed.
  public var figure: Double?
  /// The 95 % interval of the figure; `nil` where there is none.
  public var interval: ClosedRange<Double>?
  /// How many values went into the figure.
  public var count: Int
  /// What the figure is held against, where that comes from the record too: the reference metric's
  /// mean for `matches`.
  public var reference: Double?
  /// The arm that was judged.
  public var arm: String
  /// The worst cell: the one nearest to failing or furthest beyond; `nil` when all are pooled.
  public var worst: WorstCell?
  /// How many cells were judged.
  public var cells: Int
  /// How many of the needed values are not in the record, over all judged cells.
  public var missing: Int

  /// Makes a finding from its parts.
  public init(
    verdict: CriterionVerdict, reason: String, figure: Double?, interval: ClosedRange<Double>?,
    count: Int, reference: Double?, arm: String, worst: WorstCell?, cells: Int, missing: Int
  ) {
    self.verdict = verdict
    self.reason = reason
    self.figure = figure
    self.interval = interval
    self.count = count
    self.reference = reference
    self.arm = arm
    self.worst = worst
    self.cells = cells
    self.missing = missing
  }

  /// The cell that a finding over several cells reports.
  public struct WorstCell: Hashable, Sendable {
    /// The cell's id.
    public var id: String
    /// The swept keys with their values.
    public var coordinates: [Cell.Coordinate]

    /// Names a cell.
    public init(id: String, coordinates: [Cell.Coordinate]) {
      self.id = id
      self.coordinates = coordinates
    }

    /// The coordinates in one line, or the id of a cell that has none.
    public var description: String {
      guard !coordinates.isEmpty else { return id }
      return coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
  }
}
