// A lock that the thread sanitizer can see.
import NIOConcurrencyHelpers

/// A value that one thread at a time touches.
///
/// The standard library's `Mutex` would do the same, but on Linux it is built of atomic operations
/// inside the library, which the thread sanitizer does not see: it takes every guarded access for a
/// race. This one is a POSIX mutex.
final class Guarded<Value: ~Copyable & Sendable>: @unchecked Sendable {
  // Sendable because the value is touched by `withLock` alone, which holds the lock.
  private let lock = NIOLock()
  private var value: Value

  init(_ value: consuming Value) { self.value = value }

  /// Calls a function that may change the value; no other thread does so meanwhile.
  func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
