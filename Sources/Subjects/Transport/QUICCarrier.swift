// Any Instance over QUIC.
public import LabCore

/// Carries the messages of another Instance over encrypted connections between nodes that know each
/// other by their certificates.
///
/// Each frame travels on a stream of its own, so that one that is lost holds up no other; frames
/// may overtake each other. A connection is opened with the first frame, by the earlier one's
/// ticket where there is one, and both sides use it. What a connection had not brought when it
/// ended is lost, which every Instance must bear.
///
/// Frames of a resumed connection's first flight arrive half a round trip after they were sent, but
/// whoever recorded the flight can send it again to a server that has forgotten it. So they wait
/// until the handshake is done, which no thief can do, unless the Instance says that its messages
/// may come again at any later time: then they are handed out at once.
///
/// ```swift
/// let node = try Carried(
///   bus, on: QUICCarrier(configuration, identity, node: node, seed: seed, names: names),
///   node: node, seed: seed)
/// ```
public struct QUICCarrier: Carrier, ~Copyable {
  public typealias Message = Bytes
  public typealias Timer = QUICTimer
  public typealias Report = QUICCarrierReport

  /// The largest frame that is taken from a peer.
  public static let largestFrame = ByteCount(1 << 20)
  /// How many bytes wait for a connection at most; frames that find no room are dropped.
  ///
  /// What waits longest is what the Instance asked for first, so the newest are dropped: a queue
  /// that let its oldest go would be busy for ever with what comes too late.
  public static let largestBacklog = ByteCount(2 << 20)
  /// After how many bytes on streams that are not finished no further stream is opened.
  ///
  /// Streams share what the path carries; with few of them frames come whole one after the other.
  public static let largestShare = ByteCount(512 << 10)

  /// How long a node that refused this one is left alone; frames for it are dropped meanwhile.
  private static let refusalPause = Duration.seconds(1)

  /// What is known of a connection.
  private struct Link {
    /// The node that it leads to by its certificate; `nil` before the handshake is done.
    var peer: NodeID?
    /// Frames that no stream has taken yet, and how many bytes they have.
    var waiting: [Bytes] = []
    var waitingBytes = 0
    /// The bytes of each stream that is not finished, and of all.
    var sending: [QUICStream: Int] = [:]
    var sendingBytes = 0
    /// Frames that came before the peer was known.
    var early: [Bytes] = []
  }

  private var engine: QUICEngine
  private let handsOutEarlyFrames: Bool
  private let names: [String]
  private let nodes: [String: NodeID]
  private var links: [Int: Link] = [:]
  /// The connection that leads to a node.
  private var routes: [NodeID: Int] = [:]
  private var tickets: [NodeID: QUICTicket] = [:]
  /// Where a connection that was opened here was to lead.
  private var targets: [Int: NodeID] = [:]
  /// From which place a connection that was opened there comes.
  private var origins: [Int: NodeID] = [:]
  /// Until when a node that refused this one is not asked again.
  private var refusedUntil: [NodeID: Instant] = [:]
  private var incoming: [QUICStream: [UInt8]] = [:]
  private var arrived: [(frame: Bytes, sender: NodeID)] = []
  private var isTimerSetTo: Instant?

