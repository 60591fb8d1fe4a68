// Density, cumulative probability and quantile of every law; the continuous ones through GSL.
import CGSL

extension Law {
  /// The density at a point.
  ///
  /// - Throws: ``StatisticsError/noDensity`` for laws with weight on single points,
  ///   ``StatisticsError/invalidLaw(problems:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for NaN.
  public func density(_ x: Double) throws(StatisticsError) -> Double {
    _ = try validated()
    try requireNumber(x)
    return x.isInfinite ? 0 : try densityOfSound(x)
  }

  /// The chance that a draw is at most `x`.
  ///
  /// - Throws: ``StatisticsError/invalidLaw(problems:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for NaN.
  public func cumulative(_ x: Double) throws(StatisticsError) -> Double {
    _ = try validated()
    try requireNumber(x)
    return x.isInfinite ? (x > 0 ? 1 : 0) : try cumulativeOfSound(x)
  }

  /// The smallest value that a draw exceeds with a chance of at most 1 − `probability`.
  ///
  /// At 0 and 1 it is the end of the law's support, which may be infinite.
  /// - Parameter probability: A number from 0 to 1.
  /// - Throws: ``StatisticsError/invalidLaw(problems:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)``,
  ///   ``StatisticsError/gsl(_:)`` when the library's inversion does not converge.
  public func quantile(_ probability: Double) throws(StatisticsError) -> Double {
    _ = try validated()
    try requireProbability(probability)
    return try quantileOfSound(probability)
  }

  private func requireNumber(_ x: Double) throws(StatisticsError) {
    guard !x.isNaN else { throw .outOfRange(argument: "x", value: x, expected: "a number") }
  }

  private func densityOfSound(_ x: Double) throws(StatisticsError) -> Double {
    switch self {
    case .constant, .empirical: throw .noDensity
    case .uniform(let low, let high):
      return try GSL.value("gsl_ran_flat_pdf") { gsl_ran_flat_pdf(x, low, high) }
    case .exponential(let mean):
      return try GSL.value("gsl_ran_exponential_pdf") { gsl_ran_exponential_pdf(x, mean) }
    case .normal(let mean, let deviation):
      return try GSL.value("gsl_ran_gaussian_pdf") { gsl_ran_gaussian_pdf(x - mean, deviation) }
    case .lognormal(let median, let sigma):
      return try GSL.value("gsl_ran_lognormal_pdf") {
        x > 0 ? gsl_ran_lognormal_pdf(x / median, 0, sigma) / median : 0
      }
    case .gamma(let shape, let scale):
      return try GSL.value("gsl_ran_gamma_pdf") { gsl_ran_gamma_pdf(x, shape, scale) }
    case .weibull(let shape, let scale):
      return try GSL.value("gsl_ran_weibull_pdf") { gsl_ran_weibull_pdf(x, scale, shape) }
    case .pareto(let minimum, let tailIndex):
      return try GSL.value("gsl_ran_pareto_pdf") { gsl_ran_pareto_pdf(x, tailIndex, minimum) }
    case .mixture(let parts):
      let total = parts.totalWeight
      var sum = 0.0
      for part in parts { sum += part.weight / total * (try part.law.densityOfSound(x)) }
      return sum
    case .shifted(let offset, let law): return try law.densityOfSound(x - offset)
    }
  }

  private func cumulativeOfSound(_ x: Double) throws(StatisticsError) -> Double {
    switch self {
    case .constant(let value): return x < value ? 0 : 1
    case .empirical(let sample): return sample.fraction(atMost: x)
    case .uniform(let low, let high):
      return try GSL.value("gsl_cdf_flat_P") { gsl_cdf_flat_P(x, low, high) }
    case .exponential(let mean):
      return try GSL.value("gsl_cdf_exponential_P") { gsl_cdf_exponential_P(x, mean) }
    case .normal(let mean, let deviation):
      return try GSL.value("gsl_cdf_gaussian_P") { gsl_cdf_gaussian_P(x - mean, deviation) }
    case .lognormal(let median, let sigma):
      return try GSL.value("gsl_cdf_lognormal_P") {
        x > 0 ? gsl_cdf_lognormal_P(x / median, 0, sigma) : 0
      }
    case .gamma(let shape, let scale):
      return try GSL.value("gsl_cdf_gamma_P") { gsl_cdf_gamma_P(x, shape, scale) }
    case .weibull(let shape, let scale):
      return try GSL.value("gsl_cdf_weibull_P") { x > 0 ? gsl_cdf_weibull_P(x, scale, shape) : 0 }
    case .pareto(let minimum, let tailIndex):
      return try GSL.value("gsl_cdf_pareto_P") { gsl_cdf_pareto_P(x, tailIndex, minimum) }
    case .mixture(let parts):
      let total = parts.totalWeight
      var sum = 0.0
      for part in parts { sum += part.weight / total * (try part.law.cumulativeOfSound(x)) }
      return min(sum, 1)
    case .shifted(let offset, let law): return try law.cumulativeOfSound(x - offset)
    }
  }

  private func quantileOfSound(_ p: Double) throws(StatisticsError) -> Double {
    switch self {
    case .constant(let value): return value
    case .empirical(let sample): return sample.value(coveringFraction: p)
    case .uniform(let low, let high):
      return try GSL.value("gsl_cdf_flat_Pinv") { gsl_cdf_flat_Pinv(p, low, high) }
    case .exponential(let mean):
      return try GSL.value("gsl_cdf_exponential_Pinv") { gsl_cdf_exponential_Pinv(p, mean) }
    case .normal(let mean, let deviation):
      return mean
        + (try GSL.value("gsl_cdf_gaussian_Pinv") { gsl_cdf_gaussian_Pinv(p, deviation) })
    case .lognormal(let median, let sigma):
      return median
        * (try GSL.value("gsl_cdf_lognormal_Pinv") { gsl_cdf_lognormal_Pinv(p, 0, sigma) })
    case .gamma(let shape, let scale):
      return try GSL.value("gsl_cdf_gamma_Pinv") { gsl_cdf_gamma_Pinv(p, shape, scale) }
    case .weibull(let shape, let scale):
      return try GSL.value("gsl_cdf_weibull_Pinv") { gsl_cdf_weibull_Pinv(p, scale, shape) }
    case .pareto(let minimum, let tailIndex):
      return try GSL.value("gsl_cdf_pareto_Pinv") { gsl_cdf_pareto_Pinv(p, tailIndex, minimum) }
    case .mixture(let parts): return try mixtureQuantile(p, parts)
    case .shifted(let offset, let law): return offset + (try law.quantileOfSound(p))
    }
  }

  /// Halves the range that the components' own quantiles span, down to neighbouring doubles.
  private func mixtureQuantile(
    _ p: Double, _ parts: [WeightedLaw]
  ) throws(StatisticsError) -> Double {
    var low = Double.infinity
    var high = -Double.infinity
    for part in parts {
      let quantile = try part.law.quantileOfSound(p)
      low = min(low, quantile)
      high = max(high, quantile)
    }
    if p == 0 { return low }
    guard p < 1, try cumulativeOfSound(low) < p else { return p < 1 ? low : high }
    while true {
      let middle = low / 2 + high / 2
      guard middle > low, middle < high else { return high }
      if try cumulativeOfSound(middle) < p { low = middle } else { high = middle }
    }
  }
}
