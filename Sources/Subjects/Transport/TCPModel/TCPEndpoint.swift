// A node that sends requests over modelled TCP connections and answers those of others.
public import LabCore

/// Requests and responses over the TCP model, with TLS and HTTP/1.1 as round trips and bytes.
///
/// Every node is a client and a server. The model is for virtual time: it moves segments of the
/// sizes that TCP would send, and its bytes are filling. A stream is delivered in order, so that
/// messages on one connection wait for a hole in an earlier one.
/// - Complexity: Linear in the segments under way for an acknowledgement that reports a hole,
///   otherwise constant for each segment.
/// - Determinism: The step's stream fixes ports and sequence numbers, which change no time.
/// > Reference: see ``TCPConfiguration`` for the documents that the parts follow, and for what is
/// > left out.
public struct TCPEndpoint: Instance, Hashable {
  public typealias Message = TCPSegment
  public typealias Command = ExchangeCommand
  public typealias Report = ExchangeReport

  /// The timers of one connection.
  public struct Timer: TimerName {
    enum Kind: UInt32 {
      case sending
      case acknowledging
      case computing
    }

    let slot: Int
    let kind: Kind

    init(_ kind: Kind, of slot: Int) {
      self.kind = kind
      self.slot = slot
    }

    public var index: UInt32 { UInt32(slot) * 4 + kind.rawValue }
    public init(index: UInt32) {
      guard let kind = Kind(rawValue: index % 4) else {
        preconditionFailure("no timer of a connection has index \(index)")
      }
      self.init(kind, of: Int(index / 4))
    }
  }

  /// The name of a connection between two nodes.
  private struct Key: Hashable {
    var opener: NodeID
    var port: UInt16
  }

  private let configuration: TCPExchangeConfiguration
  private var sessions: [TCPSession?] = []
  private var freeSlots: [Int] = []
  private var slots: [Key: Int] = [:]
  /// The connections that are kept, by server.
  private var kept: [NodeID: [Int]] = [:]
  /// Requests for which every connection that may be open is busy.
  private var waiting: [NodeID: [ExchangeHead]] = [:]
  private var nextPort: UInt16 = 0

  /// Makes a node without connections.
  public init(_ configuration: TCPExchangeConfiguration = TCPExchangeConfiguration()) {
    self.configuration = configuration
  }

  /// How many connections this node knows, closing ones among them.
  public var connectionCount: Int { slots.count }