  /// Makes the carrier of a node.
  ///
  /// - Parameters:
  ///   - names: The name in the certificate of each node, in the order of their numbers.
  ///   - handsOutEarlyFrames: Whether frames of a first flight need not wait for the handshake;
  ///     only for an Instance in which a message that comes again changes nothing, however late.
  /// - Throws: ``TLSError`` when GnuTLS gives no memory or no key.
  public init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, node: NodeID, seed: Seed,
    names: [String], handsOutEarlyFrames: Bool = false
  ) throws(TLSError) {
    self.handsOutEarlyFrames = handsOutEarlyFrames
    engine = try QUICEngine(
      configuration, identity, local: QUICAddress(node), isServer: true,
      random: seed.child("connection-ids").stream())
    self.names = names
    nodes = Dictionary(
      names.enumerated().map { ($0.element, NodeID($0.offset)) },
      uniquingKeysWith: { first, _ in first })
  }

  public mutating func write(_ frame: Bytes, to receiver: NodeID, _ step: inout Step<Self>) {
    guard let connection = routes[receiver] ?? connect(to: receiver, &step) else { return }
    guard (links[connection]?.waitingBytes ?? 0) + frame.count <= Self.largestBacklog.bytes else {
      return
    }
    links[connection]?.waiting.append(frame)
    links[connection]?.waitingBytes += frame.count
    send(on: connection)
    settle(&step)
  }

  public mutating func takeDeliveries() -> [(frame: Bytes, sender: NodeID)] {
    defer { arrived.removeAll(keepingCapacity: true) }
    return arrived
  }

  public mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    engine.receive(message, from: QUICAddress(sender), now: step.now)
    settle(&step)
  }

  public mutating func fire(_ timer: QUICTimer, _ step: inout Step<Self>) {
    isTimerSetTo = nil
    engine.expire(now: step.now)
    settle(&step)
  }

  private mutating func connect(to node: NodeID, _ step: inout Step<Self>) -> Int? {
    guard names.indices.contains(Int(node.index)), refusedUntil[node] ?? .zero <= step.now else {
      return nil
    }
    let opened: Int
    do {
      opened = try engine.connect(
        to: QUICAddress(node), serverName: names[Int(node.index)],
        resuming: tickets.removeValue(forKey: node), now: step.now)
    } catch {
      step.report(.unusable(node))
      return nil
    }
    links[opened] = Link()
    routes[node] = opened
    targets[opened] = node
    return opened
  }

  private mutating func send(on connection: Int) {
    guard var link = links.removeValue(forKey: connection) else { return }
    var taken = 0
    while taken < link.waiting.count, link.sendingBytes < Self.largestShare.bytes,
      let stream = engine.openStream(on: connection, isBidirectional: false)
    {
      let frame = link.waiting[taken]
      taken += 1
      link.waitingBytes -= frame.count
      link.sending[stream] = frame.count
      link.sendingBytes += frame.count
      engine.write(frame, on: stream, isEnd: true)
    }
    link.waiting.removeFirst(taken)
    links[connection] = link
  }

  /// A stream is done, or given up; if it was one of ours, others may begin.
  private mutating func finish(_ stream: QUICStream) {
    incoming[stream] = nil
    guard let bytes = links[stream.connection]?.sending.removeValue(forKey: stream) else { return }
    links[stream.connection]?.sendingBytes -= bytes
    send(on: stream.connection)
  }

  private mutating func take(_ event: QUICEvent, _ step: inout Step<Self>) {
    switch event {
    case .accepted(let connection, let address):
      links[connection] = Link()
      origins[connection] = address.node
    case .established(let connection, let peer, _, _): establish(connection, peer, &step)
    case .received(let stream, let bytes, let isEnd, let isEarly):
      if isEarly { believe(stream.connection) }
      collect(stream, bytes, isEnd: isEnd)
    case .reset(let stream, _), .finished(let stream): finish(stream)
    case .moreStreams(let connection): send(on: connection)
    case .ticket(let connection, let ticket):
      if let node = targets[connection] { tickets[node] = ticket }
    case .closed(let connection, let closing): forget(connection, closing, &step)
    case .receivedDatagram, .moved: break
    }
  }

  private mutating func establish(
    _ connection: Int, _ peer: String?, _ step: inout Step<Self>
  ) {
    guard let node = peer.flatMap({ nodes[$0] }) else {
      engine.close(connection, code: 1, reason: "not of this fleet", now: step.now)
      return
    }
    links[connection]?.peer = node
    refusedUntil[node] = nil
    // Whoever opens a connection has none, or has lost the one before without saying so.
    if routes[node] == nil || targets[connection] == nil { routes[node] = connection }
    step.report(.connected(node))
    for frame in links[connection]?.early ?? [] { arrived.append((frame, node)) }
    links[connection]?.early = []
    send(on: connection)
  }

  /// Takes whoever resumed a connection for the owner of its ticket, before that is proved anew.
  private mutating func believe(_ connection: Int) {
    guard handsOutEarlyFrames, let link = links[connection], link.peer == nil,
      let node = engine.resumedPeer(of: connection).flatMap({ nodes[$0] })
    else { return }
    links[connection]?.peer = node
    if routes[node] == nil { routes[node] = connection }
  }

  /// Adds to a frame, and hands it on when it is whole and its sender is known.
  private mutating func collect(_ stream: QUICStream, _ bytes: Bytes, isEnd: Bool) {
    incoming[stream, default: []] += bytes
    guard incoming[stream]?.count ?? 0 <= Self.largestFrame.bytes else {
      incoming[stream] = nil
      return engine.reset(stream, code: 1)
    }
    guard isEnd, let frame = incoming.removeValue(forKey: stream) else { return }
    if let peer = links[stream.connection]?.peer {
      arrived.append((Bytes(frame), peer))
    } else if var link = links[stream.connection] {
      // Whoever resumes may send a flight before its certificate is known; more is lost.
      let bytes = link.early.reduce(frame.count) { $0 + $1.count }
      guard bytes <= Self.largestFrame.bytes else { return }
      link.early.append(Bytes(frame))
      links[stream.connection] = link
    }
  }

  private mutating func forget(
    _ connection: Int, _ closing: QUICClosing, _ step: inout Step<Self>
  ) {
    let peer = links.removeValue(forKey: connection)?.peer
    let target = targets.removeValue(forKey: connection)
    let origin = origins.removeValue(forKey: connection)
    incoming = incoming.filter { $0.key.connection != connection }
    if peer == nil, closing.isRefusal, let place = target ?? origin {
      step.report(.refused(place, "\(closing)"))
      if let target { refusedUntil[target] = step.now + Self.refusalPause }
    }
    guard let node = peer ?? target else { return }
    if routes[node] == connection { routes[node] = nil }
    step.report(.disconnected(node))
  }

  /// Lets the engine and the frames talk until neither has anything to say.
  private mutating func settle(_ step: inout Step<Self>) {
    repeat {
      while let event = engine.takeEvent() { take(event, &step) }
      engine.flush(now: step.now)
    } while engine.hasEvents
    engine.leave(&step, &isTimerSetTo)
  }
}

