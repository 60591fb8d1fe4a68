// Work on a thread of its own, for what changes a thread for good.
import CTunnel
import Dispatch
import Foundation

/// Runs functions on threads that end with them.
public enum FreshThread {
  /// Above the usual kind of threads, below the relay of a link.
  private static let priority: CInt = 10

  /// What one thread leaves for another.
  private final class Handover<Value: Sendable>: @unchecked Sendable {
    // Sendable because the value is written before the semaphore is signalled and read after it.
    var value: Value?
    let isDone = DispatchSemaphore(value: 0)
  }

  /// Calls a function on a thread of its own and waits for it.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let handover = Handover<Result>()
    let thread = Thread {
      handover.value = body()
      handover.isDone.signal()
    }
    thread.start()
    handover.isDone.wait()
    guard let value = handover.value else {
      preconditionFailure("a thread that has signalled has left its result")
    }
    return value
  }

  /// Calls a function on a thread that runs, as all threads that it starts, before those of the
  /// usual kind; so what else the machine does delays it little.
  ///
  /// - Throws: ``EmulationError/system(operation:reason:)`` where the system does not permit it,
  ///   and what the function throws.
  public static func runPromptly<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    try run {
      Result {
        try hasten(to: priority)
        return try body()
      }
    }.get()
  }

  /// Lets the calling thread run before those of the usual kind.
  static func hasten(to priority: CInt) throws(EmulationError) {
    let result = fleetlab_thread_hasten(priority)
    guard result == 0 else {
      throw EmulationError("let a thread run before others", errorNumber: -result)
    }
  }
}
