// What was made last, for the trials that one process runs one after the other.

import Synchronization

/// Keeps values with what fixes them, so that arms and repetitions share what takes long to make.
///
/// A trial finds the same value whether it is there or not, so its results do not depend on it.
final class LastMade<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let capacity: Int
  private let made = Mutex<[(key: Key, value: Value)]>([])

  /// Keeps so many values; the one that was made first goes first.
  init(capacity: Int = 1) { self.capacity = capacity }

  /// The value that a key fixes, made unless it is there.
  func value(for key: Key, make: () throws -> Value) rethrows -> Value {
    if let known = made.withLock({ $0.first { $0.key == key } }) { return known.value }
    // The old one goes before the new one needs the memory.
    made.withLock { if $0.count == capacity { $0.removeFirst() } }
    let value = try make()
    made.withLock { $0.append((key, value)) }
    return value
  }
}
