// The clock that an experiment may time its subject by.

public import LabCore

/// Measures the processor time of this process, for timed metrics of trials in real time.
///
/// An experiment whose trials may run beside others has no use for it: they would be charged to it.
public struct ProcessorWatch: Sendable {
  private let beginning: Instant

  /// Begins to measure.
  public init() { beginning = Stopwatch.processor() }

  /// Processor time of all threads since the beginning.
  public var elapsed: LabCore.Duration { Stopwatch.processor() - beginning }
}
