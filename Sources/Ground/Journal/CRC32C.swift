// The checksum of everything that the journal keeps.

public import LabCore

/// The Castagnoli cyclic redundancy check: 32 bits that find every burst error of up to 32 bits.
///
/// It guards against failing hardware and torn writes, not against an attacker.
/// - Complexity: Eight bytes a step, by eight tables of 256 words.
/// > Reference: Castagnoli, Bräuer and Herrmann, *Optimization of Cyclic Redundancy-Check Codes
/// > with 24 and 32 Parity Bits*, IEEE Transactions on Communications 41(6), 1993, for the
/// > polynomial; Kounavis and Berry, *A Systematic Approach to Building High Performance
/// > Software-Based CRC Generators*, ISCC 2005, for slicing by eight; RFC 3720, appendix B.4, for
/// > test vectors.
public struct CRC32C: Hashable, Sendable {
  private var register: UInt32 = 0xffff_ffff

  /// Starts a check of nothing.
  public init() {}

  /// The check of a run of bytes.
  public static func checksum(of bytes: Bytes) -> UInt32 {
    var check = CRC32C()
    check.update(bytes)
    return check.checksum
  }

  /// The check of everything fed so far; more may be fed afterwards.
  public var checksum: UInt32 { ~register }

  /// Feeds a run of bytes.
  public mutating func update(_ bytes: Bytes) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Feeds an integer, most significant byte first.
  public mutating func update<Word: FixedWidthInteger>(_ word: Word) {
    Swift.withUnsafeBytes(of: word.bigEndian) { update($0) }
  }

  /// Feeds the bytes of a buffer.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var register = register
    Self.tables.withUnsafeBufferPointer { table in
      var offset = 0
      while offset + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let mixed = UInt64(littleEndian: word) ^ UInt64(register)
        register = 0
        for place in 0..<8 {
          let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * place)) & 0xff
          register ^= table[(7 - place) * 256 + byte]
        }
        offset += 8
      }
      while offset < bytes.count {
        register = table[Int(UInt8(truncatingIfNeeded: register) ^ bytes[offset])] ^ (register >> 8)
        offset += 1
      }
    }
    self.register = register
  }

  /// The polynomial 0x1EDC6F41 with its bits reversed, as the shifting to the right needs it.
  private static let polynomial: UInt32 = 0x82f6_3b78

  /// Eight tables in a row: entry `b` of table `t` is the check of byte `b` followed by `t` zero
  /// bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var register = UInt32(byte)
      for _ in 0..<8 {
        register = (register >> 1) ^ (register & 1 == 1 ? polynomial : 0)
      }
      tables[byte] = register
    }
    for place in 256..<8 * 256 {
      let shorter = tables[place - 256]
      tables[place] = (shorter >> 8) ^ tables[Int(shorter & 0xff)]
    }
    return tables
  }()
}
