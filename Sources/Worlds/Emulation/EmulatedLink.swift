// A link between two network namespaces, on which the kernel's own TCP and UDP meet the simulator's
// link model.
import Dispatch
import Foundation
import Glibc
public import LabCore
public import Network
import Synchronization

/// Two network namespaces with a link between them that treats real packets as the simulator treats
/// simulated ones: ``Network/LinkProcess`` decides the delay and the fate of each.
///
/// ```swift
/// let link = try EmulatedLink(network, seed: Seed(1))
/// let socket = try link.namespaces[0].run { socket(AF_INET, …) }
/// …
/// let outcome = try link.stop()
/// ```
///
/// Everything that the link made ends with it or with the process: no device, namespace or route
/// has a name that outlives them.
/// - Determinism: None, but for the fates of packets: they follow from the seed and from the order
///   of the packets in each direction.
public final class EmulatedLink: Sendable {
  /// The lateness that one packet in a hundred may exceed; beyond it a run does not count.
  public static let latenessLimit = Duration.milliseconds(1)

  /// The namespaces of node 0 and node 1.
  public let namespaces: [NetworkNamespace]
  private let running: RunningRelay

  /// Why no link can be made on this machine, and what to do about it; `nil` when one can.
  public static func missing() -> String? {
    do throws(EmulationError) {
      let perfect = NetworkDescription(nodes: 2)
      _ = try EmulatedLink(perfect, seed: Seed(0)).stop()
      return nil
    } catch { return "\(error)" }
  }

  /// The address of node 0 or node 1.
  public static func address(of node: NodeID) -> String { "10.77.0.\(node.index + 1)" }

  private static func number(of node: Int) -> UInt32 { 0x0a4d_0001 + UInt32(node) }

  /// Makes the namespaces and begins to relay.
  ///
  /// - Parameters:
  ///   - network: Two nodes and their links; the path's packet size becomes that of the devices.
  ///   - seed: The root of all chance.
  /// - Throws: ``EmulationError`` for another number of nodes, and for what the system refuses.
  public init(_ network: NetworkDescription, seed: Seed) throws(EmulationError) {
    guard network.nodes.count == 2 else { throw .nodeCount(network.nodes.count) }
    let spaces = [try NetworkNamespace(), try NetworkNamespace()]
    var devices: [TunnelDevice] = []
    for (node, space) in spaces.enumerated() {
      let link = network.link(from: NodeID(node), to: NodeID(1 - node))
      devices.append(
        try TunnelDevice(
          in: space, local: Self.number(of: node), peer: Self.number(of: 1 - node),
          maximumPacket: link.maximumPacket))
    }
    for space in spaces { try Self.forgetPaths(in: space) }
    namespaces = spaces
    running = RunningRelay((devices[0], devices[1]), network, seed: seed.child("links"))
  }

  deinit { running.end() }

  /// Ends the link.
  ///
  /// - Parameter limit: What 99 of 100 packets must not exceed for the run to count.
  /// - Returns: What was counted.
  /// - Throws: ``EmulationError/late(lateness99:limit:)`` when packets left too late, and what
  ///   the system refused while the link relayed.
  public func stop(
    latenessLimit limit: Duration = latenessLimit
  ) throws(EmulationError) -> EmulationOutcome {
    let outcome = try running.end().get()
    if let late = outcome.lateness99, late > limit {
      throw .late(lateness99: late, limit: limit)
    }
    return outcome
  }

  /// Keeps TCP from beginning a connection with what earlier ones have measured.
  private static func forgetPaths(in space: NetworkNamespace) throws(EmulationError) {
    let path = "/proc/sys/net/ipv4/tcp_no_metrics_save"
    let number = try space.run { () -> CInt in
      let file = open(path, O_WRONLY | O_CLOEXEC)
      guard file >= 0 else { return errno }
      defer { close(file) }
      return write(file, "1", 1) == 1 ? 0 : errno
    }
    guard number == 0 else { throw EmulationError("write \(path)", errorNumber: number) }
  }
}

/// A relay on its thread.
private final class RunningRelay: Sendable {
  private let isWanted = Atomic(true)
  private let done = DispatchSemaphore(value: 0)
  private let outcome = Mutex(Result<EmulationOutcome, EmulationError>.success(EmulationOutcome()))

  init(_ devices: (TunnelDevice, TunnelDevice), _ network: NetworkDescription, seed: Seed) {
    let thread = Thread { [self] in
      var relay = PacketRelay(devices, network, seed: seed)
      let result: Result<EmulationOutcome, EmulationError>
      do throws(EmulationError) {
        try relay.run { isWanted.load(ordering: .relaxed) }
        result = .success(relay.outcome)
      } catch { result = .failure(error) }
      outcome.withLock { $0 = result }
      done.signal()
    }
    thread.start()
  }

  /// Ends the thread, at the first call, and says what was counted.
  @discardableResult
  func end() -> Result<EmulationOutcome, EmulationError> {
    isWanted.store(false, ordering: .relaxed)
    done.wait()
    done.signal()
    return outcome.withLock { $0 }
  }
}
