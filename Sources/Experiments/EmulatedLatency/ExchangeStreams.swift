// Requests and responses over real TCP: client and server of ExchangeCommand.
import LabCore
import Sockets
import Transport

/// A program that asks and answers over streams, as ``TCPEndpoint`` does over its model.
///
/// A message begins with an ``ExchangeHead``, which says how long it is.
struct ExchangeStreams: StreamProgram {
  /// The longest message that is taken from a peer.
  static let largestMessage = ByteCount(64 << 20)
  /// How many connections to the server are kept over HTTP, each with one request at a time.
  private static let httpConnections = 6

  /// What a connection is for.
  private struct Connection {
    /// Whether it stays open after a response.
    var isKept: Bool
    /// The number under which the caller hears that it stands.
    var number: Int?
    var stands = false
    var incoming = IncomingMessages()
    /// Requests that have not been sent.
    var queue: [ExchangeHead] = []
    /// Requests without a response, by number.
    var outstanding: [Int: ExchangeHead] = [:]

    var isIdle: Bool { stands && queue.isEmpty && outstanding.isEmpty }
  }

  private let state: ConnectionState
  private let isHTTP: Bool
  private var connections: [StreamID: Connection] = [:]
  private var kept: [StreamID] = []
  /// Requests for which every connection that may be open is busy.
  private var waiting: [ExchangeHead] = []
  /// Chains of requests, which each request that is asked for begins; `nil` for single ones.
  private var repeating: RepeatedRequests?

  init(state: ConnectionState, isHTTP: Bool, repeating: RepeatedRequests? = nil) {
    self.state = state
    self.isHTTP = isHTTP
    self.repeating = repeating
  }

  mutating func submit(_ command: ExchangeCommand, _ step: inout StreamStep<ExchangeReport>) {
    switch command {
    case .connect(let number, _):
      if state == .warm, kept.isEmpty { open(number: number, nil, &step) }
    case .request where repeating != nil:
      if let next = repeating?.next() { ask(next, &step) }
    case .request: ask(command, &step)
    }
  }

  private mutating func ask(
    _ command: ExchangeCommand, _ step: inout StreamStep<ExchangeReport>
  ) {
    guard case .request(let number, _, let requestBytes, let responseBytes) = command else {
      return
    }
    let head = ExchangeHead.request(
      number: number, bytes: requestBytes, responseBytes: responseBytes)
    if state == .warm { share(head, &step) } else { open(number: number, head, &step) }
  }

  mutating func take(
    _ event: StreamEvent, on connection: StreamID, _ step: inout StreamStep<ExchangeReport>
  ) {
    switch event {
    case .accepted: connections[connection] = Connection(isKept: false, stands: true)
    case .connected:
      connections[connection]?.stands = true
      if let number = connections[connection]?.number { step.report(.connected(number: number)) }
      sendQueue(of: connection, &step)
    case .received(let bytes): take(bytes, connection, &step)
    case .unreached: end(connection, .unreachable, &step)
    case .closed:
      let isEstablished = connections[connection]?.stands == true
      end(connection, isEstablished ? .reset : .refused, &step)
    }
  }

  // MARK: The client

  private mutating func open(
    number: Int, _ request: ExchangeHead?, _ step: inout StreamStep<ExchangeReport>
  ) {
    let connection = step.open()
    connections[connection] = Connection(
      isKept: state == .warm, number: number, queue: request.map { [$0] } ?? [])
    if state == .warm { kept.append(connection) }
  }

  /// Sends a request on a connection that is kept, or opens one if it may.
  private mutating func share(
    _ request: ExchangeHead, _ step: inout StreamStep<ExchangeReport>
  ) {
    let most = isHTTP ? Self.httpConnections : 1
    if let idle = kept.first(where: { connections[$0]?.isIdle == true }) {
      connections[idle]?.queue.append(request)
      sendQueue(of: idle, &step)
    } else if kept.count < most {
      open(number: request.number, request, &step)
    } else if !isHTTP, let shared = kept.first {
      connections[shared]?.queue.append(request)
      sendQueue(of: shared, &step)
    } else {
      waiting.append(request)
    }
  }

