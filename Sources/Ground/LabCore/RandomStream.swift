/// The root from which every random stream of a run is drawn.
///
/// Streams are named by the path of keys that leads to them (experiment, cell, repetition, node,
/// layer, purpose), so that adding a cell or a node changes the draws of no other.
public struct Seed: Hashable, Sendable, BitwiseCopyable {
  /// The 64 bits that stand for the whole path so far.
  public let value: UInt64

  /// Starts a path at a number that a person chose.
  @inlinable public init(_ value: UInt64) { self.value = value }

  /// The seed one numbered step further down the path.
  @inlinable public func child(_ key: Int) -> Seed {
    var hasher = StableHasher(seed: value)
    hasher.combine(key)
    return Seed(hasher.finalize())
  }

  /// The seed one named step further down the path.
  @inlinable public func child(_ name: String) -> Seed {
    var hasher = StableHasher(seed: value)
    // Keeps the empty name apart from the number 0.
    hasher.combine(0x6e61_6d65 as UInt64)
    hasher.combine(name)
    return Seed(hasher.finalize())
  }

  /// The stream at the end of the path.
  @inlinable public func stream() -> RandomStream { RandomStream(seed: self) }
}

/// A reproducible source of uniform 64-bit words: xoshiro256++.
///
/// It has a period of 2^256 − 1 and is not for secrets.
/// - Determinism: The seed fixes every draw, on every machine.
/// > Reference: Blackman and Vigna, *Scrambled Linear Pseudorandom Number Generators*, ACM TOMS
/// > 47(4), 2021; the state is filled by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), as they
/// > advise.
public struct RandomStream: RandomNumberGenerator, Hashable, Sendable, BitwiseCopyable {
  @usableFromInline var a, b, c, d: UInt64

  /// Fills the state from a seed.
  @inlinable public init(seed: Seed) {
    var counter = seed.value
    func splitMix() -> UInt64 {
      counter &+= 0x9e37_79b9_7f4a_7c15
      var word = counter
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }
    (a, b, c, d) = (splitMix(), splitMix(), splitMix(), splitMix())
  }

  /// Continues a stream whose ``words`` were kept.
  ///
  /// - Returns: `nil` unless there are four and one of them is not 0.
  public init?(words: [UInt64]) {
    guard words.count == 4, words.contains(where: { $0 != 0 }) else { return nil }
    (a, b, c, d) = (words[0], words[1], words[2], words[3])
  }

  /// The whole state, from which another stream may continue.
  public var words: [UInt64] { [a, b, c, d] }

  /// The next 64 uniform bits.
  @inlinable @inline(__always)
  public mutating func next() -> UInt64 {
    let sum = a &+ d
    let result = ((sum << 23) | (sum >> 41)) &+ a
    let shifted = b << 17
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 45) | (d >> 19)
    return result
  }

  /// A uniform number in [0, 1): a multiple of 2^−53.
  @inlinable @inline(__always)
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A uniform number in (0, 1], whose logarithm is finite.
  @inlinable @inline(__always)
  public mutating func positiveUnit() -> Double { Double((next() >> 11) &+ 1) * 0x1p-53 }

  /// A uniform whole number in 0 ..< `bound`, without bias.
  ///
  /// - Precondition: `bound` is positive.
  /// > Reference: Lemire, *Fast Random Integer Generation in an Interval*, ACM TOMACS 29(1), 2019.
  @inlinable @inline(__always)
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a random number below \(bound) does not exist")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// True with a given chance; a chance of 0 or 1 draws nothing.
  @inlinable @inline(__always)
  public mutating func chance(_ ratio: Ratio) -> Bool {
    if ratio.value <= 0 { return false }
    if ratio.value >= 1 { return true }
    return unit() < ratio.value
  }
}

extension RandomStream: StableHashable {
  /// Feeds the whole state.
  @inlinable public func hash(into hasher: inout StableHasher) {
    hasher.combine(a)
    hasher.combine(b)
    hasher.combine(c)
    hasher.combine(d)
  }
}
