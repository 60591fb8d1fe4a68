// The random stream against its authors' figures and plain twins, and the paths that name streams.
import Testing

@testable import LabCore

/// xoshiro256++ as in the authors' C code, with an array and an index in place of named words.
private struct PlainXoshiro {
  var state: [UInt64]

  mutating func next() -> UInt64 {
    func rotate(_ word: UInt64, by count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
    let result = rotate(state[0] &+ state[3], by: 23) &+ state[0]
    let old = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= old
    state[3] = rotate(state[3], by: 45)
    return result
  }
}

/// SplitMix64 as in the paper.
private struct PlainSplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var word = state
    word ^= word >> 30
    word = word &* 0xbf58_476d_1ce4_e5b9
    word ^= word >> 27
    word = word &* 0x94d0_49bb_1331_11eb
    word ^= word >> 31
    return word
  }
}

@Suite struct `Random streams` {
  private func stream(_ state: [UInt64]) -> RandomStream {
    var stream = Seed(0).stream()
    (stream.a, stream.b, stream.c, stream.d) = (state[0], state[1], state[2], state[3])
    return stream
  }

  @Test func `xoshiro256++ gives its authors' first outputs`() {
    var random = stream([1, 2, 3, 4])
    let published: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
      12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    #expect(published.map { _ in random.next() } == published)
  }

  @Test func `a hundred thousand outputs equal those of a plain twin`() {
    var twin = PlainXoshiro(state: [1, 2, 3, 4])
    var random = stream([1, 2, 3, 4])
    #expect((0..<100_000).allSatisfy { _ in random.next() == twin.next() })
  }

  @Test func `SplitMix64 fills the state`() {
    // The first outputs for seed 1234567, as published with the reference code.
    var twin = PlainSplitMix(state: 1_234_567)
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431,
    ]
    #expect(published.map { _ in twin.next() } == published)
    let random = Seed(1_234_567).stream()
    #expect([random.a, random.b, random.c, random.d] == published)
  }

  @Test func `the state of no seed is all zeros`() {
    for seed in 0..<10_000 {
      let random = Seed(UInt64(seed)).stream()
      #expect(random.a | random.b | random.c | random.d != 0)
    }
  }

  @Test func `unit numbers lie in their intervals and use all 53 bits`() {
    var random = stream([0, 0, 0, 0])
    #expect(random.unit() == 0)
    random = stream([0, 0, 0, 0])
    #expect(random.positiveUnit() == 0x1p-53)
    random = Seed(4).stream()
    var (low, high, lastBits) = (1.0, 0.0, 0)
    for _ in 0..<100_000 {
      let unit = random.unit()
      #expect(unit >= 0 && unit < 1)
      (low, high) = (min(low, unit), max(high, unit))
      lastBits += Int(UInt64(unit * 0x1p53) & 1)
    }
    #expect(low < 0.001 && high > 0.999)
    #expect(abs(lastBits - 50_000) < 700)
  }

  /// The chi-square statistic of draws below a bound, gathered into cells of equal size.
  private func chiSquare(cells: Int, draws: Int, _ draw: () -> Int) -> Double {
    var counts = [Int](repeating: 0, count: cells)
    for _ in 0..<draws { counts[draw()] += 1 }
    let expected = Double(draws) / Double(cells)
    return counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }

  // The 0.1 % and 99.9 % points of chi-square with 9 and 99 degrees of freedom (R: qchisq).
  @Test(arguments: [(10, 1.152, 27.877), (100, 61.137, 148.230)])
  func `numbers below a bound are equally frequent`(bound: Int, low: Double, high: Double) {
    var random = Seed(5).stream()
    let statistic = chiSquare(cells: bound, draws: 100_000) { random.below(bound) }
    #expect(statistic > low && statistic < high)
  }

  @Test func `numbers below 3/8 of the range have no bias, and the usual short cuts have`() {
    // 2^64 is 8/3 of the bound, so that a short cut gives some numbers 3 words and others 2. The
    // limit is the 99.9 % point of chi-square with 2 degrees of freedom.
    let (bound, third, limit) = (3 << 61, 1 << 61, 13.816)
    var random = Seed(6).stream()
    func statistic(_ cell: () -> Int) -> Double { chiSquare(cells: 3, draws: 30_000, cell) }
    #expect(statistic { random.below(bound) / third } < limit)
    #expect(statistic { random.below(bound) % 3 } < limit)
    let remainder = statistic { Int(random.next() % UInt64(bound)) / third }
    #expect(remainder > limit)
    let product = statistic {
      Int(random.next().multipliedFullWidth(by: UInt64(bound)).high) % 3
    }
    #expect(product > limit)
  }

  @Test func `a number below one is zero, and below zero there is none`() async {
    var random = Seed(7).stream()
    #expect((0..<100).allSatisfy { _ in random.below(1) == 0 })
    await #expect(processExitsWith: .failure) {
      var random = Seed(7).stream()
      #expect(random.below(0) == 0)
    }
  }

  @Test func `certain and impossible chances draw nothing`() {
    var random = Seed(8).stream()
    let before = random
    #expect(!random.chance(.none) && random.chance(.percent(100)))
    #expect(random == before)
    #expect((0..<100_000).count { _ in random.chance(.percent(30)) } - 30_000 < 500)
    #expect(random != before)
  }
}

@Suite struct `Seeds` {
  @Test func `a sibling changes no other stream`() {
    func draws(_ keys: [String]) -> [String: UInt64] {
      var draws: [String: UInt64] = [:]
      for key in keys {
        var random = Seed(1).child("cell").child(key).child(3).stream()
        draws[key] = random.next()
      }
      return draws
    }
    let few = draws(["a", "b"])
    let many = draws(["0", "a", "aa", "b", "c"])
    #expect(few.allSatisfy { many[$0.key] == $0.value })
  }

  @Test func `different paths have different seeds`() {
    var values: Set<UInt64> = []
    var paths = 0
    func add(_ seed: Seed) {
      paths += 1
      values.insert(seed.value)
    }
    for root in 0..<4 {
      let root = Seed(UInt64(root))
      add(root)
      for first in -8..<8 {
        add(root.child(first))
        add(root.child("\(first)"))
        for second in 0..<8 {
          add(root.child(first).child(second))
          add(root.child("\(first)").child("\(second)"))
        }
      }
    }
    #expect(values.count == paths)
  }

  @Test func `the order of keys and their boundaries matter`() {
    #expect(Seed(1).child("ab").child("c") != Seed(1).child("a").child("bc"))
    #expect(Seed(1).child(1).child(2) != Seed(1).child(2).child(1))
    #expect(Seed(1).child("") != Seed(1))
    #expect(Seed(1).child("x") == Seed(1).child("x"))
  }

  @Test func `neighbouring streams are not correlated`() {
    var sums = [Double](repeating: 0, count: 64)
    let streams = 4_000
    for key in 0..<streams {
      var (one, next) = (Seed(9).child(key).stream(), Seed(9).child(key + 1).stream())
      let same = ~(one.next() ^ next.next())
      for bit in 0..<64 where same >> UInt64(bit) & 1 == 1 { sums[bit] += 1 }
    }
    // Five standard deviations of a fair coin.
    let bound = 5 * Double(streams).squareRoot() / 2
    #expect(sums.allSatisfy { abs($0 - Double(streams) / 2) < bound })
  }
}
