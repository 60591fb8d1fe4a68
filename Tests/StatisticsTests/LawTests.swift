import CGSL
import LabCore
import Testing

@testable import Statistics

@Suite struct LawTests {
  let figures: SciPyFigures

  init() throws { figures = try SciPyFigures.load() }

  @Test func `densities, cumulative probabilities and quantiles are those of SciPy`() throws {
    #expect(figures.laws.count == 10)
    for entry in figures.laws {
      let law = try law(entry.name, entry.parameters)
      for (index, x) in entry.quantiles.enumerated() {
        let quantile = try law.quantile(entry.probabilities[index])
        #expect(agree(try law.density(x), entry.densities[index], within: 1e-9), "\(law) at \(x)")
        #expect(agree(try law.cumulative(x), entry.cumulatives[index]), "\(law) at \(x)")
        #expect(agree(quantile, x, within: 1e-9, absolute: 1e-12), "\(law) at \(x)")
      }
    }
  }

  @Test func `means and variances are those of SciPy`() throws {
    for entry in figures.laws {
      let law = try law(entry.name, entry.parameters)
      #expect(agree(law.mean, entry.mean ?? .infinity), "\(law)")
      #expect(agree(law.variance, entry.variance ?? .infinity), "\(law)")
    }
  }

  @Test func `a density is the slope of the cumulative probability`() throws {
    let mixture = Law.mixture([
      (weight: 3, law: .gamma(shape: 2, scale: 1)),
      (weight: 1, law: .shifted(by: 4, .lognormal(median: 2, sigma: 0.5))),
    ])
    let laws = try figures.laws.map { try law($0.name, $0.parameters) } + [mixture]
    for law in laws {
      for probability in [0.1, 0.4, 0.7, 0.95] {
        let x = try law.quantile(probability)
        let step = abs(x) * 1e-5
        let slope = (try law.cumulative(x + step) - law.cumulative(x - step)) / (2 * step)
        #expect(agree(slope, try law.density(x), within: 1e-5), "\(law) at \(x)")
      }
    }
  }

  @Test func `a mixture's quantile inverts its cumulative probability`() throws {
    let law = Law.mixture([
      (weight: 9, law: .exponential(mean: 1)),
      (weight: 1, law: .normal(mean: 50, standardDeviation: 2)),
    ])
    for probability in [0.001, 0.5, 0.899, 0.95, 0.9999] {
      #expect(agree(try law.cumulative(law.quantile(probability)), probability, within: 1e-12))
    }
    #expect(try law.quantile(0) == -.infinity)
    #expect(try law.quantile(1) == .infinity)
  }

  @Test func `a mixture of constants jumps at each of them`() throws {
    let law = Law.mixture([(weight: 1, law: .constant(2)), (weight: 3, law: .constant(8))])
    #expect(try law.cumulative(1.9) == 0)
    #expect(try law.cumulative(2) == 0.25)
    #expect(try law.cumulative(8) == 1)
    #expect(try law.quantile(0.25) == 2)
    #expect(try law.quantile(0.26) == 8)
    #expect(law.mean == 6.5)
    #expect(law.variance == 6.75)
    #expect(throws: StatisticsError.noDensity) { try law.density(2) }
  }

  @Test func `a shift moves the mean and the quantiles and leaves the variance`() throws {
    let excess = Law.gamma(shape: 2, scale: 3)
    let law = Law.shifted(by: 20, excess)
    #expect(law.mean == 26)
    #expect(law.variance == excess.variance)
    #expect(try law.quantile(0.9) == 20 + excess.quantile(0.9))
    #expect(try law.cumulative(19.99) == 0)
  }

  @Test func `an empirical law steps at its values`() throws {
    let law = Law.empirical(try SortedSample([3, 1, 4, 1]))
    #expect(try law.cumulative(0.9) == 0)
    #expect(try law.cumulative(1) == 0.5)
    #expect(try law.cumulative(3.5) == 0.75)
    #expect(try law.quantile(0.5) == 1)
    #expect(try law.quantile(0.51) == 3)
    #expect(try law.quantile(1) == 4)
    #expect(law.mean == 2.25)
    #expect(agree(law.variance, 1.6875))
    #expect(throws: StatisticsError.noDensity) { try law.density(1) }
  }

