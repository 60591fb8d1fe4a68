// Metrics that nobody needs to be trusted with.

public import LabManifest

/// A metric that the runner measures itself, in the same way for every arm.
///
/// An experiment has one by listing its ``description`` among its metrics; neither the experiment
/// nor a program from outside may record it.
public enum RunnerMetric: String, Hashable, Sendable, CaseIterable {
  /// Processor time of the whole trial, with all that comes before and after the measured part.
  case cpuSeconds = "cpu_seconds"
  /// The most memory that the process which ran the trial held meanwhile.
  case peakBytes = "peak_bytes"

  /// The metric as experiments list it.
  public var description: MetricDescription {
    switch self {
    case .cpuSeconds:
      MetricDescription(
        rawValue, .ceiling, unit: "s", .lower,
        "Processor time of the whole trial, as the runner measures it; of a program from outside "
          + "with that of the children that it waited for.")
    case .peakBytes:
      MetricDescription(
        rawValue, .ceiling, unit: "B", .lower,
        "The most memory that the process held during the trial, as the runner measures it; of a "
          + "program from outside without its children.")
    }
  }
}
