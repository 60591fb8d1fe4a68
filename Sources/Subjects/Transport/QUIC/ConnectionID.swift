// By what endpoints tell their connections apart.
import CNgtcp2

/// A connection id of at most 20 bytes, in place (RFC 9000, section 5.1).
struct ConnectionID: Hashable {
  private let words: (UInt64, UInt64)
  private let rest: UInt32
  /// How many bytes it has.
  let count: Int

  /// Takes the first bytes, at most 20.
  init(_ bytes: UnsafeRawBufferPointer) {
    let count = min(bytes.count, Int(NGTCP2_MAX_CIDLEN))
    var memory: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &memory) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
    words = (memory.0, memory.1)
    rest = UInt32(truncatingIfNeeded: memory.2)
    self.count = count
  }

  init(_ id: ngtcp2_cid) {
    self = withUnsafeBytes(of: id.data) { memory in
      Self(UnsafeRawBufferPointer(rebasing: memory[..<min(id.datalen, memory.count)]))
    }
  }

  /// The id as ngtcp2 has it.
  var cid: ngtcp2_cid {
    var result = ngtcp2_cid()
    let memory = (words.0, words.1, UInt64(rest))
    withUnsafeBytes(of: memory) { bytes in
      ngtcp2_cid_init(&result, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
    }
    return result
  }

  static func == (left: ConnectionID, right: ConnectionID) -> Bool {
    left.words == right.words && left.rest == right.rest && left.count == right.count
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    guard count > 8 else { return }
    hasher.combine(words.1)
    hasher.combine(rest)
  }
}
