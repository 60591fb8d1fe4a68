// Judges blocks of a paired comparison.

public import LabRecord
public import Statistics

/// Says of a program whether it is slower than another.
///
/// The program *regressed* when the interval of the ratio lies above 1 and the ratio above 1 plus
/// the margin; it *improved* when both lie on the other side; it *passes* when the whole interval
/// lies within the margin around 1. Anything else asks for more blocks. A shift of twice the margin
/// is found as soon as the interval reaches no further than the margin, and equal programs are
/// called different with less than half the error, because both the interval and the ratio would
/// have to be wrong.
///
/// Whatever the ratio is, the verdict is *inconclusive* when the control, the base against itself
/// in the same blocks, shows that the measurement is not to be trusted: its interval leaves 1 out,
/// or reaches further than the margin and further than half of the shift that was found. (A shift
/// far beyond what the base differs from itself is no less clear where the margin is narrow.)
public struct ComparisonJudge: Hashable, Sendable {
  /// What is too little to matter, as a share of the base's time: above 0.
  public let margin: Double
  /// When blocks are judged, and with what confidence.
  public let schedule: LookSchedule
  /// What all looks at the control may be wrong with.
  ///
  /// A control that is wrongly distrusted costs a verdict, so its error is smaller than the other.
  static let controlError = 0.01
  /// What all looks at the ratio may be wrong with, of both sides.
  public static let error = 0.05

  private let controlSchedule: LookSchedule

  /// Makes a judge.
  ///
  /// - Parameters:
  ///   - margin: The share that is too little to matter.
  ///   - blocks: The most blocks that there will be.
  public init(margin: Double, blocks: Int) {
    self.init(margin: margin, schedule: LookSchedule(blocks: blocks, error: Self.error))
  }

  /// Makes a judge that looks when a schedule says.
  public init(margin: Double, schedule: LookSchedule) {
    self.margin = margin
    self.schedule = schedule
    controlSchedule = LookSchedule(looks: schedule.looks, error: Self.controlError)
  }

  /// Judges the blocks up to the last look.
  ///
  /// - Parameter isLast: Whether no more blocks can come. Where the planned looks have decided
  ///   nothing, all blocks are then looked at with the error that is left.
  /// - Returns: `nil` before the first look.
  /// - Throws: `StatisticsError` for times that are not above 0.
  public func judge(
    _ blocks: [ComparisonBlock], isLast: Bool = false
  ) throws(StatisticsError) -> ComparisonJudgement? {
    var planned: ComparisonJudgement?
    if let look = schedule.look(within: blocks.count),
      let confidence = schedule.confidence(at: look),
      let controlConfidence = controlSchedule.confidence(at: look)
    {
      planned = try judge(Array(blocks.prefix(look)), confidence, controlConfidence)
    }
    guard isLast, planned?.isDecided != true,
      let confidence = schedule.closingConfidence(at: blocks.count),
      let controlConfidence = controlSchedule.closingConfidence(at: blocks.count)
    else { return planned }
    return try judge(blocks, confidence, controlConfidence) ?? planned
  }

  private func judge(
    _ blocks: [ComparisonBlock], _ confidence: Double, _ controlConfidence: Double
  ) throws(StatisticsError) -> ComparisonJudgement? {
    guard let head = try ShiftEstimate.ofHead(blocks, confidence: confidence),
      let control = try ShiftEstimate.ofControl(blocks, confidence: controlConfidence)
    else { return nil }
    let (verdict, reason) = verdict(of: head)
    let doubt = doubt(about: control, beside: head)
    return ComparisonJudgement(
      verdict: doubt == nil ? verdict : .inconclusive, reason: doubt ?? reason, head: head,
      control: control, controlFailed: doubt != nil, confidence: confidence,
      controlConfidence: controlConfidence, blocks: blocks.count, margin: margin)
  }

  /// What the ratio alone says.
  public func verdict(
    of head: ShiftEstimate
  ) -> (verdict: ComparisonVerdict, reason: String) {
    if !head.holdsOne, head.ratio > 1 + margin {
      return (.regressed, "the interval lies above 1 and the ratio above the margin")
    }
    if !head.holdsOne, head.ratio < 1 / (1 + margin) {
      return (.improved, "the interval lies below 1 and the ratio below the margin")
    }
    if head.interval.upperBound <= 1 + margin, head.interval.lowerBound >= 1 / (1 + margin) {
      return (.pass, "the whole interval lies within the margin")
    }
    return (.inconclusive, "the interval reaches beyond the margin and the ratio does not")
  }

  private func doubt(about control: ShiftEstimate, beside head: ShiftEstimate) -> String? {
    guard control.holdsOne else {
      return "the base differs from itself: the control's interval leaves out 1"
    }
    return control.reach <= max(margin, abs(head.ratio - 1) / 2)
      ? nil : "the base against itself is less certain than the margin; measure longer"
  }
}

/// What a judge says of some blocks.
public struct ComparisonJudgement: Hashable, Sendable {
  /// What is said.
  public var verdict: ComparisonVerdict
  /// Why, in words.
  public var reason: String
  /// The ratio of head to base.
  public var head: ShiftEstimate
  /// The ratio of the base to itself.
  public var control: ShiftEstimate
  /// Whether the control is why nothing can be said.
  public var controlFailed: Bool
  /// The confidence of the head's interval at this look.
  public var confidence: Double
  /// The confidence of the control's interval at this look.
  public var controlConfidence: Double
  /// How many blocks were looked at.
  public var blocks: Int
  /// The share that is too little to matter.
  public var margin: Double

  /// Whether further blocks could change nothing that matters.
  public var isDecided: Bool { verdict != .inconclusive }
}
