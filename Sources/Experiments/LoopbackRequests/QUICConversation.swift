// A client and a server of QUIC that take turns on one thread.
import LabCore
import LabRunner
import Sockets
import Transport

/// Two endpoints on loopback, each with a socket, between which requests go without a pause.
struct QUICConversation {
  private static let name = "node-1.fleet"
  private static let protocolName = "exchange/1"

  /// Why a conversation ended too early.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  private let client: QUICShell
  private let server: QUICShell
  private let bytes: Int
  private let filling: Bytes
  private let connection: Int
  private var isEstablished = false
  private var left: Int
  private var answered = 0
  /// Requests that wait until the server allows another stream.
  private var postponed = 0
  /// How many bytes of each stream have arrived: at the server, at the client.
  private var requests: [QUICStream: Int] = [:]
  private var answers: [QUICStream: Int] = [:]

  /// Connects the two and waits for the handshake.
  ///
  /// - Parameters:
  ///   - count: How many requests will be made.
  ///   - bytes: How long a request and a response is.
  /// - Throws: ``TLSError``, ``Sockets/DatagramSocket/Failure``, ``Problem``.
  init(count: Int, bytes: Int, patience: Duration) throws {
    let configuration = QUICConfiguration(applicationProtocol: Self.protocolName)
    let yesterday = Int(Stopwatch.nanosecondsSince1970() / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    server = try QUICShell(
      configuration, try authority.issue(Self.name),
      on: try DatagramSocket.bound(host: "127.0.0.1", port: 0), isServer: true)
    client = try QUICShell(
      configuration, try authority.issue("node-0.fleet"),
      on: try DatagramSocket.toward(server.address), isServer: false)
    guard let address = QUICAddress(host: server.address.host, port: server.address.port) else {
      throw Problem(description: "the server has no address")
    }
    connection = try client.engine.connect(
      to: address, serverName: Self.name, now: client.now)
    self.bytes = bytes
    filling = Bytes([UInt8](repeating: UInt8(ascii: "x"), count: bytes))
    left = count
    let limit = Stopwatch.monotonic() + patience
    while !isEstablished { try turn(until: limit) }
  }

  /// Makes all requests, so many of them under way at any time.
  ///
  /// - Throws: ``Problem`` when that takes longer than the patience.
  mutating func run(inFlight: Int, patience: Duration) throws {
    let count = left
    let limit = Stopwatch.monotonic() + patience
    for _ in 0..<inFlight { ask() }
    while answered < count { try turn(until: limit) }
  }

  private mutating func ask() {
    guard left > 0 else { return }
    guard let stream = client.engine.openStream(on: connection) else {
      postponed += 1
      return
    }
    left -= 1
    client.engine.write(filling, on: stream, isEnd: true)
  }

  /// Lets each side send, and take what has arrived; nobody waits while the other has work.
  private mutating func turn(until limit: Instant) throws {
    client.turn(atMost: .zero)
    while let event = client.engine.takeEvent() { try takeAtClient(event) }
    server.turn(atMost: .zero)
    while let event = server.engine.takeEvent() { takeAtServer(event) }
    guard Stopwatch.monotonic() < limit else {
      throw Problem(description: "\(answered) requests were answered before the patience ended")
    }
  }

  private mutating func takeAtServer(_ event: QUICEvent) {
    guard case .received(let stream, let bytes, let isEnd, _) = event else { return }
    let count = requests.removeValue(forKey: stream, default: 0) + bytes.count
    if isEnd {
      server.engine.write(filling.slice(0..<min(count, self.bytes)), on: stream, isEnd: true)
    } else {
      requests[stream] = count
    }
  }

  private mutating func takeAtClient(_ event: QUICEvent) throws {
    switch event {
    case .established: isEstablished = true
    case .moreStreams:
      let count = postponed
      postponed = 0
      for _ in 0..<count { ask() }
    case .closed(_, let closing): throw Problem(description: "the connection ended: \(closing)")
    case .received(let stream, let bytes, let isEnd, _):
      let count = answers.removeValue(forKey: stream, default: 0) + bytes.count
      guard isEnd else {
        answers[stream] = count
        return
      }
      guard count == self.bytes else {
        throw Problem(description: "a response has \(count) bytes in place of \(self.bytes)")
      }
      answered += 1
      ask()
    default: break
    }
  }
}

extension Dictionary {
  fileprivate mutating func removeValue(forKey key: Key, default value: Value) -> Value {
    removeValue(forKey: key) ?? value
  }
}