/// What a carrier over QUIC tells its observer.
public enum QUICCarrierReport: Hashable, Sendable {
  /// A connection with a node stands, and each has seen the other's certificate.
  case connected(NodeID)
  /// A connection with a node ended.
  case disconnected(NodeID)
  /// A connection to a node could not be begun.
  case unusable(NodeID)
  /// Whoever stands in a node's place could not show that it is of this fleet, or did not believe
  /// that this node is; the reason holds a stranger's words.
  case refused(NodeID, String)
}

extension QUICClosing {
  /// Whether an end before the handshake was done says that one side did not believe the other.
  fileprivate var isRefusal: Bool {
    switch kind {
    case .alert, .application, .transport: true
    case .idle, .handshakeTimeout, .statelessReset, .otherVersions: false
    }
  }
}

extension QUICCarrierReport: StableHashable {
  public func hash(into hasher: inout StableHasher) {
    switch self {
    case .connected(let node): feed(0, node, into: &hasher)
    case .disconnected(let node): feed(1, node, into: &hasher)
    case .unusable(let node): feed(2, node, into: &hasher)
    case .refused(let node, let reason):
      feed(3, node, into: &hasher)
      hasher.combine(reason)
    }
  }

  private func feed(_ kind: Int, _ node: NodeID, into hasher: inout StableHasher) {
    hasher.combine(kind)
    hasher.combine(Int(node.index))
  }
}
