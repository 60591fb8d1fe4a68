// Two endpoints of QUIC with a line of constant delay between them.
import DequeModule
import LabCore
import LabRunner
import Transport

/// A client and a server that trust one authority, moved on by a plain loop.
struct EngineLine: ~Copyable {
  /// What one exchange moved.
  struct Outcome {
    /// Datagrams of both directions.
    var datagrams = 0
    /// What the applications of both ends got.
    var payloadBytes = 0
    /// Requests whose response has arrived.
    var answered = 0
    /// Bytes of responses that nobody wrote.
    var wrongBytes = 0
    /// Whether the connection was given up for an answer that names other versions.
    var isAbandoned = false
  }

  private struct Flying {
    var arrival: Instant
    var datagram: Bytes
    var from: QUICAddress
    var toServer: Bool
  }

  private static let (clientPlace, serverPlace) = (QUICAddress(NodeID(0)), QUICAddress(NodeID(1)))
  private static let serverName = "server.fleet"
  private static let filling: UInt8 = 0x72

  private var client: QUICEngine
  private var server: QUICEngine
  private let delay: Duration
  /// What bends datagrams on their way; `nil` for nothing.
  private var mischief: Mischief?
  private var now = Instant.zero
  /// What is under way, oldest first.
  private var flying: Deque<Flying> = []
  private var outcome = Outcome()
  /// The connection whose requests are counted.
  private var counted = 0
  private var established = 0