  @Test func `an empirical quantile reaches its probability for every rank`() throws {
    for count in 1...60 {
      let sample = try SortedSample((0..<count).map(Double.init))
      let law = Law.empirical(sample)
      for rank in 1...count {
        #expect(try law.quantile(Double(rank) / Double(count)) == Double(rank - 1))
      }
    }
  }

  @Test func `an infinite mean or variance is infinite, also in a mixture`() {
    let heavy = Law.pareto(minimum: 1, tailIndex: 1)
    #expect(heavy.mean == .infinity)
    #expect(heavy.variance == .infinity)
    let mixture = Law.mixture([(weight: 1, law: heavy), (weight: 1, law: .constant(0))])
    #expect(mixture.mean == .infinity)
    #expect(mixture.variance == .infinity)
  }

  @Test(arguments: [
    Law.constant(.nan), .uniform(low: 3, high: 3), .uniform(low: 5, high: 3),
    .uniform(low: -.greatestFiniteMagnitude, high: .greatestFiniteMagnitude),
    .exponential(mean: 0), .exponential(mean: -.infinity),
    .normal(mean: 0, standardDeviation: -1), .lognormal(median: 0, sigma: 1),
    .lognormal(median: 1, sigma: .nan), .gamma(shape: 0, scale: 1),
    .weibull(shape: 1, scale: -2), .pareto(minimum: 1, tailIndex: 0), .mixture([WeightedLaw]()),
    .mixture([(weight: 0, law: .constant(1))]), .mixture([(weight: .nan, law: .constant(1))]),
    .mixture([(weight: 1, law: .exponential(mean: -1))]), .shifted(by: .infinity, .constant(1)),
    .shifted(by: 1, .gamma(shape: -1, scale: 1)),
  ])
  func `an impossible law names its problem and refuses to compute`(law: Law) {
    #expect(law.problems().count == 1)
    #expect(throws: StatisticsError.invalidLaw(problems: law.problems())) { try law.validated() }
    #expect(throws: StatisticsError.self) { try law.density(1) }
    #expect(throws: StatisticsError.self) { try law.cumulative(1) }
    #expect(throws: StatisticsError.self) { try law.quantile(0.5) }
  }

  @Test func `all problems of a law are named at once`() {
    let law = Law.mixture([
      (weight: -1, law: .gamma(shape: .nan, scale: 0)),
      (weight: 1, law: .shifted(by: .nan, .constant(0))),
    ])
    #expect(law.problems().count == 4)
  }

  @Test func `drawing from an impossible law does not trap`() {
    var random = Seed(1).stream()
    let laws: [Law] = [
      .mixture([WeightedLaw]()), .gamma(shape: -1, scale: 1), .gamma(shape: .nan, scale: 1),
      .pareto(minimum: -1, tailIndex: 0), .weibull(shape: 0, scale: .infinity),
      .mixture([(weight: .nan, law: .constant(1)), (weight: -1, law: .constant(2))]),
    ]
    for law in laws { _ = law.sample(&random) }
    #expect(laws[0].sample(&random).isNaN)
  }

  @Test func `questions outside a law's domain are errors`() {
    let law = Law.normal(mean: 0, standardDeviation: 1)
    #expect(throws: StatisticsError.self) { try law.cumulative(.nan) }
    #expect(throws: StatisticsError.self) { try law.density(.nan) }
    for probability in [-0.1, 1.1, .nan] {
      #expect(throws: StatisticsError.self) { try law.quantile(probability) }
    }
  }

  @Test func `infinities are beyond every law`() throws {
    for entry in figures.laws {
      let law = try law(entry.name, entry.parameters)
      #expect(try law.cumulative(.infinity) == 1)
      #expect(try law.cumulative(-.infinity) == 0)
      #expect(try law.density(.infinity) == 0)
    }
  }

  @Test func `an error inside GSL is thrown and does not end the process`() {
    let failure = StatisticsError.gsl(GSLFailure(function: "gsl_cdf_beta_Pinv"))
    #expect(throws: failure) {
      try GSL.value("gsl_cdf_beta_Pinv") { gsl_cdf_beta_Pinv(2, 1, 1) }
    }
    #expect(failure.description.contains("gsl_cdf_beta_Pinv"))
  }
}
