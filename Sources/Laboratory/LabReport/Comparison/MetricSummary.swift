// What the repetitions of one metric come to, in a number and in words.

import LabGate
import LabManifest
import LabRecord
import Statistics

/// The figure of a metric of one arm in one cell.
struct MetricSummary: Hashable {
  /// The mean over trials; of a latency histogram the pooled median, in seconds.
  var figure: Double
  /// The 95 % interval of a mean; `nil` where there is none.
  var interval: ClosedRange<Double>?
  /// How many trials went in.
  var count: Int
  /// The figure with its interval and unit; of fingerprints how many differ.
  var text: String

  /// Summarises trials.
  ///
  /// - Returns: `nil` when no trial has a value.
  init?(_ trials: [MeasurementIndex.TrialValues], of metric: MetricDescription) throws {
    let complete = trials.filter(\.isComplete)
    guard !complete.isEmpty else { return nil }
    count = complete.count
    switch metric.unit {
    case "hash":
      let words = complete.flatMap(\.values).compactMap { $0?.text }
      let first = words.first ?? ""
      let different = Set(words).count
      figure = .nan
      text = different > 1 ? "\(first) and \(different - 1) others" : first
    case "histogram":
      var pooled: LatencyHistogram?
      for case .histogram(let line) in complete.flatMap(\.values) {
        try LatencyHistogram.pool(line, into: &pooled)
      }
      guard let pooled, pooled.count > 0 else { return nil }
      let (median, tail) = (try pooled.quantile(0.5), try pooled.quantile(0.99))
      figure = Double(median) / 1e9
      text =
        "\(FigureText.quantity(figure, unit: "s")), p99 "
        + FigureText.quantity(Double(tail) / 1e9, unit: "s")
    default:
      let values = complete.compactMap { TrialMean.of($0) }
      guard !values.isEmpty else { return nil }
      let summary = try MeanInterval(values)
      figure = summary.mean
      interval = summary.interval
      text = FigureText.figure(figure, interval: interval, unit: metric.unit)
    }
    let missing = trials.count - complete.count
    if missing > 0 { text += " (\(missing) of \(trials.count) missing)" }
  }
}
