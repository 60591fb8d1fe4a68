// Mean and variance of every law, in closed form.
import Glibc

extension Law {
  /// The expected value; infinite for a Pareto law whose tail index is at most 1.
  ///
  /// The law is sound (see ``problems()``); of another law the number means nothing.
  public var mean: Double {
    switch self {
    case .constant(let value): return value
    case .uniform(let low, let high): return low + (high - low) / 2
    case .exponential(let mean): return mean
    case .normal(let mean, _): return mean
    case .lognormal(let median, let sigma): return median * exp(sigma * sigma / 2)
    case .gamma(let shape, let scale): return shape * scale
    case .weibull(let shape, let scale): return scale * tgamma(1 + 1 / shape)
    case .pareto(let minimum, let tailIndex):
      return tailIndex > 1 ? minimum * tailIndex / (tailIndex - 1) : .infinity
    case .empirical(let sample): return sample.mean
    case .mixture(let parts):
      let total = parts.totalWeight
      return parts.reduce(0) { $0 + $1.weight / total * $1.law.mean }
    case .shifted(let offset, let law): return offset + law.mean
    }
  }

  /// The expected squared distance from the mean; infinite for a Pareto law whose tail index is at
  /// most 2.
  ///
  /// An empirical law is a whole population, so its variance divides by n. The law is sound (see
  /// ``problems()``); of another law the number means nothing.
  public var variance: Double {
    switch self {
    case .constant: return 0
    case .uniform(let low, let high): return (high - low) * (high - low) / 12
    case .exponential(let mean): return mean * mean
    case .normal(_, let deviation): return deviation * deviation
    case .lognormal(let median, let sigma):
      let square = sigma * sigma
      return median * median * exp(square) * expm1(square)
    case .gamma(let shape, let scale): return shape * scale * scale
    case .weibull(let shape, let scale):
      let first = tgamma(1 + 1 / shape)
      return scale * scale * (tgamma(1 + 2 / shape) - first * first)
    case .pareto(let minimum, let tailIndex):
      guard tailIndex > 2 else { return .infinity }
      let below = tailIndex - 1
      return minimum * minimum * tailIndex / (below * below * (tailIndex - 2))
    case .empirical(let sample): return sample.populationVariance
    case .mixture(let parts): return mixtureVariance(parts)
    case .shifted(_, let law): return law.variance
    }
  }

  /// The law of total variance: the mean of the variances plus the variance of the means.
  private func mixtureVariance(_ parts: [WeightedLaw]) -> Double {
    let centre = mean
    guard centre.isFinite else { return .infinity }
    let total = parts.totalWeight
    return parts.reduce(0) { sum, part in
      let distance = part.law.mean - centre
      return sum + part.weight / total * (part.law.variance + distance * distance)
    }
  }
}
