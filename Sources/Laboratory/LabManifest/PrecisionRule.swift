// When a cell may stop repeating.

public import LabCore

/// A precision at which a cell stops repeating before all its repetitions have run.
public struct PrecisionRule: Hashable, Sendable {
  /// The metric whose mean is to be known in every arm.
  public var metric: String
  /// The half-width of the interval that is small enough, as a share of the mean; above 0.
  public var relative: Ratio
  /// How often the interval is to cover the truth; above 0 and below 1.
  public var confidence: Ratio

  /// Describes a rule.
  public init(metric: String, relative: Ratio, confidence: Ratio = .percent(95)) {
    self.metric = metric
    self.relative = relative
    self.confidence = confidence
  }
}

/// Reads the `precision` of a manifest.
struct PrecisionReader {
  let experiment: ExperimentDescription
  /// The metrics that are kept.
  let measures: [MetricDescription]

  /// The rule; `nil` after a report.
  func rule(_ reader: StrictReader) -> PrecisionRule? {
    guard let fields = reader.fields(ManifestKeys.precision) else { return nil }
    let metric = fields.read("metric", metric)
    let relative = fields.read("relative") { share($0, of: "a share above 0%") }
    let confidence = fields.read("confidence", default: .percent(95)) {
      share($0, of: "a share above 0% and below 100%", below: 1)
    }
    guard let metric, let relative, let confidence else { return nil }
    return PrecisionRule(metric: metric.name, relative: relative, confidence: confidence)
  }

  private func metric(_ reader: StrictReader) -> MetricDescription? {
    guard let metric = reader.metric(of: experiment, kept: measures) else { return nil }
    guard metric.unit != "hash", metric.unit != "histogram" else {
      let kind = metric.unit == "hash" ? "fingerprint" : "histogram"
      reader.report(
        "manifest.precision",
        "'\(metric.name)' is a \(kind), which has no "
          + "mean of its own; a metric of plain numbers was expected; name another")
      return nil
    }
    return metric
  }

  private func share(
    _ reader: StrictReader, of expected: String, below limit: Double = .infinity
  ) -> Ratio? {
    guard let ratio = reader.ratio() else { return nil }
    guard ratio.value > 0, ratio.value < limit else {
      reader.outOfRange(reader.tree.text ?? "", expected)
      return nil
    }
    return ratio
  }
}
