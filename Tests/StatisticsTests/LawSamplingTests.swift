import Glibc
import Testing

@testable import LabCore
@testable import Statistics

/// A law, and the same law with each of its parameters wrong by a tenth.
struct PlantedCase: Sendable, CustomTestStringConvertible {
  let law: Law
  let wrong: [Law]
  var testDescription: String { "\(law)" }

  static let all: [PlantedCase] = [
    PlantedCase(
      law: .uniform(low: 2, high: 7),
      wrong: [.uniform(low: 2.2, high: 7), .uniform(low: 2, high: 7.7)]),
    PlantedCase(law: .exponential(mean: 3), wrong: [.exponential(mean: 3.3)]),
    PlantedCase(
      law: .normal(mean: -1, standardDeviation: 2.5),
      wrong: [
        .normal(mean: -1.1, standardDeviation: 2.5), .normal(mean: -1, standardDeviation: 2.75),
      ]),
    PlantedCase(
      law: .lognormal(median: 20, sigma: 0.4),
      wrong: [.lognormal(median: 22, sigma: 0.4), .lognormal(median: 20, sigma: 0.44)]),
    PlantedCase(
      law: .gamma(shape: 0.5, scale: 2),
      wrong: [.gamma(shape: 0.55, scale: 2), .gamma(shape: 0.5, scale: 2.2)]),
    PlantedCase(
      law: .gamma(shape: 1, scale: 2), wrong: [.gamma(shape: 1.1, scale: 2)]),
    PlantedCase(
      law: .gamma(shape: 7.5, scale: 0.3),
      wrong: [.gamma(shape: 8.25, scale: 0.3), .gamma(shape: 7.5, scale: 0.33)]),
    PlantedCase(
      law: .weibull(shape: 0.7, scale: 4),
      wrong: [.weibull(shape: 0.77, scale: 4), .weibull(shape: 0.7, scale: 4.4)]),
    PlantedCase(
      law: .weibull(shape: 2.2, scale: 4),
      wrong: [.weibull(shape: 2.42, scale: 4), .weibull(shape: 2.2, scale: 4.4)]),
    PlantedCase(
      law: .pareto(minimum: 1.5, tailIndex: 1.2),
      wrong: [.pareto(minimum: 1.65, tailIndex: 1.2), .pareto(minimum: 1.5, tailIndex: 1.32)]),
    PlantedCase(
      law: .shifted(by: 5, .exponential(mean: 1)), wrong: [.shifted(by: 5.5, .exponential(mean: 1))]
    ),
    PlantedCase(
      law: .mixture([
        (weight: 3, law: .exponential(mean: 1)),
        (weight: 1, law: .normal(mean: 8, standardDeviation: 1)),
      ]),
      wrong: [
        .mixture([
          (weight: 3.3, law: .exponential(mean: 1)),
          (weight: 1, law: .normal(mean: 8, standardDeviation: 1)),
        ])
      ]),
  ]
}

@Suite struct LawSamplingTests {
  static let drawCount = 100_000

  private func draws(_ law: Law, seed: UInt64, count: Int = drawCount) -> [Double] {
    var random = Seed(seed).stream()
    return (0..<count).map { _ in law.sample(&random) }
  }

  @Test(arguments: PlantedCase.all)
  func `draws keep to GSL's law and not to one a tenth beside it`(planted: PlantedCase) throws {
    let sorted = draws(planted.law, seed: 20_240_301).sorted()
    func tests(_ law: Law) throws -> (KolmogorovSmirnov, AndersonDarling) {
      let probabilities = try sorted.map { try law.cumulative($0) }
      return (
        KolmogorovSmirnov(sortedProbabilities: probabilities),
        AndersonDarling(sortedProbabilities: probabilities)
      )
    }
    let (distance, weighted) = try tests(planted.law)
    #expect(distance.pValue > 0.005)
    #expect(weighted.pValue > 0.005)
    for wrong in planted.wrong {
      let (distance, weighted) = try tests(wrong)
      #expect(distance.pValue < 1e-6, "\(wrong)")
      #expect(weighted.pValue < 1e-4, "\(wrong)")
    }
  }

