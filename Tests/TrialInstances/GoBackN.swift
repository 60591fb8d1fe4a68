// A carrier that makes an ordered stream without loss out of datagrams that may be lost, doubled,
// overtaken or changed.
public import LabCore

/// Carries frames to each peer once and in order, with a window, cumulative acknowledgements and
/// one timer a peer; when the timer fires, everything in the window is sent again.
///
/// Neither end may restart: the sequence numbers live in memory.
/// > Reference: Go-Back-N as in Tanenbaum and Wetherall, *Computer Networks*, section 3.4.2.
public struct GoBackN: Carrier, Hashable {
  public typealias Message = Bytes
  public typealias Command = Never

  /// The retransmission timer of one peer.
  public struct Timer: TimerName {
    /// The peer's number.
    public let index: UInt32
    public init(index: UInt32) { self.index = index }
  }

  /// How the carrier behaves; everything but ``correct`` is a fault for a test to catch.
  public enum Rules: Hashable, Sendable {
    /// A frame is delivered when it is the next one.
    case correct
    /// Whatever arrives is delivered.
    case deliversWhateverArrives
  }

  /// How long an acknowledgement may take before the window is sent again.
  public let patience: Duration
  /// How many frames may be under way to a peer.
  public let window: UInt32
  private let rules: Rules
  private var peers: [NodeID: Peer] = [:]
  private var deliveries: [Delivery] = []

  /// Makes a carrier that has carried nothing.
  public init(
    patience: Duration = .milliseconds(60), window: UInt32 = 8, rules: Rules = .correct
  ) {
    self.patience = patience
    self.window = window
    self.rules = rules
  }

  /// Whether every frame that was written has been acknowledged.
  public var isAtRest: Bool { peers.values.allSatisfy { $0.frames.isEmpty } }

  public mutating func write(_ frame: Bytes, to receiver: NodeID, _ step: inout Step<Self>) {
    var peer = peers[receiver, default: Peer()]
    peer.frames.append(frame)
    if peer.frames.count <= window {
      send(peer.acknowledged + UInt32(peer.frames.count) - 1, of: peer, to: receiver, &step)
    }
    if peer.frames.count == 1 { step.set(Timer(index: receiver.index), after: patience) }
    peers[receiver] = peer
  }

  public mutating func takeDeliveries() -> [(frame: Bytes, sender: NodeID)] {
    defer { deliveries = [] }
    return deliveries.map { ($0.frame, $0.sender) }
  }

  public mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    guard let datagram = Datagram(message) else { return }
    var peer = peers[sender, default: Peer()]
    switch datagram {
    case .frame(let sequence, let frame):
      if sequence == peer.expected || rules == .deliversWhateverArrives {
        deliveries.append(Delivery(frame: frame, sender: sender))
        peer.expected = max(peer.expected, sequence + 1)
      }
      step.send(Datagram.acknowledgement(peer.expected).bytes, to: sender)
    case .acknowledgement(let next):
      guard next > peer.acknowledged, next - peer.acknowledged <= peer.frames.count else { break }
      let news = next - peer.acknowledged
      let sent = min(window, UInt32(peer.frames.count))
      peer.frames.removeFirst(Int(news))
      peer.acknowledged = next
      // The window has moved: frames that waited behind it go now.
      let unsent = (sent - news)..<max(sent - news, min(window, UInt32(peer.frames.count)))
      for place in unsent { send(next + place, of: peer, to: sender, &step) }
      if peer.frames.isEmpty {
        step.cancel(Timer(index: sender.index))
      } else {
        step.set(Timer(index: sender.index), after: patience)
      }
    }
    peers[sender] = peer
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    let receiver = NodeID(Int(timer.index))
    guard let peer = peers[receiver], !peer.frames.isEmpty else { return }
    for place in 0..<min(window, UInt32(peer.frames.count)) {
      send(peer.acknowledged + place, of: peer, to: receiver, &step)
    }
    step.set(timer, after: patience)
  }

  private func send(
    _ sequence: UInt32, of peer: Peer, to receiver: NodeID, _ step: inout Step<Self>
  ) {
    let frame = peer.frames[Int(sequence - peer.acknowledged)]
    step.send(Datagram.frame(sequence, frame).bytes, to: receiver)
  }
}

/// What a carrier knows of the two streams between it and one peer.
private struct Peer: Hashable, Sendable {
  /// The frames from ``acknowledged`` on that the peer has not acknowledged.
  var frames: [Bytes] = []
  var acknowledged: UInt32 = 0
  /// The number of the next frame of the peer.
  var expected: UInt32 = 0
}

private struct Delivery: Hashable, Sendable {
  var frame: Bytes
  var sender: NodeID
}

/// A datagram of the carrier: a checksum, a kind, a sequence number and perhaps a frame.
private enum Datagram {
  case frame(UInt32, Bytes)
  case acknowledgement(UInt32)

  var bytes: Bytes {
    var body = ByteWriter()
    switch self {
    case .frame(let sequence, let frame):
      body.write(0 as UInt8)
      body.write(sequence)
      body.write(raw: frame)
    case .acknowledgement(let next):
      body.write(1 as UInt8)
      body.write(next)
    }
    let content = body.finish()
    var whole = ByteWriter()
    whole.write(Self.checksum(content))
    whole.write(raw: content)
    return whole.finish()
  }

  init?(_ bytes: Bytes) {
    var reader = ByteReader(bytes)
    guard let checksum = reader.read(UInt64.self),
      let content = reader.read(count: reader.remaining), checksum == Self.checksum(content)
    else { return nil }
    reader = ByteReader(content)
    guard let kind = reader.read(UInt8.self), let number = reader.read(UInt32.self) else {
      return nil
    }
    switch kind {
    case 0:
      guard let frame = reader.read(count: reader.remaining) else { return nil }
      self = .frame(number, frame)
    case 1: self = .acknowledgement(number)
    default: return nil
    }
  }

  private static func checksum(_ content: Bytes) -> UInt64 {
    var hasher = StableHasher()
    hasher.combine(content)
    return hasher.finalize()
  }
}
