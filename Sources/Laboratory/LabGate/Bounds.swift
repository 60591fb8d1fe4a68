// The accepted side of a bar.

import LabManifest

/// The figures that reach a bar.
struct Bounds {
  /// The accepted figures; its ends are accepted too.
  var accepted: ClosedRange<Double>

  /// At least a bound.
  static func atLeast(_ bound: Double) -> Bounds { Bounds(accepted: bound...Double.infinity) }
  /// At most a bound.
  static func atMost(_ bound: Double) -> Bounds { Bounds(accepted: -Double.infinity...bound) }
  /// Exactly a value.
  static func exactly(_ value: Double) -> Bounds { Bounds(accepted: value...value) }
  /// A value or at most so far from it on either side.
  static func within(_ distance: Double, of value: Double) -> Bounds {
    Bounds(accepted: value - distance...value + distance)
  }

  /// What an estimate means for the bar.
  func verdict(of estimate: Estimate) -> (verdict: CriterionVerdict, reason: String) {
    if let doubt = estimate.doubt { return (.inconclusive, doubt) }
    guard let interval = estimate.interval else {
      return accepted.contains(estimate.figure)
        ? (.pass, "the figure reaches the bar") : (.fail, "the figure misses the bar")
    }
    if accepted.contains(interval.lowerBound), accepted.contains(interval.upperBound) {
      return (.pass, "the whole interval reaches the bar")
    }
    if !accepted.overlaps(interval) { return (.fail, "the whole interval misses the bar") }
    return (.inconclusive, "the interval holds the bar")
  }

  /// How far a figure lies beyond the bar on the failing side; negative within the accepted side.
  func excess(of figure: Double) -> Double {
    guard figure.isFinite else { return -.infinity }
    return max(accepted.lowerBound - figure, figure - accepted.upperBound)
  }
}
