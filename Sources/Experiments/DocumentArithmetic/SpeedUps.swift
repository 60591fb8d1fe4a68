// What the document says of speed: the latencies before and after, and the ratio between them.

extension DocumentFigures {
  /// The speed-ups that the stated latencies allow: from the least latency before over the greatest
  /// after, to the greatest before over the least after.
  ///
  /// > Latency reduced from 100-500ms to 20-50ms (5-10x faster)
  func allowedSpeedUps() throws(DocumentProblem) -> ClosedRange<Double> {
    let before = try range("latency-before-low", "latency-before-high")
    let after = try range("latency-after-low", "latency-after-high")
    let least = try divisor("latency-after-low")
    return before.lowerBound / after.upperBound...before.upperBound / least
  }
}
