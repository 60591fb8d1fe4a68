// Where connection ids, tokens and challenges come from.
import CGnuTLS
import LabCore

/// Chance for what must differ between connections: a stream, or the operating system.
///
/// Keys and handshakes draw from GnuTLS and not from here.
final class QUICEntropy {
  private var stream: RandomStream
  private let isSystem: Bool

  init(_ stream: RandomStream, isSystem: Bool) {
    self.stream = stream
    self.isSystem = isSystem
  }

  /// Fills memory; a stranger cannot guess the bytes of the operating system.
  func fill(_ memory: UnsafeMutablePointer<UInt8>, _ count: Int) {
    if isSystem, gnutls_rnd(GNUTLS_RND_RANDOM, memory, count) == 0 { return }
    precondition(!isSystem, "the operating system gives no random bytes")
    for index in 0..<count { memory[index] = UInt8(truncatingIfNeeded: stream.next()) }
  }

  /// So many bytes.
  func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      if let memory = buffer.baseAddress { fill(memory, count) }
      filled = count
    }
  }
}
