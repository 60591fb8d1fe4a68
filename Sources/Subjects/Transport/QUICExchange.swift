// Requests and responses over QUIC, a stream for each.
public import LabCore

/// A node that asks and answers over QUIC: client and server of ``ExchangeCommand``.
///
/// Each request travels on a bidirectional stream of its own, with a head that says how many bytes
/// are wanted back, and the response travels back on it.
public struct QUICExchange: Instance, ~Copyable {
  public typealias Message = Bytes
  public typealias Timer = QUICTimer
  public typealias Command = ExchangeCommand
  public typealias Report = ExchangeReport

  /// How requests travel.
  public struct Options: Sendable {
    /// What an earlier connection has left.
    public var state = ConnectionState.new
    /// Whether requests and responses travel in DATAGRAM frames, which may be lost, on a warm
    /// connection; both must fit a packet.
    public var usesDatagrams = false
    /// New connections and streams.
    public init() {}
  }

  /// The longest response that a server gives.
  public static let largestResponse = ByteCount(64 << 20)
  /// The longest message in a DATAGRAM frame: it fits the smallest packet of QUIC, 1,200 bytes.
  ///
  /// An exchange with a longer one is refused before anything is sent.
  public static let largestInDatagram = ByteCount(1_100)

  /// An exchange of a client.
  private struct Asked {
    var connection: Int
    var stream: QUICStream?
    var head: ExchangeHead
    var answer = Incoming()
    /// Whether the connection was opened for it, and is closed after it.
    var ownsConnection: Bool
  }

  /// The beginning and the length of what came on a stream.
  private struct Incoming {
    var beginning: [UInt8] = []
    var count = 0

    mutating func take(_ bytes: Bytes) {
      beginning += bytes.prefix(ExchangeHead.size - beginning.count)
      count += bytes.count
    }

    var head: ExchangeHead? { ExchangeHead(Bytes(beginning)) }
  }

  private var engine: QUICEngine
  private let options: Options
  private let serverName: @Sendable (NodeID) -> String
  /// Exchanges without a response, by number.
  private var asked: [Int: Asked] = [:]
  /// Their numbers, by stream.
  private var numbers: [QUICStream: Int] = [:]
  /// The numbers of those that wait for a stream, by connection, oldest first.
  private var waiting: [Int: [Int]] = [:]
  /// The exchange whose request reports that its connection stands.
  private var connecting: [Int: Int] = [:]
  /// The connection that all requests to a server share, when it is kept.
  private var warm: [NodeID: Int] = [:]
  private var servers: [Int: NodeID] = [:]
  private var tickets: [NodeID: QUICTicket] = [:]
  /// What came of requests to this node.
  private var requests: [QUICStream: Incoming] = [:]
  /// The streams of clients that are not done yet.
  private var open: Set<QUICStream> = []
  /// The most streams of clients that this node ever had open at once.
  public private(set) var mostStreams = 0
  private var isTimerSetTo: Instant?