  public mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    // Another port than in an earlier life, of which a peer may still know connections.
    nextPort = UInt16(truncatingIfNeeded: step.random.next())
  }

  public mutating func submit(_ command: ExchangeCommand, _ step: inout Step<Self>) {
    switch command {
    case .connect(let number, let server):
      guard configuration.state == .warm, kept[server] == nil else { return }
      open(server, number: number, &step)
    case .request(let number, let server, let requestBytes, let responseBytes):
      guard server != step.node else {
        return step.report(.failed(number: number, reason: .refused))
      }
      let request = ExchangeHead.request(
        number: number, bytes: requestBytes, responseBytes: responseBytes)
      if configuration.state == .warm {
        share(request, to: server, &step)
      } else {
        open(server, number: number, request: request, &step)
      }
    }
  }

  public mutating func receive(
    _ message: TCPSegment, from sender: NodeID, _ step: inout Step<Self>
  ) {
    let isFromOpener = message.flags.contains(.fromOpener)
    let key = Key(opener: isFromOpener ? sender : step.node, port: message.port)
    if let slot = slots[key], sessions[slot]?.peer == sender {
      sessions[slot]?.connection.receive(message, now: step.now)
      return settle(slot, &step)
    }
    if message.flags.contains(.synchronise), !message.flags.contains(.acknowledge), isFromOpener {
      accept(message, from: sender, key, &step)
    } else if !message.flags.contains(.reset) {
      step.send(.reset(answering: message), to: sender)
    }
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    guard sessions.indices.contains(timer.slot), sessions[timer.slot] != nil else { return }
    switch timer.kind {
    case .sending:
      sessions[timer.slot]?.timersSet.sending = nil
      sessions[timer.slot]?.connection.fireSending(now: step.now)
    case .acknowledging:
      sessions[timer.slot]?.timersSet.acknowledging = nil
      sessions[timer.slot]?.connection.fireAcknowledging(now: step.now)
    case .computing: sessions[timer.slot]?.endComputing()
    }
    settle(timer.slot, &step)
  }

  // MARK: Connections

  /// Sends a request on a connection that is kept, or opens one if it may.
  private mutating func share(
    _ request: ExchangeHead, to server: NodeID, _ step: inout Step<Self>
  ) {
    let open = kept[server, default: []]
    let most = configuration.http.map { max($0.connections, 1) } ?? 1
    if let slot = open.first(where: { sessions[$0]?.isIdle == true }) {
      sessions[slot]?.add(request)
      settle(slot, &step)
    } else if open.count < most {
      self.open(server, number: request.number, request: request, &step)
    } else if configuration.http == nil, let slot = open.first {
      sessions[slot]?.add(request)
      settle(slot, &step)
    } else {
      waiting[server, default: []].append(request)
    }
  }

  private mutating func open(
    _ server: NodeID, number: Int, request: ExchangeHead? = nil, _ step: inout Step<Self>
  ) {
    var key = Key(opener: step.node, port: nextPort)
    var tries = 0
    while slots[key] != nil {
      guard tries < Int(UInt16.max) else {
        return step.report(.failed(number: number, reason: .refused))
      }
      key.port &+= 1
      tries += 1
    }
    nextPort = key.port &+ 1
    let connection = TCPConnection(
      opening: key.port, first: UInt32(truncatingIfNeeded: step.random.next()),
      configuration.connection, at: step.now)
    var session = TCPSession(
      connection, with: server, number: number, isKept: configuration.state == .warm,
      configuration)
    if let request { session.add(request) }
    let slot = insert(session, key)
    if session.isKept { kept[server, default: []].append(slot) }
    settle(slot, &step)
  }

  private mutating func accept(
    _ segment: TCPSegment, from sender: NodeID, _ key: Key, _ step: inout Step<Self>
  ) {
    let connection = TCPConnection(
      accepting: segment, first: UInt32(truncatingIfNeeded: step.random.next()),
      configuration.connection, at: step.now)
    let session = TCPSession(connection, with: sender, isKept: false, configuration)
    settle(insert(session, key), &step)
  }

  private mutating func insert(_ session: TCPSession, _ key: Key) -> Int {
    let slot = freeSlots.popLast() ?? sessions.count
    if slot == sessions.count { sessions.append(nil) }
    sessions[slot] = session
    slots[key] = slot
    return slot
  }

  /// Lets a connection do what it can, and carries out what it asks for.
  private mutating func settle(_ slot: Int, _ step: inout Step<Self>) {
    guard let events = sessions[slot]?.advance(now: step.now), let peer = sessions[slot]?.peer
    else { return }
    for segment in sessions[slot]?.connection.takeOutbox() ?? [] { step.send(segment, to: peer) }
    var isFree = false
    for event in events {
      switch event {
      case .connected:
        if let number = sessions[slot]?.number { step.report(.connected(number: number)) }
      case .responded(let number): step.report(.responded(number: number))
      case .idle: isFree = true
      }
    }
    if let delay = sessions[slot]?.takeComputation() {
      step.set(Timer(.computing, of: slot), after: delay)
    }
    if sessions[slot]?.isOver == true {
      remove(slot, &step)
    } else {
      setTimers(of: slot, &step)
      if isFree { takeWaiting(for: peer, &step) }
    }
  }

  /// Moves the world's timers to the deadlines of a connection.
  private mutating func setTimers(of slot: Int, _ step: inout Step<Self>) {
    guard let session = sessions[slot] else { return }
    let due = (session.connection.sendingDeadline, session.connection.acknowledgingDeadline)
    set(Timer(.sending, of: slot), from: session.timersSet.sending, to: due.0, &step)
    set(Timer(.acknowledging, of: slot), from: session.timersSet.acknowledging, to: due.1, &step)
    sessions[slot]?.timersSet = due
  }

  private func set(
    _ timer: Timer, from old: Instant?, to new: Instant?, _ step: inout Step<Self>
  ) {
    guard old != new else { return }
    if let new { step.add(.set(timer, at: new)) } else { step.cancel(timer) }
  }

  /// Forgets a connection that is over, and reports what it leaves without a response.
  private mutating func remove(_ slot: Int, _ step: inout Step<Self>) {
    guard let session = sessions[slot] else { return }
    for kind in [Timer.Kind.sending, .acknowledging, .computing] {
      step.cancel(Timer(kind, of: slot))
    }
    sessions[slot] = nil
    freeSlots.append(slot)
    let opener = session.isClient ? step.node : session.peer
    slots[Key(opener: opener, port: session.connection.port)] = nil
    if session.isKept {
      kept[session.peer]?.removeAll { $0 == slot }
      if kept[session.peer]?.isEmpty == true { kept[session.peer] = nil }
    }
    guard session.isClient else { return }
    let reason = session.connection.failure ?? .reset
    for number in session.unansweredNumbers {
      step.report(.failed(number: number, reason: reason))
    }
    takeWaiting(for: session.peer, &step)
  }

  /// Sends the oldest request that waits for a connection to a server.
  private mutating func takeWaiting(for server: NodeID, _ step: inout Step<Self>) {
    guard var requests = waiting[server], let first = requests.first else { return }
    requests.removeFirst()
    waiting[server] = requests.isEmpty ? nil : requests
    share(first, to: server, &step)
  }
}
