/// What a record says of a criterion.
public enum CriterionVerdict: String, Hashable, Sendable, CaseIterable {
  /// The whole interval reaches the bar, and the negative control turned the verdict over.
  case pass
  /// The whole interval misses the bar, and the negative control turned the verdict over.
  case fail
  /// The interval holds the bar, no interval can be given, or the control did not turn the verdict
  /// over.
  case inconclusive
  /// Values that the criterion needs are not in the record.
  case missing

  /// What the verdict means, for a reader who meets it for the first time.
  public var explanation: String {
    switch self {
    case .pass:
      "the 95 % interval of the figure lies wholly on the right side of the bar (or the figure "
        + "itself, where repetitions do not differ or the statistic has no interval), and the "
        + "negative control, a planted break, made the same criterion fail"
    case .fail:
      "the 95 % interval of the figure lies wholly on the wrong side of the bar, and the negative "
        + "control, a planted mending, made the same criterion pass"
    case .inconclusive:
      "the record does not decide: the interval holds the bar, too few repetitions give no "
        + "interval, or the negative control did not flip the verdict, so that the criterion is "
        + "not proved able to fail"
    case .missing:
      "values that the criterion needs are not in the record, because trials failed, ran out of "
        + "time or memory, or left the metric out; nothing is skipped and nothing counts as zero"
    }
  }
}
