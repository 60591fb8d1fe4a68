// What GnuTLS refuses.
import CGnuTLS

/// A call of GnuTLS that failed.
public struct TLSError: Error, Hashable, CustomStringConvertible {
  /// What was tried.
  public let action: String
  /// The library's error code, below zero.
  public let code: Int32

  /// The error in words: what was tried, and why the library refused it.
  public var description: String {
    let reason = gnutls_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return "\(action) failed: \(reason)"
  }

  /// Throws unless a call succeeded.
  @discardableResult
  static func check(_ code: Int32, _ action: String) throws(TLSError) -> Int32 {
    guard code >= 0 else { throw TLSError(action: action, code: code) }
    return code
  }
}
