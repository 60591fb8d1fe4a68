// Carries packets between two TUN devices as the simulator's link model says.
import CTunnel
import Glibc
import LabCore
import Network
import Statistics

/// The relay of one link, which one thread runs.
struct PacketRelay: ~Copyable {
  /// A direction: where packets come from, what the link does to them, what is under way.
  private struct Way {
    let from: TunnelDevice
    let to: TunnelDevice
    let process: LinkProcess
    var state = LinkState()
    var random: RandomStream
    /// Where a packet is changed; apart, so that it shifts no later fate.
    var damage: RandomStream
    var queue = PacketQueue()

    /// Decides what becomes of a packet of so many bytes with its headers.
    mutating func transmit(_ bytes: Int, at now: Instant) -> Transmission {
      // The model counts what is behind the headers of IP and UDP.
      process.transmit(
        bytes: max(0, bytes - LinkProcess.headers.bytes), at: now, state: &state,
        random: &random)
    }
  }

  /// How long before its time the thread stops sleeping: about what waking takes.
  private static let wakingTime = Duration.microseconds(60)
  /// The longest sleep, after which the thread looks whether it is to end.
  private static let longestSleep = Duration.milliseconds(20)
  /// How many packets are read from one device before what is due gets its turn.
  private static let packetsPerTurn = 32
  /// Above the usual kind of threads, below those of the kernel itself.
  private static let priority: CInt = 20
  /// The header of IPv4 without options.
  private static let shortestPacket = 20

  private var ways: [Way]
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  private(set) var outcome = EmulationOutcome()

  /// Prepares a relay between the devices of node 0 and node 1.
  ///
  /// - Parameter seed: The root of the links' streams; each direction has one of its own.
  init(_ devices: (TunnelDevice, TunnelDevice), _ network: NetworkDescription, seed: Seed) {
    let ends = [devices.0, devices.1]
    ways = (0..<2).map { sender in
      let receiver = 1 - sender
      let own = seed.child(sender).child(receiver)
      return Way(
        from: ends[sender], to: ends[receiver],
        process: LinkProcess(network.link(from: NodeID(sender), to: NodeID(receiver))),
        random: own.stream(), damage: own.child("damage").stream())
    }
  }

  /// Relays until it is told to end; what is under way then is dropped.
  ///
  /// - Throws: ``EmulationError/system(operation:reason:)`` when the system does not let the thread
  ///   run before others, or a device fails.
  mutating func run(while isWanted: () -> Bool) throws(EmulationError) {
    try FreshThread.hasten(to: Self.priority)
    while isWanted() {
      try sleep()
      for direction in ways.indices { try readAll(direction) }
      try release()
    }
  }

  /// Sleeps until a packet comes or one is nearly due.
  private func sleep() throws(EmulationError) {
    let first = ways.compactMap(\.queue.firstTime).min()
    let until = first.map { $0 - Self.now() - Self.wakingTime } ?? Self.longestSleep
    let span = min(max(until, .zero), Self.longestSleep)
    let result = fleetlab_tunnels_wait(
      ways[0].from.descriptor, ways[1].from.descriptor, span.nanoseconds)
    // An interruption ends the sleep early, which does no harm.
    guard result == 0 || result == -EINTR else {
      throw EmulationError("wait for packets", errorNumber: -result)
    }
  }

  private mutating func readAll(_ direction: Int) throws(EmulationError) {
    for _ in 0..<Self.packetsPerTurn {
      guard let packet = try ways[direction].from.read(&buffer) else { return }
      take(packet, direction, at: Self.now())
    }
  }

  /// Decides what becomes of a packet that a kernel has sent.
  private mutating func take(_ packet: [UInt8], _ direction: Int, at now: Instant) {
    guard packet.count >= Self.shortestPacket, packet[0] >> 4 == 4 else {
      outcome.directions[direction].foreign += 1
      return
    }
    outcome.directions[direction].packets += 1
    outcome.directions[direction].bytes += packet.count
    switch ways[direction].transmit(packet.count, at: now) {
    case .arrives(let due, let isCorrupted):
      let sent = isCorrupted ? damaged(packet, direction) : packet
      ways[direction].queue.insert(sent, due: due)
    case .arrivesTwice(let first, let second):
      ways[direction].queue.insert(packet, due: first)
      ways[direction].queue.insert(packet, due: second)
    case .lost(let reason): outcome.directions[direction].lost[reason, default: 0] += 1
    }
  }

  /// The packet with one byte behind its header changed.
  private mutating func damaged(_ packet: [UInt8], _ direction: Int) -> [UInt8] {
    guard packet.count > Self.shortestPacket else { return packet }
    var changed = packet
    let place = ways[direction].damage.below(packet.count - Self.shortestPacket)
    changed[Self.shortestPacket + place] ^= UInt8(1 + ways[direction].damage.below(255))
    return changed
  }

  /// Lets everything arrive that is due, and waits awake for what is nearly due.
  private mutating func release() throws(EmulationError) {
    while let due = ways.compactMap(\.queue.firstTime).min(), due <= Self.now() + Self.wakingTime {
      for direction in ways.indices {
        guard let entry = ways[direction].queue.removeFirst(through: due) else { continue }
        while Self.now() < entry.due {}
        let isTaken = try ways[direction].to.write(entry.packet)
        note(max(.zero, Self.now() - entry.due), direction, isTaken)
      }
    }
  }

  private mutating func note(_ late: Duration, _ direction: Int, _ isTaken: Bool) {
    if isTaken {
      outcome.directions[direction].delivered += 1
    } else {
      outcome.directions[direction].refused += 1
    }
    do throws(LatencyHistogramError) { try outcome.lateness.record(late.nanoseconds) } catch {
      preconditionFailure("a span that is not negative can be recorded: \(error)")
    }
  }

  /// The monotonic clock of the machine.
  private static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