  /// Makes both ends.
  ///
  /// - Parameters:
  ///   - mischief: What bends datagrams on their way.
  ///   - maximumConnections: How many connections the server accepts at once.
  ///   - idleTimeout: How long a connection stands on which nothing happens; zero for ever.
  init(
    seed: Seed, delay: Duration, mischief: Mischief? = nil, maximumConnections: Int = .max,
    idleTimeout: Duration = .zero
  ) throws {
    var configuration = QUICConfiguration(applicationProtocol: "throughput/1")
    configuration.idleTimeout = idleTimeout
    configuration.maximumConnections = maximumConnections
    let yesterday = Int(configuration.unixTimeAtZero / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    let (mine, theirs) = (
      try authority.issue("client.fleet"), try authority.issue(Self.serverName)
    )
    let made = try QUICEngine(
      configuration, mine, local: Self.clientPlace, isServer: false,
      random: seed.child("client").stream())
    let served = try QUICEngine(
      configuration, theirs, local: Self.serverPlace, isServer: true,
      random: seed.child("server").stream())
    client = made
    server = served
    self.delay = delay
    self.mischief = mischief
  }

  /// How many datagrams were bent or came from strangers.
  var hostileDatagrams: Int { mischief?.count ?? 0 }

  /// How many connections the two ends have.
  var connectionCount: Int { client.connectionCount + server.connectionCount }

  /// Makes all requests over one new connection, and closes it.
  ///
  /// - Throws: ``EngineLineError/stalled(answered:of:)`` when both ends have nothing left to do.
  mutating func exchange(_ load: EngineLoad) throws -> Outcome {
    let outcome = try attempt(load)
    guard outcome.answered == load.requests else {
      throw EngineLineError.stalled(answered: outcome.answered, of: load.requests)
    }
    return outcome
  }

  /// Makes all requests over one new connection until they are answered, or time or all that is to
  /// be done has come to an end; closes it unless it is to be left open.
  mutating func attempt(
    _ load: EngineLoad, for patience: Duration? = nil, leavesOpen: Bool = false
  ) throws -> Outcome {
    let connection = try connect()
    counted = connection
    outcome = Outcome()
    let end = patience.map { now + $0 } ?? .never
    let request = Bytes([UInt8](repeating: 0x71, count: load.requestBytes))
    let filling = load.isLie ? ~Self.filling : Self.filling
    let response = Bytes([UInt8](repeating: filling, count: load.responseBytes))
    var asked = 0
    repeat {
      serve(response)
      take()
      while asked < load.requests, asked - outcome.answered < load.outstanding,
        let stream = client.openStream(on: connection)
      {
        client.write(request, on: stream, isEnd: true)
        asked += 1
      }
      speak()
    } while outcome.answered < load.requests && !outcome.isAbandoned && moveOn(until: end)
    if !leavesOpen { client.close(connection, now: now) }
    return outcome
  }

  /// Opens connections and lets them stand.
  ///
  /// - Returns: The memory of one end in bytes, as the allocator counts it.
  mutating func openIdle(_ load: IdleLoad) throws -> Double {
    let before = ProcessMemory.allocated()
    let connections = try (0..<load.connections).map { _ in try connect() }
    rest(load.time, serverReads: true)
    guard established == connections.count else {
      throw EngineLineError.notEstablished(established, of: connections.count)
    }
    if load.heldBytes > 0 {
      let held = Bytes([UInt8](repeating: 0x68, count: load.heldBytes))
      for connection in connections {
        guard let stream = client.openStream(on: connection) else { continue }
        client.write(held, on: stream)
      }
    }
    rest(load.time, serverReads: load.heldBytes == 0)
    return Double(ProcessMemory.allocated() - before) / Double(2 * load.connections)
  }

  /// Lets time pass without requests.
  private mutating func rest(_ time: Duration, serverReads: Bool) {
    let end = now + time
    repeat {
      take()
      // What the server does not take keeps its memory.
      while serverReads, server.takeEvent() != nil {}
      speak()
    } while moveOn(until: end)
    now = end
  }

  private mutating func connect() throws -> Int {
    try client.connect(to: Self.serverPlace, serverName: Self.serverName, now: now)
  }

  /// Puts on the line what both ends have to send.
  private mutating func speak() {
    client.flush(now: now)
    server.flush(now: now)
    while let (datagram, address) = client.takeDatagram() {
      if address == Self.serverPlace { send(datagram, toServer: true) }
    }
    while let (datagram, address) = server.takeDatagram() {
      // What goes to a stranger is lost there.
      if address == Self.clientPlace { send(datagram, toServer: false) }
    }
  }

  private mutating func send(_ datagram: Bytes, toServer: Bool) {
    outcome.datagrams += 1
    let from = toServer ? Self.clientPlace : Self.serverPlace
    let arrival = now + delay
    guard mischief != nil else {
      return flying.append(
        Flying(arrival: arrival, datagram: datagram, from: from, toServer: toServer))
    }
    for (datagram, stranger) in mischief?.bend(datagram) ?? [] {
      flying.append(
        Flying(arrival: arrival, datagram: datagram, from: stranger ?? from, toServer: toServer))
    }
  }

  /// Answers the requests that have arrived whole.
  private mutating func serve(_ response: Bytes) {
    while let event = server.takeEvent() {
      guard case .received(let stream, let bytes, let isEnd, _) = event else { continue }
      outcome.payloadBytes += bytes.count
      if isEnd { server.write(response, on: stream, isEnd: true) }
    }
  }

  /// Takes what the client was told.
  private mutating func take() {
    while let event = client.takeEvent() {
      switch event {
      case .received(let stream, let bytes, let isEnd, _):
        guard stream.connection == counted else { continue }
        outcome.payloadBytes += bytes.count
        if mischief != nil { outcome.wrongBytes += bytes.count { $0 != Self.filling } }
        if isEnd { outcome.answered += 1 }
      case .established: established += 1
      case .closed(let connection, let closing):
        if connection == counted, closing.kind == .otherVersions { outcome.isAbandoned = true }
      default: break
      }
    }
  }

  /// Moves time on to the next arrival or deadline, and lets it happen.
  ///
  /// - Returns: Whether there was one by the end.
  private mutating func moveOn(until end: Instant = .never) -> Bool {
    var next = flying.first?.arrival
    for deadline in [client.deadline, server.deadline] {
      if let deadline { next = next.map { min($0, deadline) } ?? deadline }
    }
    guard let next, next <= end else { return false }
    now = max(now, next)
    // What arrives at one instant is read together, as a socket's reader would.
    while let first = flying.first, first.arrival <= now {
      flying.removeFirst()
      if first.toServer {
        server.receive(first.datagram, from: first.from, now: now)
      } else {
        client.receive(first.datagram, from: first.from, now: now)
      }
    }
    if let deadline = client.deadline, deadline <= now { client.expire(now: now) }
    if let deadline = server.deadline, deadline <= now { server.expire(now: now) }
    return true
  }
}
