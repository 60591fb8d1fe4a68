// What a gate can say.

/// What a gate says of a metric against its baseline.
public enum GateVerdict: String, Hashable, Sendable, CaseIterable {
  /// Equal to the baseline, or shown to be within the margin.
  case pass
  /// Shown to be better than the baseline.
  case improved
  /// Shown to be worse than the baseline by more than the margin, or an exact value that differs.
  case regressed
  /// Neither shown to be within the margin nor to be beyond it.
  case inconclusive
  /// Exact or counted, and the baseline is of another class of machine.
  case incomparable
  /// In the baseline and not in the run, or its trial failed.
  case missing
  /// In the run and not in the baseline.
  case new

  /// What the verdict means, for a reader who meets it for the first time.
  public var explanation: String {
    switch self {
    case .pass:
      "the values equal the baseline's in every repetition, or the 99 % bound of the shift to the "
        + "worse side lies within the margin"
    case .improved:
      "the values are better than the baseline's beyond chance, by the whole family of gates; "
        + "`fleetlab baseline update` locks it in; it never fails"
    case .regressed:
      "an exact value differs, a counted one is worse by more than 0.2 %, or a sampled one is "
        + "worse by more than its margin beyond chance, by the whole family of gates"
    case .inconclusive:
      "the repetitions show neither that the shift is within the margin nor that it is beyond; "
        + "`fleetlab power` says how many would"
    case .incomparable:
      "the exactness keys of the run and of the baseline differ, so that exact values need not "
        + "agree; the keys are named"
    case .missing:
      "the baseline has values that the run does not have, or a trial failed; nothing is skipped"
    case .new: "the run has values that the baseline does not have; `fleetlab baseline update` adds"
    }
  }

  /// The colour of the verdict on a terminal.
  public var colour: TextTable.Colour {
    switch self {
    case .pass, .improved: .green
    case .regressed: .red
    case .inconclusive, .missing: .yellow
    case .incomparable, .new: .grey
    }
  }
}