  /// Sends what waits for a connection; over HTTP one request at a time.
  private mutating func sendQueue(
    of connection: StreamID, _ step: inout StreamStep<ExchangeReport>
  ) {
    guard var own = connections[connection], own.stands else { return }
    while let head = own.queue.first, !isHTTP || own.outstanding.isEmpty {
      own.queue.removeFirst()
      own.outstanding[head.number] = head
      step.write(Self.message(head), on: connection)
    }
    connections[connection] = own
  }

  private mutating func takeResponse(
    _ head: ExchangeHead, _ connection: StreamID, _ step: inout StreamStep<ExchangeReport>
  ) {
    guard let request = connections[connection]?.outstanding.removeValue(forKey: head.number),
      request.response == head
    else { return step.close(connection) }
    tell(.responded(number: head.number), &step)
    if connections[connection]?.isKept == false {
      step.close(connection)
    } else if !waiting.isEmpty {
      connections[connection]?.queue.append(waiting.removeFirst())
      sendQueue(of: connection, &step)
    }
  }

  /// Reports an answer; a chain reports its end alone, and goes on.
  private mutating func tell(
    _ report: ExchangeReport, _ step: inout StreamStep<ExchangeReport>
  ) {
    guard let (next, told) = repeating?.take(report) else { return step.report(report) }
    if let told { step.report(told) }
    if let next { ask(next, &step) }
  }

  /// Forgets a connection; what had no response on it gets none, and what waits for a connection
  /// gets another one.
  private mutating func end(
    _ connection: StreamID, _ failure: ExchangeFailure,
    _ step: inout StreamStep<ExchangeReport>
  ) {
    guard let own = connections.removeValue(forKey: connection) else { return }
    kept.removeAll { $0 == connection }
    let lost = own.outstanding.keys.sorted() + own.queue.map(\.number)
    for number in lost { step.report(.failed(number: number, reason: failure)) }
    if !waiting.isEmpty { share(waiting.removeFirst(), &step) }
  }

  // MARK: Both

  private mutating func take(
    _ bytes: Bytes, _ connection: StreamID, _ step: inout StreamStep<ExchangeReport>
  ) {
    guard let heads = connections[connection]?.incoming.take(bytes) else {
      return step.close(connection)
    }
    for head in heads {
      if head.isRequest {
        step.write(Self.message(head.response), on: connection)
      } else {
        takeResponse(head, connection, &step)
      }
    }
  }

  private static func message(_ head: ExchangeHead) -> Bytes {
    var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: head.bytes)
    bytes.replaceSubrange(0..<ExchangeHead.size, with: head.encoded)
    return Bytes(bytes)
  }
}

/// Cuts the bytes of a stream into messages.
struct IncomingMessages {
  private var beginning: [UInt8] = []
  private var head: ExchangeHead?
  /// How many bytes of the message are still to come.
  private var missing = 0

  /// Takes the next bytes.
  ///
  /// - Returns: The heads of the messages that are whole now; `nil` when the bytes are no messages.
  mutating func take(_ bytes: Bytes) -> [ExchangeHead]? {
    var heads: [ExchangeHead] = []
    var place = 0
    while place < bytes.count {
      if head == nil {
        let count = min(ExchangeHead.size - beginning.count, bytes.count - place)
        beginning += bytes.slice(place..<place + count)
        place += count
        guard beginning.count == ExchangeHead.size else { break }
        let limit = ExchangeStreams.largestMessage.bytes
        guard let read = ExchangeHead(Bytes(beginning)),
          max(read.bytes, read.responseBytes) <= limit
        else { return nil }
        beginning = []
        head = read
        missing = read.bytes - ExchangeHead.size
      }
      let count = min(missing, bytes.count - place)
      place += count
      missing -= count
      if missing == 0, let whole = head {
        heads.append(whole)
        head = nil
      }
    }
    return heads
  }
}
