// A client that sends bytes on many streams and wants them back.
public import LabCore
public import Sockets
public import Transport

/// One visit of a client to a server that echoes.
public struct QUICRequester {
  /// What is asked for.
  public struct Load: Sendable {
    /// How many streams are opened, as fast as the server allows.
    public var streams = 1
    /// How many bytes go out on each.
    public var bytes = 100
    /// Whether the keys change once half of the answers are there.
    public var updatesKeys = false
    /// Whether the client goes on from another port then.
    public var rebinds = false
    /// How long the visit may take.
    public var limit = Duration.seconds(20)

    /// One stream of 100 bytes.
    public init() {}
  }

  /// What came of it.
  public struct Outcome: Sendable {
    /// How many streams brought their own bytes back, whole.
    public var answered = 0
    /// How many brought other bytes or more of them.
    public var wrong = 0
    /// From the first datagram to the first byte of an answer, and to the last.
    public var firstAnswer: Duration?
    /// From the first datagram to the last byte of the last answer.
    public var lastAnswer: Duration?
    /// How the handshake went; `nil` when there was none.
    public var isResumed: Bool?
    /// What became of early data.
    public var earlyData = EarlyData.none
    /// The name in the server's certificate.
    public var peer: String?
    /// Whether the keys were changed.
    public var hasUpdatedKeys = false
    /// How the connection ended before the client closed it; `nil` when it did not.
    public var ending: QUICClosing?
    /// The newest ticket.
    public var ticket: QUICTicket?
  }

  private let shell: QUICShell
  private let load: Load
  private var outcome = Outcome()
  private var received: [QUICStream: Int] = [:]
  private var unopened: Int
  private var hasTurnedHalf = false

  private init(_ shell: QUICShell, _ load: Load) {
    self.shell = shell
    self.load = load
    unopened = load.streams
  }

  /// Visits a server.
  ///
  /// - Parameters:
  ///   - serverName: The name that its certificate must show.
  ///   - ticket: What an earlier visit brought, for early data.
  /// - Throws: ``TLSError``, ``QUICError`` and ``DatagramSocket/Failure``.
  public static func visit(
    _ server: DatagramSocket.Peer, serverName: String, _ configuration: QUICConfiguration,
    _ identity: TLSIdentity, _ load: Load, resuming ticket: QUICTicket? = nil
  ) throws -> Outcome {
    let socket = try DatagramSocket.toward(server)
    let shell = try QUICShell(configuration, identity, on: socket, isServer: false)
    var requester = QUICRequester(shell, load)
    try requester.run(server, serverName, ticket)
    return requester.outcome
  }

  private mutating func run(
    _ server: DatagramSocket.Peer, _ serverName: String, _ ticket: QUICTicket?
  ) throws {
    guard let address = QUICAddress(host: server.host, port: server.port) else { return }
    let start = shell.now
    let connection = try shell.engine.connect(
      to: address, serverName: serverName, resuming: ticket, now: start)
    open(on: connection)
    while shell.now - start < load.limit, outcome.ending == nil, !isDone {
      shell.turn(atMost: .milliseconds(50))
      while let event = shell.engine.takeEvent() { take(event, start, connection) }
      try turnHalf(connection)
    }
    shell.engine.close(connection, reason: "done", now: shell.now)
    shell.turn(atMost: .zero)
  }

  /// All answers are there, and a ticket for the next visit.
  private var isDone: Bool {
    outcome.answered + outcome.wrong == load.streams && outcome.ticket != nil
  }

  /// Opens what streams the server allows and writes on them.
  private mutating func open(on connection: Int) {
    while unopened > 0, let stream = shell.engine.openStream(on: connection) {
      unopened -= 1
      received[stream] = 0
      shell.engine.write(
        Bytes((0..<load.bytes).map { Self.byte($0, of: stream) }), on: stream, isEnd: true)
    }
  }

  /// The bytes of a stream: they differ between streams and along each.
  private static func byte(_ index: Int, of stream: QUICStream) -> UInt8 {
    UInt8(truncatingIfNeeded: index &* 31 &+ index >> 8 &+ Int(stream.id))
  }

  private mutating func turnHalf(_ connection: Int) throws {
    guard !hasTurnedHalf, load.updatesKeys || load.rebinds, outcome.answered * 2 >= load.streams
    else { return }
    if load.updatesKeys {
      // Not before the handshake is confirmed; the next turn tries again.
      guard shell.engine.updateKeys(of: connection, now: shell.now) else { return }
      outcome.hasUpdatedKeys = true
    }
    hasTurnedHalf = true
    if load.rebinds { try shell.rebind() }
  }

  private mutating func take(_ event: QUICEvent, _ start: Instant, _ connection: Int) {
    switch event {
    case .established(_, let peer, let isResumed, let earlyData):
      (outcome.peer, outcome.isResumed, outcome.earlyData) = (peer, isResumed, earlyData)
      open(on: connection)
    case .moreStreams: open(on: connection)
    case .received(let stream, let bytes, let isEnd, _):
      outcome.firstAnswer = outcome.firstAnswer ?? shell.now - start
      guard let count = received[stream] else { return }
      let isRight = bytes.enumerated().allSatisfy {
        $0.element == Self.byte(count + $0.offset, of: stream)
      }
      received[stream] = isRight ? count + bytes.count : nil
      if !isRight { outcome.wrong += 1 }
      guard isRight, isEnd else { return }
      received[stream] = nil
      if count + bytes.count == load.bytes { outcome.answered += 1 } else { outcome.wrong += 1 }
      outcome.lastAnswer = shell.now - start
    case .reset(let stream, _):
      if received.removeValue(forKey: stream) != nil { outcome.wrong += 1 }
    case .ticket(_, let ticket): outcome.ticket = ticket
    case .closed(_, let closing): outcome.ending = closing
    case .accepted, .receivedDatagram, .finished, .moved: break
    }
  }
}
