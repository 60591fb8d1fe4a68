/// A probability law of the field, over plain doubles; the caller knows the unit.
///
/// Anybody can write a case with impossible parameters (they come from manifests); ``problems()``
/// names them all, and every function that computes refuses such a law with an error. Only
/// ``sample(_:)`` does not look: whoever draws has validated.
public enum Law: Hashable, Sendable {
  /// Always the same value.
  case constant(Double)
  /// Equal density between two bounds.
  case uniform(low: Double, high: Double)
  /// Waiting times without memory; the rate is 1 / `mean`.
  case exponential(mean: Double)
  /// The bell curve.
  case normal(mean: Double, standardDeviation: Double)
  /// A value whose logarithm is normal with mean log(`median`) and standard deviation `sigma`.
  ///
  /// `sigma` is the shape: e^`sigma` is the factor from the median to the 84th percentile.
  case lognormal(median: Double, sigma: Double)
  /// Density x^(shape − 1) e^(−x / scale); the mean is shape × scale.
  case gamma(shape: Double, scale: Double)
  /// Exceedance e^(−(x / scale)^shape).
  case weibull(shape: Double, scale: Double)
  /// Exceedance (minimum / x)^tailIndex for x ≥ minimum; the smaller the index, the heavier the
  /// tail.
  case pareto(minimum: Double, tailIndex: Double)
  /// One of the values of a sample, each with the same chance.
  case empirical(SortedSample)
  /// One of several laws, chosen by weight.
  case mixture([WeightedLaw])
  /// A law moved to the right: a minimum plus an excess.
  indirect case shifted(by: Double, Law)

  /// A mixture from pairs of a weight and a law.
  public static func mixture(_ parts: [(weight: Double, law: Law)]) -> Law {
    .mixture(parts.map { WeightedLaw(weight: $0.weight, law: $0.law) })
  }
}

/// One component of a mixture.
public struct WeightedLaw: Hashable, Sendable {
  /// How often the law is chosen, relative to the sum of all weights; positive.
  public var weight: Double
  /// The law that is then drawn from.
  public var law: Law

  /// Gives a law a weight.
  @inlinable public init(weight: Double, law: Law) {
    self.weight = weight
    self.law = law
  }
}

extension Law {
  /// What is impossible about the parameters, one sentence each; empty when the law is sound.
  ///
  /// - Complexity: Linear in the number of laws in the tree; allocates nothing for a sound law.
  public func problems() -> [String] {
    switch self {
    case .constant(let value): return finite("constant: value", value)
    case .uniform(let low, let high):
      let bounds = finite("uniform: low", low) + finite("uniform: high", high)
      guard bounds.isEmpty, low >= high || !(high - low).isFinite else { return bounds }
      return [
        "uniform: low is \(low) and high is \(high); low below high by a finite width was "
          + "expected; "
          + "change one"
      ]
    case .exponential(let mean): return positive("exponential: mean", mean)
    case .normal(let mean, let deviation):
      return finite("normal: mean", mean) + positive("normal: standard deviation", deviation)
    case .lognormal(let median, let sigma):
      return positive("lognormal: median", median) + positive("lognormal: sigma", sigma)
    case .gamma(let shape, let scale):
      return positive("gamma: shape", shape) + positive("gamma: scale", scale)
    case .weibull(let shape, let scale):
      return positive("weibull: shape", shape) + positive("weibull: scale", scale)
    case .pareto(let minimum, let tailIndex):
      return positive("pareto: minimum", minimum) + positive("pareto: tail index", tailIndex)
    case .empirical: return []
    case .mixture(let parts): return mixtureProblems(parts)
    case .shifted(let offset, let law): return finite("shifted: offset", offset) + law.problems()
    }
  }

  /// The law itself when it is sound.
  ///
  /// - Throws: ``StatisticsError/invalidLaw(problems:)`` with every problem.
  public func validated() throws(StatisticsError) -> Law {
    let problems = problems()
    guard problems.isEmpty else { throw .invalidLaw(problems: problems) }
    return self
  }

  private func mixtureProblems(_ parts: [WeightedLaw]) -> [String] {
    if parts.isEmpty {
      return ["mixture: there is no component; at least one was expected; add a weight and a law"]
    }
    var problems: [String] = []
    for part in parts {
      problems += positive("mixture: weight", part.weight) + part.law.problems()
    }
    if problems.isEmpty, !parts.totalWeight.isFinite {
      problems.append("mixture: the weights add up to infinity; scale them down")
    }
    return problems
  }

  private func finite(_ name: String, _ value: Double) -> [String] {
    value.isFinite ? [] : ["\(name) is \(value); a finite number was expected; change it"]
  }

  private func positive(_ name: String, _ value: Double) -> [String] {
    value.isFinite && value > 0
      ? [] : ["\(name) is \(value); a finite number above 0 was expected; change it"]
  }
}

extension [WeightedLaw] {
  /// The sum of all weights.
  @inlinable var totalWeight: Double {
    var total = 0.0
    for part in self { total += part.weight }
    return total
  }
}
