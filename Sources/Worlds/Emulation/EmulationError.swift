// Why an emulated link could not be made or its run does not count.
import Glibc
public import LabCore

/// Why an emulated link could not be made, or why what ran over it does not count.
public enum EmulationError: Error, Hashable, Sendable {
  /// The operating system refused; `reason` is its own text.
  case system(operation: String, reason: String)
  /// The network does not have two nodes.
  case nodeCount(Int)
  /// Packets left later than the limit allows; the caller runs again when the machine is less
  /// busy.
  case late(lateness99: Duration, limit: Duration)

  init(_ operation: String, errorNumber: CInt) {
    self = .system(operation: operation, reason: String(cString: strerror(errorNumber)))
  }
}

extension EmulationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .system(let operation, let reason):
      "cannot \(operation): \(reason); root and /dev/net/tun were expected; run it as root on a "
        + "machine that has both"
    case .nodeCount(let count):
      "the network has \(count) nodes; the two ends of one link were expected; set network.nodes "
        + "to 2"
    case .late(let lateness, let limit):
      "one packet in a hundred left the emulated link \(lateness) late or more; at most \(limit) "
        + "was expected; run again when the machine is less busy"
    }
  }
}
