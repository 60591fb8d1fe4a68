// Reading files of people, never more of them than a bound allows.

import Crypto
import Glibc

/// Reads whole files within bounds, and digests of files of any size.
enum BoundedFile {
  /// Why a file was not read.
  struct Failure: Error {
    /// A code that never changes.
    var code: String
    /// What is wrong; what was expected; what to do.
    var message: String
  }

  /// Reads all bytes of a file.
  static func read(_ path: String, limit: Int) -> Result<[UInt8], Failure> {
    var content: [UInt8] = []
    let failure = forEachBlock(of: path) { block in
      content += block
      return content.count <= limit
    }
    if let failure { return .failure(failure) }
    guard content.count <= limit else {
      return .failure(
        Failure(
          code: "manifest.too-large",
          message: "'\(path)' has more than \(limit) bytes; a smaller file was expected; "
            + "split it or thin it out"))
    }
    return .success(content)
  }

  /// The SHA-256 digest of a file in hexadecimal digits, computed block by block.
  static func digest(_ path: String) -> Result<String, Failure> {
    var hash = SHA256()
    let failure = forEachBlock(of: path) { block in
      hash.update(data: block)
      return true
    }
    if let failure { return .failure(failure) }
    return .success(hexadecimal(hash.finalize()))
  }

  /// Hands over a file in blocks until its end or until the body has enough.
  private static func forEachBlock(
    of path: String, _ body: (ArraySlice<UInt8>) -> Bool
  ) -> Failure? {
    guard let file = fopen(path, "rbe") else { return failure(path) }
    defer { fclose(file) }
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { return ferror(file) == 0 ? nil : failure(path) }
      guard body(block[..<count]) else { return nil }
    }
  }

  private static func failure(_ path: String) -> Failure {
    let isMissing = errno == ENOENT
    let reason = String(cString: strerror(errno)).lowercased()
    return Failure(
      code: isMissing ? "manifest.missing-file" : "manifest.unreadable-file",
      message: isMissing
        ? "there is no file '\(path)'; a readable file was expected; check the path"
        : "'\(path)' cannot be read (\(reason)); a readable file was expected; check its rights")
  }
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// The SHA-256 digest of a text in hexadecimal digits.
func sha256(_ text: String) -> String {
  var hash = SHA256()
  hash.update(data: Array(text.utf8))
  return hexadecimal(hash.finalize())
}
