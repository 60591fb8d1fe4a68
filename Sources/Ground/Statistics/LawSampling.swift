// Draws from every law: the hot path of simulators, without GSL and without allocation.
public import Glibc
public import LabCore

extension Law {
  /// A draw from the law.
  ///
  /// The stream alone is the state: nothing is remembered between two draws. The law is sound (see
  /// ``problems()``); of another law the number means nothing, but drawing is safe.
  /// - Complexity: Constant, plus the number of components for a mixture; allocates nothing.
  /// - Determinism: The stream's state fixes the draw, up to the last bit of the machine's `log`,
  ///   `exp` and `pow`.
  @inlinable
  public func sample(_ random: inout RandomStream) -> Double {
    switch self {
    case .exponential(let mean): return random.exponential(mean: mean)
    case .constant(let value): return value
    case .uniform(let low, let high): return low + (high - low) * random.unit()
    case .normal(let mean, let deviation): return mean + deviation * random.standardNormal()
    case .lognormal(let median, let sigma): return median * exp(sigma * random.standardNormal())
    case .gamma(let shape, let scale): return scale * random.standardGamma(shape: shape)
    case .weibull(let shape, let scale): return scale * pow(random.exponential(mean: 1), 1 / shape)
    case .pareto(let minimum, let tailIndex):
      return minimum * exp(random.exponential(mean: 1 / tailIndex))
    case .empirical(let sample): return sample.values[random.below(sample.values.count)]
    case .mixture(let parts): return Law.sample(parts, &random)
    case .shifted(let offset, let law): return offset + law.sample(&random)
    }
  }

  /// Chooses a component by weight and draws from it.
  @inlinable
  static func sample(_ parts: [WeightedLaw], _ random: inout RandomStream) -> Double {
    var remaining = random.unit() * parts.totalWeight
    for part in parts.dropLast() {
      if remaining < part.weight { return part.law.sample(&random) }
      remaining -= part.weight
    }
    return parts.last?.law.sample(&random) ?? .nan
  }
}

extension RandomStream {
  /// A gamma draw with scale 1.
  ///
  /// - Parameter shape: A positive number; for any other the result is NaN.
  /// > Source: Marsaglia and Tsang, *A Simple Method for Generating Gamma Variables*, ACM TOMS
  /// > 26(3), 2000; shapes below 1 by their boost: a draw of shape + 1, times a uniform to the
  /// > power 1 / shape.
  public mutating func standardGamma(shape: Double) -> Double {
    guard shape > 0 else { return .nan }
    if shape < 1 { return standardGamma(shape: shape + 1) * pow(positiveUnit(), 1 / shape) }
    let centre = shape - 1.0 / 3
    let spread = 1 / (9 * centre).squareRoot()
    while true {
      let normal = standardNormal()
      let root = 1 + spread * normal
      guard root > 0 else { continue }
      let cube = root * root * root
      let square = normal * normal
      let uniform = positiveUnit()
      if uniform < 1 - 0.0331 * square * square { return centre * cube }
      if log(uniform) < 0.5 * square + centre * (1 - cube + log(cube)) { return centre * cube }
    }
  }
}
