// The checksum against published vectors and against a plain twin.

import Journal
import LabCore
import Testing

@Suite struct `CRC-32C` {
  @Test func `the vectors of RFC 3720 appendix B4 come out`() {
    let ascending = (0..<32).map { UInt8($0) }
    #expect(CRC32C.checksum(of: Bytes([UInt8](repeating: 0, count: 32))) == 0x8a91_36aa)
    #expect(CRC32C.checksum(of: Bytes([UInt8](repeating: 0xff, count: 32))) == 0x62a8_ab43)
    #expect(CRC32C.checksum(of: Bytes(ascending)) == 0x46dd_794e)
    #expect(CRC32C.checksum(of: Bytes(ascending.reversed())) == 0x113f_db5c)
    let read: [UInt8] = [
      0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
      0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
    ]
    #expect(CRC32C.checksum(of: Bytes(read)) == 0xd996_3a56)
  }

  @Test func `the check of nothing is 0 and that of the digits is the catalogue's`() {
    #expect(CRC32C.checksum(of: .empty) == 0)
    #expect(CRC32C.checksum(of: Bytes(Array("123456789".utf8))) == 0xe306_9283)
  }

  @Test func `it equals the bitwise twin for every length and cut`() {
    var random = Seed(1).stream()
    for length in 0..<100 {
      let bytes = Bytes((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) })
      let cut = random.below(length + 1)
      var inParts = CRC32C()
      inParts.update(bytes.slice(0..<cut))
      inParts.update(bytes.slice(cut..<length))
      #expect(CRC32C.checksum(of: bytes) == bitwise(bytes))
      #expect(inParts.checksum == bitwise(bytes))
    }
  }

  @Test func `an integer counts as its bytes in network order`() {
    var check = CRC32C()
    check.update(0x3132_3334 as UInt32)
    #expect(check.checksum == CRC32C.checksum(of: Bytes(Array("1234".utf8))))
  }

  /// The definition, one bit at a time.
  private func bitwise(_ bytes: Bytes) -> UInt32 {
    var register: UInt32 = 0xffff_ffff
    for byte in bytes {
      for place in 0..<8 {
        let bit = UInt32(byte >> UInt8(place)) & 1
        register = (register >> 1) ^ ((register & 1) ^ bit == 1 ? 0x82f6_3b78 : 0)
      }
    }
    return ~register
  }
}
