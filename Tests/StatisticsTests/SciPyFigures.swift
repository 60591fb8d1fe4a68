// The figures of SciPy that stand beside the tests; Fixtures/make_fixtures.py wrote them.
import Foundation
import Statistics

struct SciPyFigures: Decodable {
  struct LawFigures: Decodable {
    let name: String
    let parameters: [Double]
    let probabilities, quantiles, densities, cumulatives: [Double]
    let mean, variance: Double?
  }
  struct QuantileFigures: Decodable {
    let sample, probabilities, quantiles: [Double]
    let mean: Double
    let deviation: Double?
  }
  struct MannWhitneyFigures: Decodable {
    let first, second: [Double]
    let exact: Bool
    let statistic, twoSided, less, greater: Double
  }
  struct KolmogorovFigures: Decodable {
    let count: Int
    let distance, pValue: Double
  }
  struct OneSampleFigures: Decodable {
    let sample: [Double]
    let law: String
    let parameters: [Double]
    let distance, pValue, andersonDarling: Double
  }
  struct TwoSampleFigures: Decodable {
    let first, second: [Double]
    let distance, pValue: Double
  }
  struct AndersonDarlingFigures: Decodable {
    let count: Int
    let statistic, pValue: Double
  }
  struct WilsonFigures: Decodable {
    let successes, trials: Int
    let confidence, low, high: Double
  }
  struct StudentFigures: Decodable {
    let sample: [Double]
    let confidence, low, high: Double
  }
  struct StudentQuantileFigures: Decodable {
    let freedom, probability, quantile: Double
  }
  struct SlopeFigures: Decodable {
    let x, y: [Double]
    let slope, intercept, standardError, determination, low, high: Double
  }
  struct BootstrapFigures: Decodable {
    let sample: [Double]
    let statistic: String
    let percentile, BCa: [Double]
  }
  struct PairFigures: Decodable {
    let left, right, percentile, BCa: [Double]
  }

  let laws: [LawFigures]
  let quantiles: [QuantileFigures]
  let mannWhitney: [MannWhitneyFigures]
  let kolmogorov: [KolmogorovFigures]
  let oneSample: [OneSampleFigures]
  let twoSample: [TwoSampleFigures]
  let andersonDarling: [AndersonDarlingFigures]
  let wilson: [WilsonFigures]
  let studentIntervals: [StudentFigures]
  let studentQuantiles: [StudentQuantileFigures]
  let slopes: [SlopeFigures]
  let bootstrap: [BootstrapFigures]
  let paired, strata: PairFigures

  static func load() throws -> SciPyFigures {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/scipy.json")
    return try JSONDecoder().decode(SciPyFigures.self, from: Data(contentsOf: file))
  }
}

struct UnknownLaw: Error {
  let name: String
}

/// The law that a fixture names.
func law(_ name: String, _ parameters: [Double]) throws -> Law {
  switch (name, parameters.count) {
  case ("uniform", 2): .uniform(low: parameters[0], high: parameters[1])
  case ("exponential", 1): .exponential(mean: parameters[0])
  case ("normal", 2): .normal(mean: parameters[0], standardDeviation: parameters[1])
  case ("lognormal", 2): .lognormal(median: parameters[0], sigma: parameters[1])
  case ("gamma", 2): .gamma(shape: parameters[0], scale: parameters[1])
  case ("weibull", 2): .weibull(shape: parameters[0], scale: parameters[1])
  case ("pareto", 2): .pareto(minimum: parameters[0], tailIndex: parameters[1])
  default: throw UnknownLaw(name: name)
  }
}

/// Whether two numbers agree to a share of the greater one, or to an absolute distance near zero.
func agree(
  _ left: Double, _ right: Double, within relative: Double = 1e-10, absolute: Double = 1e-14
) -> Bool {
  left == right || abs(left - right) <= max(relative * max(abs(left), abs(right)), absolute)
}
