// The hash that must give the same numbers for ever.
import LabCore
import Testing

@Suite struct `Stable hashes` {
  private func hash(_ feed: (inout StableHasher) -> Void) -> UInt64 {
    var hasher = StableHasher()
    feed(&hasher)
    return hasher.finalize()
  }

  private func hash(bytes: [UInt8]) -> UInt64 {
    hash { hasher in bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
  }

  private func mixed(_ seed: UInt64) -> UInt64 {
    var word = seed
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// The definition, with a long multiplication of 32-bit halves.
  private func plain(_ words: [UInt64], seed: UInt64 = 0) -> UInt64 {
    func multiply(_ left: UInt64, _ right: UInt64) -> (high: UInt64, low: UInt64) {
      let (a, b) = (left >> 32, left & 0xffff_ffff)
      let (c, d) = (right >> 32, right & 0xffff_ffff)
      let middle = (b * d) >> 32 + (a * d) & 0xffff_ffff + (b * c) & 0xffff_ffff
      return (a * c + (a * d) >> 32 + (b * c) >> 32 + middle >> 32, left &* right)
    }
    var state = mixed(seed) ^ 0xa076_1d64_78bd_642f
    for word in words + [0x5899_65cc_7537_4cc3] {
      let product = multiply(state ^ word, 0xe703_7ed1_a0b4_28db)
      state = (product.high ^ product.low) &+ 0x8ebc_6af0_9c88_c6e3
    }
    return state
  }

  @Test func `the pinned values never change`() {
    #expect(hash { _ in } == 0xea66_fdab_4f65_cdeb)
    #expect(hash { $0.combine(1) } == 0x735d_8434_05fd_5433)
    #expect(hash { $0.combine("fleet") } == 0x6b67_18ce_3283_fdbe)
    #expect(hash { $0.combine(1.5) } == 0x29aa_cf50_65f6_18b5)
    #expect(hash(bytes: Array(0..<17)) == 0x8ad2_fd4f_1fba_544e)
    #expect(Seed(1).child("cell").child(2).value == 0x9c915a2146495f7f)
  }

  @Test func `words equal a plain twin with a long multiplication`() {
    var random = Seed(1).stream()
    for length in 0..<200 {
      let words = (0..<length).map { _ in random.next() }
      #expect(hash { hasher in words.forEach { hasher.combine($0) } } == plain(words))
    }
    var seeded = StableHasher(seed: 77)
    seeded.combine(5)
    #expect(seeded.finalize() == plain([5], seed: 77))
  }

  @Test func `bytes are their number and little-endian words, the last one filled with zeros`() {
    #expect(hash(bytes: []) == plain([0]))
    #expect(hash(bytes: [1, 2]) == plain([2, 0x0201]))
    #expect(hash(bytes: [1, 2, 3, 4, 5, 6, 7, 8]) == plain([8, 0x0807_0605_0403_0201]))
    #expect(hash(bytes: [1, 2, 3, 4, 5, 6, 7, 8, 9]) == plain([9, 0x0807_0605_0403_0201, 9]))
  }

  @Test func `bytes do not depend on where they lie in memory`() {
    let bytes = (0..<64).map { UInt8($0) }
    for start in 0..<9 {
      for end in start..<64 {
        var hasher = StableHasher()
        hasher.combine(Bytes(bytes).slice(start..<end))
        #expect(hasher.finalize() == hash(bytes: Array(bytes[start..<end])))
      }
    }
  }

  @Test func `bytes and words, zeros and lengths, texts and their parts differ`() {
    #expect(hash(bytes: [1, 0, 0, 0, 0, 0, 0, 0]) != hash { $0.combine(1) })
    #expect(hash(bytes: [0]) != hash(bytes: [0, 0]))
    #expect(hash(bytes: []) != hash { _ in })
    #expect(hash { $0.combine(0.0) } != hash { $0.combine(-0.0) })
    #expect(
      hash {
        $0.combine("ab")
        $0.combine("c")
      }
        != hash {
          $0.combine("a")
          $0.combine("bc")
        })
  }

  @Test func `a text is the bytes of its UTF-8 form`() {
    let text = "Größe → 3"
    #expect(hash { $0.combine(text) } == hash(bytes: Array(text.utf8)))
  }

  @Test func `a seed is not just a first word`() {
    for seed in 0..<64 as Range<UInt64> {
      for word in 0..<64 as Range<UInt64> where word != seed {
        var (one, other) = (StableHasher(seed: seed), StableHasher(seed: word))
        one.combine(word)
        other.combine(seed)
        #expect(one.finalize() != other.finalize())
      }
    }
  }

  @Test func `ending a hash leaves the hasher as it is`() {
    var hasher = StableHasher()
    hasher.combine(1)
    let first = hasher.finalize()
    #expect(hasher.finalize() == first)
    hasher.combine(2)
    #expect(hasher.finalize() == plain([1, 2]))
  }

  @Test func `every bit of a word moves about half the bits of the hash`() {
    var random = Seed(2).stream()
    for bit in 0..<64 {
      var flipped = 0
      for _ in 0..<100 {
        let word = random.next()
        let other = word ^ 1 << UInt64(bit)
        flipped += (hash { $0.combine(word) } ^ hash { $0.combine(other) }).nonzeroBitCount
      }
      #expect(flipped > 2_400 && flipped < 4_000, "bit \(bit) moves \(flipped) of 6400")
    }
  }
}
