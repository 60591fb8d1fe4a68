// Forward passes that wait for their next text.

import Synchronization

/// Keeps the memory of forward passes between calls, so that one short text does not pay for it.
final class PassPool: Sendable {
  private let make: @Sendable () -> MiniLMPass
  private let idle = Mutex<[MiniLMPass]>([])

  init(_ make: @escaping @Sendable () -> MiniLMPass) { self.make = make }

  /// A pass for one thread at a time; it goes back by ``giveBack(_:)``.
  func take() -> MiniLMPass { idle.withLock { $0.popLast() } ?? make() }

  func giveBack(_ pass: MiniLMPass) { idle.withLock { $0.append(pass) } }
}
