// A network of its own inside the kernel, with addresses, routes and sockets apart from all others.
import CTunnel
import Glibc

/// A network namespace, which lives as long as the value or a socket in it.
///
/// A socket belongs for ever to the namespace of the thread that made it, so a program makes its
/// sockets in ``run(_:)``, or on a thread that has called ``enter()``, and uses them anywhere.
public final class NetworkNamespace: Sendable {
  private let descriptor: CInt

  /// Makes a namespace that has no devices but its loopback.
  ///
  /// - Throws: ``EmulationError/system(operation:reason:)`` for any user but root.
  public init() throws(EmulationError) {
    // The thread that moves into it ends at once.
    let result = FreshThread.run { fleetlab_namespace_new() }
    guard result >= 0 else {
      throw EmulationError("make a network namespace", errorNumber: -result)
    }
    descriptor = result
  }

  deinit { close(descriptor) }

  /// Moves the calling thread into the namespace, where it stays.
  public func enter() throws(EmulationError) {
    let result = fleetlab_namespace_enter(descriptor)
    guard result == 0 else {
      throw EmulationError("enter a network namespace", errorNumber: -result)
    }
  }

  /// Calls a function on a thread of its own inside the namespace and waits for it.
  public func run<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) throws(EmulationError) -> Result {
    let result = FreshThread.run { [self] in
      do throws(EmulationError) {
        try enter()
        return Swift.Result<Result, EmulationError>.success(body())
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}
