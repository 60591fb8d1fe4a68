// The digest that pins files by their content.

import Crypto

/// SHA-256 over bytes that come piece by piece.
public struct ContentDigest: Sendable {
  private var hash = SHA256()

  /// Starts with nothing.
  public init() {}

  /// The digest of a run of bytes, in lower-case hexadecimal.
  public static func sha256(_ bytes: [UInt8]) -> String {
    var digest = ContentDigest()
    digest.update(bytes)
    return digest.hexadecimal
  }

  /// Feeds bytes.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }

  /// The digest of everything fed so far, in 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    var text = ""
    text.reserveCapacity(64)
    for byte in hash.finalize() {
      if byte < 16 { text.append("0") }
      text.append(String(byte, radix: 16))
    }
    return text
  }
}