  /// Makes a node.
  ///
  /// - Parameter serverName: The name in a node's certificate.
  /// - Throws: ``TLSError`` when GnuTLS gives no memory or no key.
  public init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, node: NodeID, seed: Seed,
    options: Options = Options(), serverName: @escaping @Sendable (NodeID) -> String
  ) throws(TLSError) {
    engine = try QUICEngine(
      configuration, identity, local: QUICAddress(node), isServer: true,
      random: seed.child("connection-ids").stream())
    self.options = options
    self.serverName = serverName
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

  public mutating func submit(_ command: ExchangeCommand, _ step: inout Step<Self>) {
    switch command {
    case .connect(let number, let server):
      guard options.state == .warm, warm[server] == nil else { break }
      if let connection = connect(to: server, for: number, &step) {
        warm[server] = connection
        connecting[connection] = number
      }
    case .request(let number, let server, let requestBytes, let responseBytes):
      let head = ExchangeHead.request(
        number: number, bytes: requestBytes, responseBytes: responseBytes)
      ask(head, server, &step)
    }
    settle(&step)
  }

  // MARK: The client

  /// Opens a connection for an exchange; `nil` after a report that it cannot begin.
  private mutating func connect(
    to server: NodeID, for number: Int, _ step: inout Step<Self>
  ) -> Int? {
    let ticket = options.state == .new ? nil : tickets[server]
    do {
      let connection = try engine.connect(
        to: QUICAddress(server), serverName: serverName(server), resuming: ticket, now: step.now)
      servers[connection] = server
      return connection
    } catch {
      step.report(.failed(number: number, reason: .unable))
      return nil
    }
  }

  private mutating func ask(_ head: ExchangeHead, _ server: NodeID, _ step: inout Step<Self>) {
    let isTooLong = max(head.bytes, head.responseBytes) > Self.largestInDatagram.bytes
    if options.usesDatagrams, isTooLong {
      return step.report(.failed(number: head.number, reason: .refused))
    }
    let isWarm = options.state == .warm
    var connection = isWarm ? warm[server] : nil
    let isNew = connection == nil
    if isNew { connection = connect(to: server, for: head.number, &step) }
    guard let connection else { return }
    asked[head.number] = Asked(connection: connection, head: head, ownsConnection: !isWarm)
    if isWarm { warm[server] = connection }
    if isNew { connecting[connection] = head.number }
    if isNew, options.state == .resumed, tickets[server] != nil {
      connecting[connection] = nil
      step.report(.connected(number: head.number))
    }
    send(head.number)
  }

  /// Sends a request, now or as soon as the peer allows another stream.
  private mutating func send(_ number: Int) {
    guard var exchange = asked[number] else { return }
    if options.usesDatagrams {
      return engine.sendDatagram(Self.message(exchange.head), on: exchange.connection)
    }
    guard let stream = engine.openStream(on: exchange.connection) else {
      waiting[exchange.connection, default: []].append(number)
      return
    }
    exchange.stream = stream
    asked[number] = exchange
    numbers[stream] = number
    write(exchange.head, on: stream)
  }

  private mutating func sendWaiting(on connection: Int) {
    for number in waiting.removeValue(forKey: connection) ?? [] { send(number) }
  }

  private mutating func takeAnswer(
    _ bytes: Bytes, _ number: Int, isEnd: Bool, _ step: inout Step<Self>
  ) {
    guard var exchange = asked[number] else { return }
    exchange.answer.take(bytes)
    asked[number] = exchange
    let isWhole = exchange.answer.count >= exchange.head.responseBytes
    guard isWhole || isEnd else { return }
    let isRight = isWhole && exchange.answer.head == exchange.head.response
    finish(number, isRight ? nil : .reset, &step)
  }

  /// Ends an exchange with its response, or with a reason for having none.
  private mutating func finish(
    _ number: Int, _ failure: ExchangeFailure?, _ step: inout Step<Self>
  ) {
    guard let exchange = asked.removeValue(forKey: number) else { return }
    if let stream = exchange.stream { numbers[stream] = nil }
    if let failure {
      step.report(.failed(number: number, reason: failure))
    } else {
      step.report(.responded(number: number))
    }
    if exchange.ownsConnection { engine.close(exchange.connection, now: step.now) }
  }

  // MARK: The server

  private mutating func takeRequest(_ bytes: Bytes, _ stream: QUICStream, isEnd: Bool) {
    requests[stream, default: Incoming()].take(bytes)
    guard let incoming = requests[stream] else { return }
    let isHeadThere = incoming.beginning.count == ExchangeHead.size
    guard isEnd || isHeadThere else { return }
    guard let head = incoming.head, head.isRequest,
      head.responseBytes <= Self.largestResponse.bytes
    else {
      requests[stream] = nil
      return engine.reset(stream, code: 1)
    }
    guard isEnd else { return }
    requests[stream] = nil
    guard incoming.count == head.bytes else { return engine.reset(stream, code: 1) }
    write(head.response, on: stream)
  }

  // MARK: Both

  private static let filling = Bytes([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16))

  /// A message in one piece, no longer than ``largestInDatagram``.
  private static func message(_ head: ExchangeHead) -> Bytes {
    Bytes(head.encoded.array + filling.slice(0..<head.bytes - ExchangeHead.size).array)
  }

  /// Writes a message: its head, filling up to its length, the end.
  private mutating func write(_ head: ExchangeHead, on stream: QUICStream) {
    var rest = head.bytes - ExchangeHead.size
    engine.write(head.encoded, on: stream, isEnd: rest == 0)
    while rest > 0 {
      let count = min(rest, Self.filling.count)
      rest -= count
      engine.write(Self.filling.slice(0..<count), on: stream, isEnd: rest == 0)
    }
  }

  private mutating func take(_ event: QUICEvent, _ step: inout Step<Self>) {
    switch event {
    case .received(let stream, let bytes, let isEnd, _):
      if let number = numbers[stream] {
        takeAnswer(bytes, number, isEnd: isEnd, &step)
      } else if servers[stream.connection] == nil, stream.isBidirectional {
        if open.insert(stream).inserted { mostStreams = max(mostStreams, open.count) }
        takeRequest(bytes, stream, isEnd: isEnd)
      }
    case .receivedDatagram(let connection, let bytes):
      guard let head = ExchangeHead(bytes) else { return }
      if !head.isRequest { return takeAnswer(bytes, head.number, isEnd: true, &step) }
      guard head.responseBytes <= Self.largestInDatagram.bytes else { return }
      engine.sendDatagram(Self.message(head.response), on: connection)
    case .established(let connection, _, _, _):
      if let number = connecting.removeValue(forKey: connection) {
        step.report(.connected(number: number))
      }
      sendWaiting(on: connection)
    case .moreStreams(let connection): sendWaiting(on: connection)
    case .ticket(let connection, let ticket):
      if let server = servers[connection] { tickets[server] = ticket }
    case .reset(let stream, _):
      requests[stream] = nil
      open.remove(stream)
      if let number = numbers[stream] { finish(number, .reset, &step) }
    case .finished(let stream):
      requests[stream] = nil
      open.remove(stream)
    case .closed(let connection, let closing): forget(connection, closing, &step)
    case .accepted, .moved: break
    }
  }

  private mutating func forget(
    _ connection: Int, _ closing: QUICClosing, _ step: inout Step<Self>
  ) {
    let reason: ExchangeFailure =
      switch closing.kind {
      case .handshakeTimeout: .unreachable
      case .idle: .timedOut
      case .alert: .refused
      case .application, .transport, .statelessReset, .otherVersions: .reset
      }
    if let server = servers.removeValue(forKey: connection), warm[server] == connection {
      warm[server] = nil
    }
    connecting[connection] = nil
    waiting[connection] = nil
    requests = requests.filter { $0.key.connection != connection }
    open = open.filter { $0.connection != connection }
    for number in asked.filter({ $0.value.connection == connection }).keys.sorted() {
      finish(number, reason, &step)
    }
  }

  /// Lets the engine and the exchanges talk until neither has anything to say.
  private mutating func settle(_ step: inout Step<Self>) {
    repeat {
      while let event = engine.takeEvent() { take(event, &step) }
      engine.flush(now: step.now)
    } while engine.hasEvents
    engine.leave(&step, &isTimerSetTo)
  }
}
