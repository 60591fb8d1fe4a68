// Values of known laws, for the gate to judge.
import LabCore
import Statistics

/// A law with mean 1 before any shift.
enum SyntheticLaw: String, CaseIterable {
  /// Normal with the bench's spread.
  case normal
  /// Lognormal with sigma 0.5.
  case lognormal
  /// Poisson counts with mean 3, as a share of 3.
  case discrete
}

/// Draws values of a law whose mean is shifted.
struct SyntheticValues {
  private static let skewed = Law.lognormal(median: 1, sigma: 0.5)
  private static let skewedMean = skewed.mean
  private static let meanCount = 3.0

  var law: SyntheticLaw
  /// The standard deviation of normal values, as a share of their mean.
  var spread: Double

  /// One repetition's value.
  ///
  /// - Parameter mean: The true mean of the law.
  func draw(mean: Double, _ random: inout RandomStream) -> Double {
    switch law {
    case .normal: return mean * Law.normal(mean: 1, standardDeviation: spread).sample(&random)
    case .lognormal:
      return mean * Self.skewed.sample(&random) / Self.skewedMean
    case .discrete: return poisson(mean: mean * Self.meanCount, &random) / Self.meanCount
    }
  }

  /// A Poisson count: how many exponential gaps fit into the mean.
  private func poisson(mean: Double, _ random: inout RandomStream) -> Double {
    var (count, time) = (0.0, random.exponential(mean: 1))
    while time <= mean {
      count += 1
      time += random.exponential(mean: 1)
    }
    return count
  }
}
