/// What a paired comparison says of the second program.
public enum ComparisonVerdict: String, Hashable, Sendable, CaseIterable {
  /// It is slower, and by more than the margin as far as the estimate goes.
  case regressed
  /// It is faster, and by more than the margin as far as the estimate goes.
  case improved
  /// It differs by less than the margin.
  case pass
  /// Nobody can say yet, or the measurement is not to be trusted.
  case inconclusive
}
