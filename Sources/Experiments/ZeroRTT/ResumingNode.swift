// Events over QUIC, each on a connection that resumes the one before.
import LabCore
import Transport

/// A client that opens a connection for each event and closes it later, or a server that takes
/// events the moment they can be read.
struct ResumingNode: Instance, ~Copyable {
  typealias Message = Bytes
  typealias Timer = QUICTimer

  enum Command: Sendable {
    case send(number: Int, server: NodeID)
    case hangUp
  }

  enum Report: Hashable, Sendable, StableHashable {
    /// An event is whole and can be read.
    case handled(number: Int, isEarly: Bool)
    /// Bytes came that are no event, or not yet.
    case bytes(Int)
    /// The server refused data that was sent before the handshake was done.
    case refusedEarly

    func hash(into hasher: inout StableHasher) { hasher.combine("\(self)") }
  }

  private var engine: QUICEngine
  private let usesTickets: Bool
  private var ticket: QUICTicket?
  private var connection: Int?
  private var incoming: [QUICStream: [UInt8]] = [:]
  private var isTimerSetTo: Instant?

  /// The name in every server's certificate.
  static let serverName = "server.fleet"

  /// Makes a node.
  ///
  /// - Parameter usesTickets: Whether a client resumes.
  init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, node: NodeID, seed: Seed,
    usesTickets: Bool
  ) throws(TLSError) {
    engine = try QUICEngine(
      configuration, identity, local: QUICAddress(node), isServer: true,
      random: seed.child("connection-ids").stream())
    self.usesTickets = usesTickets
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    engine.receive(message, from: QUICAddress(sender), now: step.now)
    settle(&step)
  }

  mutating func fire(_ timer: QUICTimer, _ step: inout Step<Self>) {
    isTimerSetTo = nil
    engine.expire(now: step.now)
    settle(&step)
  }

  mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    switch command {
    case .hangUp:
      if let connection { engine.close(connection, now: step.now) }
      connection = nil
    case .send(let number, let server): send(number, to: server, &step)
    }
    settle(&step)
  }

  /// Opens a connection and writes the event on it, before anything has come back.
  private mutating func send(_ number: Int, to server: NodeID, _ step: inout Step<Self>) {
    let event = FleetEvent(
      id: FleetEvent.randomID(&step.random), type: flightEventType,
      source: step.node.description, target: nil, data: "\(number):", timestamp: step.now)
    do {
      let opened = try engine.connect(
        to: QUICAddress(server), serverName: Self.serverName,
        resuming: usesTickets ? ticket : nil, now: step.now)
      connection = opened
      guard let stream = engine.openStream(on: opened, isBidirectional: false) else {
        // Without the server's limits no stream can be opened before the handshake is done.
        waiting = event
        return
      }
      engine.write(event.json, on: stream, isEnd: true)
    } catch {
      preconditionFailure("a connection cannot be begun: \(error)")
    }
  }

  /// The event for which no stream could be opened yet.
  private var waiting: FleetEvent?

  private mutating func sendWaiting() {
    guard let event = waiting, let connection,
      let stream = engine.openStream(on: connection, isBidirectional: false)
    else { return }
    waiting = nil
    engine.write(event.json, on: stream, isEnd: true)
  }

  private mutating func take(_ event: QUICEvent, _ step: inout Step<Self>) {
    switch event {
    case .received(let stream, let bytes, let isEnd, let isEarly):
      incoming[stream, default: []] += bytes
      guard isEnd, let whole = incoming.removeValue(forKey: stream),
        let event = FleetEvent(json: Bytes(whole)),
        let number = event.data.split(separator: ":").first.flatMap({ Int($0) })
      else { return step.report(.bytes(bytes.count)) }
      step.report(.handled(number: number, isEarly: isEarly))
    case .established(_, _, _, let earlyData):
      if earlyData == .refused { step.report(.refusedEarly) }
      sendWaiting()
    case .moreStreams: sendWaiting()
    case .ticket(_, let newest): ticket = newest
    case .closed(let gone, _): incoming = incoming.filter { $0.key.connection != gone }
    case .accepted, .receivedDatagram, .reset, .finished, .moved: break
    }
  }

  private mutating func settle(_ step: inout Step<Self>) {
    repeat {
      while let event = engine.takeEvent() { take(event, &step) }
      engine.flush(now: step.now)
    } while engine.hasEvents
    engine.leave(&step, &isTimerSetTo)
  }
}

extension ResumingNode: FlightSubject {
  static func send(_ number: Int, to server: NodeID) -> Command {
    .send(number: number, server: server)
  }

  static var hangUp: Command? { .hangUp }

  static func read(_ report: Report) -> FlightNews? {
    switch report {
    case .handled(let number, let isEarly): .handled(number, isEarly: isEarly)
    case .bytes: .reached
    case .refusedEarly: .refusedEarly
    }
  }
}
