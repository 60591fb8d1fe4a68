// The simulator's link model between a node and its real socket.
import LabCore
import Network
import Statistics

/// What stands between the nodes of a world in real time.
public enum Shaping: Hashable, Sendable {
  /// What the kernel gives, and nothing else.
  case bare
  /// The network's link models, applied before the kernel gets a datagram.
  case shaped
}

/// The links from one node to all others, applied in user space.
///
/// - Determinism: The seed and the sizes, times and order of the datagrams fix what happens to
///   them; each direction has a stream of its own, `seed.child(sender).child(receiver)`.
struct Shaper {
  private struct Link {
    let process: LinkProcess
    var state = LinkState()
    var random: RandomStream
    /// Where a datagram is changed; apart, so that it shifts no later fate.
    var damage: RandomStream
  }

  private let network: NetworkDescription
  private let sender: NodeID
  private let seed: Seed
  private var links: [Link?]
  /// How long after their time datagrams were released, in nanoseconds.
  private(set) var lateness = LatencyHistogram()

  /// Prepares the links of a node; the seed is that of all links.
  init(_ network: NetworkDescription, sender: NodeID, seed: Seed) {
    self.network = network
    self.sender = sender
    self.seed = seed.child(Int(sender.index))
    links = Array(repeating: nil, count: network.nodes.count)
  }

  /// Sends one datagram over a link.
  mutating func transmit(bytes: Int, to receiver: NodeID, at now: Instant) -> Transmission {
    let index = Int(receiver.index)
    if links[index] == nil { links[index] = makeLink(to: receiver) }
    guard var link = links[index].take() else { return .lost(.lost) }
    defer { links[index] = link }
    return link.process.transmit(
      bytes: bytes, at: now, state: &link.state, random: &link.random)
  }

  /// The datagram with one byte changed.
  mutating func damaged(_ bytes: Bytes, to receiver: NodeID) -> Bytes {
    guard !bytes.isEmpty, var link = links[Int(receiver.index)].take() else { return bytes }
    defer { links[Int(receiver.index)] = link }
    var changed = bytes.array
    changed[link.damage.below(changed.count)] ^= UInt8(1 + link.damage.below(255))
    return Bytes(changed)
  }

  /// Notes when a datagram was released.
  mutating func recordRelease(due: Instant, at now: Instant) {
    let late = max(0, (now - due).nanoseconds)
    do throws(LatencyHistogramError) { try lateness.record(late) } catch {
      preconditionFailure("a span that is not negative can be recorded: \(error)")
    }
  }

  private func makeLink(to receiver: NodeID) -> Link {
    let own = seed.child(Int(receiver.index))
    return Link(
      process: LinkProcess(network.link(from: sender, to: receiver)), random: own.stream(),
      damage: own.child("damage").stream())
  }
}
