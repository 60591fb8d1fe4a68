/// A value whose content can be hashed to the same 64 bits in every process and on every machine.
///
/// The standard library's `Hasher` is seeded anew in each process; fingerprints and identities need
/// one that never changes.
public protocol StableHashable {
  /// Feeds every part that two equal values share, in a fixed order.
  func hash(into hasher: inout StableHasher)
}

/// Folds words and bytes into 64 bits by full-width multiplication.
///
/// It is not a cryptographic digest: it tells runs and cells apart, it does not resist an attacker.
/// - Determinism: The result depends on the fed values and their order alone.
/// > Reference: Wang Yi, *wyhash* (2019), the `mum` step: the two halves of a 64 × 64-bit product,
/// > combined by exclusive or; a seed is mixed as in SplitMix64 (Steele, Lea and Flood, OOPSLA
/// > 2014).
public struct StableHasher: Sendable, BitwiseCopyable {
  @usableFromInline var state: UInt64

  /// Starts a hash; different seeds give unrelated results.
  @inlinable public init(seed: UInt64 = 0) {
    // Without the mixing, seed 1 and word 0 would give what seed 0 and word 1 give.
    var mixed = (seed ^ (seed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    state = (mixed ^ (mixed >> 31)) ^ 0xa076_1d64_78bd_642f
  }

  /// Feeds one word.
  @inlinable @inline(__always)
  public mutating func combine(_ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
    state = (product.high ^ product.low) &+ 0x8ebc_6af0_9c88_c6e3
  }

  /// Feeds one signed word.
  @inlinable @inline(__always)
  public mutating func combine(_ word: Int64) { combine(UInt64(bitPattern: word)) }

  /// Feeds one machine-sized integer.
  @inlinable @inline(__always)
  public mutating func combine(_ word: Int) { combine(UInt64(bitPattern: Int64(word))) }

  /// Feeds the bit pattern of a double; the two zeros differ.
  @inlinable public mutating func combine(_ number: Double) { combine(number.bitPattern) }

  /// Feeds a run of bytes and its length, eight bytes at a time in little-endian order.
  @inlinable public mutating func combine(bytes: UnsafeRawBufferPointer) {
    combine(bytes.count)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      combine(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset &+= 8
    }
    guard offset < bytes.count else { return }
    var rest: UInt64 = 0
    for (place, byte) in bytes[offset...].enumerated() {
      rest |= UInt64(byte) << UInt64(8 * place)
    }
    combine(rest)
  }

  /// Feeds the UTF-8 bytes of a text and their number.
  @inlinable public mutating func combine(_ text: String) {
    var text = text
    text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Feeds a value that knows its own parts.
  @inlinable @inline(__always)
  public mutating func combine<Value: StableHashable>(_ value: borrowing Value) {
    value.hash(into: &self)
  }

  /// Ends the hash; the hasher itself stays as it is and can go on.
  @inlinable public func finalize() -> UInt64 {
    var last = self
    last.combine(0x5899_65cc_7537_4cc3 as UInt64)
    return last.state
  }
}
