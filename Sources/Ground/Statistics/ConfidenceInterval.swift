/// A range that covers the true value with a stated confidence, around an estimate.
public struct ConfidenceInterval: Hashable, Sendable {
  /// The value computed from the sample.
  public let estimate: Double
  /// The lower end.
  public let low: Double
  /// The upper end.
  public let high: Double
  /// How often, over many samples, such a range covers the true value: above 0 and below 1.
  public let confidence: Double

  /// Puts a range together.
  public init(estimate: Double, low: Double, high: Double, confidence: Double) {
    self.estimate = estimate
    self.low = low
    self.high = high
    self.confidence = confidence
  }

  /// Whether the range covers a value; its ends belong to it.
  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}

/// Which departures from the null hypothesis count.
public enum Alternative: Hashable, Sendable, CaseIterable {
  /// In either direction.
  case twoSided
  /// The first is smaller than the second, or than the reference.
  case less
  /// The first is greater than the second, or than the reference.
  case greater
}
