// A histogram as one line of text for a cell of a table or a string in JSON, and back.

extension LatencyHistogram {
  /// The histogram in one line of digits, spaces and colons: no comma, no quotation mark.
  ///
  /// `lh1 <digits> <count> <min> <max> <sum> <bucket>:<count> …`, with every bucket that is not
  /// empty, in ascending order, as its distance from the one before. An empty histogram ends after
  /// the digits. Reading the text gives an equal histogram, and equal histograms give equal texts.
  public var text: String {
    guard let min, let max else { return "\(HistogramLine.mark) \(significantDigits)" }
    var text = "\(HistogramLine.mark) \(significantDigits) \(count) \(min) \(max) \(sum)"
    var previous = 0
    for (index, bucket) in buckets.enumerated() where bucket > 0 {
      text += " \(index - previous):\(bucket)"
      previous = index
    }
    return text
  }

  /// Reads what ``text`` wrote.
  ///
  /// A text whose parts contradict each other (count, extremes or sum against the buckets) is
  /// refused, so that a mended or truncated one does not pass for a record.
  /// - Throws: ``LatencyHistogramError/malformedText(reason:)``,
  ///   ``LatencyHistogramError/unsupportedDigits(_:)``.
  /// - Complexity: One pass; a text longer than 28 bytes a bucket is refused unread.
  public init(text: String) throws(LatencyHistogramError) {
    let line = try HistogramLine(text)
    try self.init(significantDigits: line.digits)
    try merge(line)
  }

  /// Adds everything that a histogram has recorded of which there is only the text.
  ///
  /// - Throws: As ``init(text:)`` and ``merge(_:)``; then nothing is added.
  /// - Complexity: One pass over the text; buckets that it does not name cost nothing.
  public mutating func merge(text: String) throws(LatencyHistogramError) {
    try merge(HistogramLine(text))
  }

  /// Adds the histogram of a text to those that are pooled already, if there are any.
  ///
  /// - Parameter pooled: `nil` before the first text, whose precision the others must have.
  /// - Throws: As ``merge(text:)``; then nothing is added.
  public static func pool(
    _ text: String, into pooled: inout LatencyHistogram?
  ) throws(LatencyHistogramError) {
    if pooled == nil {
      pooled = try LatencyHistogram(text: text)
    } else {
      try pooled?.merge(text: text)
    }
  }

  /// Refuses exactly the texts that ``init(text:)`` refuses, without making a histogram.
  ///
  /// - Throws: As ``init(text:)``.
  public static func check(text: String) throws(LatencyHistogramError) {
    _ = try HistogramLine(text)
  }

  private mutating func merge(_ line: HistogramLine) throws(LatencyHistogramError) {
    try merge(
      digits: line.digits, count: line.count, extremes: line.extremes, sum: line.sum,
      buckets: line.buckets)
  }
}
