// Two engines with a line between them that a test may bend.
import LabCore
import Testing

@testable import Transport

/// A client and a server with a line of constant delay, moved on by a plain loop.
struct EnginePair: ~Copyable {
  /// A datagram on the line.
  struct Flying {
    var at: Instant
    var datagram: Bytes
    var from: QUICAddress
    var toServer: Bool
  }

  static let validFrom = 1_767_225_600 - 86_400
  static let serverAddress = QUICAddress(192, 0, 2, 1, port: 443)

  /// Where the server sees the client.
  var clientAddress = QUICAddress(192, 0, 2, 7, port: 5_000)
  var client: QUICEngine
  var server: QUICEngine
  var now = Instant.zero
  let delay: LabCore.Duration
  /// What flies, and all that ever did, in order.
  private(set) var flying: [Flying] = []
  private(set) var history: [Flying] = []
  var clientEvents: [QUICEvent] = []
  var serverEvents: [QUICEvent] = []
  /// Which datagrams are lost: by their place in the history.
  var isLost: (Int) -> Bool = { _ in false }
  /// Whether the server's events are taken.
  var serverReads = true

  init(
    _ configuration: QUICConfiguration = EnginePair.configuration,
    serverConfiguration: QUICConfiguration? = nil,
    clientIdentity: TLSIdentity? = nil, serverIdentity: TLSIdentity? = nil,
    authority: TLSAuthority? = nil, delay: LabCore.Duration = .milliseconds(10)
  ) throws {
    let authority = try authority ?? TLSAuthority(name: "fleet", validFrom: Self.validFrom)
    let clientIdentity = try clientIdentity ?? authority.issue("client.fleet")
    let serverIdentity = try serverIdentity ?? authority.issue("server.fleet")
    let made = try QUICEngine(
      configuration, clientIdentity, local: QUICAddress(192, 0, 2, 7, port: 5_000),
      isServer: false, random: Seed(1).stream())
    let served = try QUICEngine(
      serverConfiguration ?? configuration, serverIdentity, local: Self.serverAddress,
      isServer: true, random: Seed(2).stream())
    client = made
    server = served
    self.delay = delay
  }

  static var configuration: QUICConfiguration { QUICConfiguration(applicationProtocol: "test") }

  mutating func connect(resuming ticket: QUICTicket? = nil) throws -> Int {
    try client.connect(
      to: Self.serverAddress, serverName: "server.fleet", resuming: ticket, now: now)
  }

  /// Opens a stream of the client's, which the server must allow.
  mutating func openStream(on connection: Int) throws -> QUICStream {
    let stream = client.openStream(on: connection)
    return try #require(stream)
  }

  /// Sends what both have to send.
  mutating func flush() {
    client.flush(now: now)
    server.flush(now: now)
    while let (datagram, _) = client.takeDatagram() { fly(datagram, clientAddress, true) }
    while let (datagram, address) = server.takeDatagram() {
      // What goes to another address than the client's is lost there.
      if address == clientAddress { fly(datagram, Self.serverAddress, false) }
    }
    while let event = client.takeEvent() { clientEvents.append(event) }
    if serverReads { while let event = server.takeEvent() { serverEvents.append(event) } }
    client.flush(now: now)
    server.flush(now: now)
  }

  private mutating func fly(_ datagram: Bytes, _ from: QUICAddress, _ toServer: Bool) {
    let one = Flying(at: now + delay, datagram: datagram, from: from, toServer: toServer)
    history.append(one)
    if !isLost(history.count - 1) { flying.append(one) }
  }

  /// Puts a text in front of the server.
  mutating func inject(_ text: String, from sender: QUICAddress) {
    inject(Bytes(text.utf8), from: sender)
  }

  /// Puts a datagram in front of the server as if it came from somewhere.
  mutating func inject(_ datagram: Bytes, from sender: QUICAddress) {
    server.receive(datagram, from: sender, now: now)
  }

  /// Lets time pass.
  mutating func run(for span: LabCore.Duration) {
    let end = now + span
    while true {
      flush()
      let arrival = flying.first?.at
      let due = [arrival, client.deadline, server.deadline].compactMap { $0 }.min()
      guard let due, due <= end else { break }
      now = max(now, due)
      if let arrival, arrival <= now {
        let next = flying.removeFirst()
        if next.toServer {
          server.receive(next.datagram, from: next.from, now: now)
        } else {
          client.receive(next.datagram, from: Self.serverAddress, now: now)
        }
      }
      if let deadline = client.deadline, deadline <= now { client.expire(now: now) }
      if let deadline = server.deadline, deadline <= now { server.expire(now: now) }
    }
    now = end
  }

  /// The bytes that the server's application got, in order.
  var serverBytes: [UInt8] { Self.bytes(serverEvents) }
  var clientBytes: [UInt8] { Self.bytes(clientEvents) }

  private static func bytes(_ events: [QUICEvent]) -> [UInt8] {
    events.flatMap { event -> [UInt8] in
      if case .received(_, let bytes, _, _) = event { return bytes.array }
      return []
    }
  }

  /// How many connections the client and the server have.
  var connectionCounts: [Int] { [client.connectionCount, server.connectionCount] }

  /// The newest ticket of the client.
  func newestTicket() throws -> QUICTicket {
    let tickets = clientEvents.compactMap { event in
      if case .ticket(_, let ticket) = event { return ticket }
      return nil
    }
    return try #require(tickets.last)
  }

  /// How the client's and the server's connections ended.
  var clientEnds: [QUICClosing] { Self.ends(clientEvents) }
  var serverEnds: [QUICClosing] { Self.ends(serverEvents) }

  private static func ends(_ events: [QUICEvent]) -> [QUICClosing] {
    events.compactMap { event in
      if case .closed(_, let closing) = event { return closing }
      return nil
    }
  }

  /// What the client was told of its early data, connection by connection.
  var earlyData: [EarlyData] {
    clientEvents.compactMap { event in
      if case .established(_, _, _, let earlyData) = event { return earlyData }
      return nil
    }
  }
}

extension QUICEngine {
  /// Writes a text.
  mutating func write(_ text: String, on stream: QUICStream, isEnd: Bool = false) {
    write(Bytes(text.utf8), on: stream, isEnd: isEnd)
  }
}