  @Test(arguments: PlantedCase.all)
  func `counts of draws follow GSL's density and not that of a law beside it`(
    planted: PlantedCase
  ) throws {
    let bins = 40
    let low = try planted.law.quantile(0.02)
    let high = try planted.law.quantile(0.9)
    let width = (high - low) / Double(bins)
    var counts = [Double](repeating: 0, count: bins)
    for draw in draws(planted.law, seed: 77) where draw >= low && draw < high {
      counts[min(Int((draw - low) / width), bins - 1)] += 1
    }
    /// Pearson's sum; its mean is the number of bins and its variance twice that.
    func chiSquare(_ law: Law) throws -> Double {
      var sum = 0.0
      for (bin, count) in counts.enumerated() {
        let left = low + Double(bin) * width
        var integral = 0.0
        let panels = 32
        for panel in 0..<panels {
          let x = left + (Double(panel) + 0.5) / Double(panels) * width
          integral += try law.density(x) * width / Double(panels)
        }
        let expected = Double(Self.drawCount) * integral
        sum += expected > 0 ? (count - expected) * (count - expected) / expected : .infinity
      }
      return sum
    }
    let bound = Double(bins) + 5 * (2 * Double(bins)).squareRoot()
    #expect(try chiSquare(planted.law) < bound)
    for wrong in planted.wrong { #expect(try chiSquare(wrong) > bound, "\(wrong)") }
  }

  @Test(arguments: PlantedCase.all)
  func `the mean of draws lies within four standard errors`(planted: PlantedCase) {
    guard planted.law.variance.isFinite else { return }
    let moments = RunningMoments(of: draws(planted.law, seed: 5, count: 20_000))
    let standardError = (planted.law.variance / Double(moments.count)).squareRoot()
    #expect(abs(moments.mean - planted.law.mean) < 4 * standardError)
  }

  @Test func `an empirical law draws each of its values equally often`() throws {
    let law = Law.empirical(try SortedSample([10, 20, 20, 40]))
    let all = draws(law, seed: 3)
    for (value, share) in [(10.0, 0.25), (20.0, 0.5), (40.0, 0.25)] {
      let hits = Double(all.count { $0 == value })
      let deviation = (share * (1 - share) * Double(all.count)).squareRoot()
      #expect(abs(hits - share * Double(all.count)) < 4 * deviation)
    }
  }

  @Test func `a constant draws nothing from the stream`() {
    var random = Seed(9).stream()
    let before = random
    #expect(Law.constant(4).sample(&random) == 4)
    #expect(random == before)
  }

  @Test(arguments: [
    (Law.uniform(low: 2, high: 7), 6.919470840887444), (.exponential(mean: 3), 0.04871082113771954),
    (.normal(mean: -1, standardDeviation: 2.5), -1.1171362719146647),
    (.lognormal(median: 20, sigma: 0.4), 19.628654640439382),
    (.gamma(shape: 7.5, scale: 0.3), 1.6549086164960831),
    (.gamma(shape: 0.5, scale: 2), 0.15002602169768853),
    (.weibull(shape: 0.7, scale: 4), 0.011108039467888246),
    (.pareto(minimum: 1.5, tailIndex: 2.5), 1.5097738694176948),
    (
      .mixture([
        (weight: 1, law: .constant(1)), (weight: 1, law: .shifted(by: 1, .exponential(mean: 1))),
      ]), 1.5308608851245242
    ),
  ])
  func `the third draw is the one on record`(law: Law, expected: Double) {
    // A change here changes every record that was made with a seed.
    var random = Seed(42).stream()
    _ = law.sample(&random)
    _ = law.sample(&random)
    let draw = law.sample(&random)
    #expect(agree(draw, expected, within: 1e-13), "\(draw)")
  }
}

@Suite struct ZigguratTests {
  /// The plain twin: Marsaglia's polar method, whose second value is thrown away.
  private func polar(_ random: inout RandomStream) -> Double {
    while true {
      let x = 2 * random.unit() - 1
      let y = 2 * random.unit() - 1
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * log(square) / square).squareRoot() }
    }
  }

  @Test func `all layers have the same area and close at the top`() {
    let table = Ziggurat.normal
    let area = table.edges[0] * table.heights[1]
    #expect(table.edges.count == Ziggurat.layerCount + 1)
    for layer in 1..<Ziggurat.layerCount {
      let layerArea = table.edges[layer] * (table.heights[layer + 1] - table.heights[layer])
      #expect(agree(layerArea, area, within: 1e-9), "layer \(layer)")
    }
  }

  @Test func `the ziggurat and the polar method draw from one law`() throws {
    var random = Seed(11).stream()
    var twin = Seed(12).stream()
    let fast = (0..<50_000).map { _ in random.standardNormal() }
    let plain = (0..<50_000).map { _ in polar(&twin) }
    #expect(try KolmogorovSmirnov(SortedSample(fast), SortedSample(plain)).pValue > 0.01)
    let wider = plain.map { $0 * 1.1 }
    #expect(try KolmogorovSmirnov(SortedSample(fast), SortedSample(wider)).pValue < 1e-6)
  }

  /// A planted fault: the ziggurat without the test against the curve between two layers.
  private func careless(_ random: inout RandomStream) -> Double {
    let table = Ziggurat.normal
    while true {
      let layer = random.below(Ziggurat.layerCount)
      let x = (2 * random.unit() - 1) * table.edges[layer]
      if layer > 0 || abs(x) < table.edges[1] { return x }
    }
  }

  @Test func `draws fill the spaces between the layers as the curve asks`() throws {
    let count = 1_000_000
    // From the peak to the tail, five spaces between edges at a time.
    let inward = Ziggurat.normal.edges
    let edges = stride(from: Ziggurat.layerCount, through: 1, by: -5).map { inward[$0] }
    #expect(edges.last == Ziggurat.tailStart)
    let weights = try zip(edges, edges.dropFirst()).map { low, high in
      2 * (try GSL.normalExceedance(low) - GSL.normalExceedance(high))
    }
    /// Pearson's sum over the spaces; its mean is their number and its variance twice that.
    func chiSquare(_ draw: (inout RandomStream) -> Double) -> Double {
      var random = Seed(14).stream()
      var counts = [Double](repeating: 0, count: weights.count)
      for _ in 0..<count {
        let size = abs(draw(&random))
        guard size < Ziggurat.tailStart else { continue }
        var (low, high) = (0, weights.count)
        while high - low > 1 {
          let middle = (low + high) / 2
          if edges[middle] <= size { low = middle } else { high = middle }
        }
        counts[low] += 1
      }
      return zip(counts, weights).reduce(0) { sum, pair in
        let expected = pair.1 * Double(count)
        return sum + (pair.0 - expected) * (pair.0 - expected) / expected
      }
    }
    let bound = Double(weights.count) + 4 * (2 * Double(weights.count)).squareRoot()
    #expect(chiSquare { $0.standardNormal() } < bound)
    #expect(chiSquare(careless) > bound)
  }

  @Test func `the tail has the weight and the shape of the normal tail`() throws {
    var random = Seed(13).stream()
    let count = 1_000_000
    var tail: [Double] = []
    for _ in 0..<count {
      let draw = random.standardNormal()
      if abs(draw) > Ziggurat.tailStart { tail.append(abs(draw)) }
    }
    let weight = 2 * (try GSL.normalExceedance(Ziggurat.tailStart))
    let expected = weight * Double(count)
    #expect(abs(Double(tail.count) - expected) < 4 * expected.squareRoot())
    let probabilities = try tail.sorted().map {
      1 - 2 * (try GSL.normalExceedance($0)) / weight
    }
    #expect(KolmogorovSmirnov(sortedProbabilities: probabilities).pValue > 0.01)
  }
}
