// The document's QUICTransport, QUICStream and distributed EventBus, with every defect they have.
public import LabCore

/// The distributed event bus of the document's section 3.1, exactly as written there.
///
/// What the listing does, and this follows line by line:
/// - `broadcast` sends the event's JSON as it is; `handleIncomingMessage` takes the first four
///   bytes of whatever arrives as a big-endian stream id and strips them, so what is left is no
///   JSON.
/// - All events begin with the same four bytes `{"id`, so all peers share the stream 2,065,852,772;
///   ids are kept without the peer, and each node counts its own from 0.
/// - A new stream's `data` fires before `stream` is emitted, so the first datagram has no listener.
/// - `createStream` sends to the node's own bind address, and nothing listens to the stream it
///   makes.
/// - `maxStreams` and `reconnectionTimeout` are never read; `buffer` only grows.
/// - The event is stored and emitted before it is broadcast, so a send that fails rejects after
///   local handlers have run. Remote events are not broadcast again.
/// - `target` is stored and never looked at.
///
/// Where the listing would throw in a socket callback (a datagram under four bytes, data that is no
/// JSON) a Node.js process would end. To count what follows, this goes on and reports it, which is
/// the kindest reading.
/// - Determinism: The step fixes the UUIDs; see ``LabCore/Instance``.
public struct DocumentEventBus: Instance {
  public typealias Message = Bytes
  public typealias Timer = NoTimer
  public typealias Command = BusCommand
  public typealias Report = BusReport

  /// The document's `QUICStream`, without its sending half, which is in ``openStream(_:_:)``.
  struct QUICStream {
    /// Every datagram that ever came; the document never empties it.
    var buffer: [Bytes] = []
    /// Whether the bus has attached its `data` listener.
    var hasListener = false
    /// Who sent on it, which the document does not record.
    var senders: Set<NodeID> = []
  }

  private let nodes: Int
  private let configuration: TransportConfiguration
  private var streams: [UInt32: QUICStream] = [:]
  private var nextStreamID: UInt32 = 0
  private var events: [String: FleetEvent] = [:]

  /// Makes the bus of one node.
  ///
  /// - Parameter nodes: How many nodes there are; all others are peers.
  public init(nodes: Int, configuration: TransportConfiguration = TransportConfiguration()) {
    self.nodes = nodes
    self.configuration = configuration
  }

  public mutating func submit(_ command: BusCommand, _ step: inout Step<Self>) {
    switch command {
    case .publish(let number, let type, let target, let payloadBytes):
      emitFleetEvent(number, type, target, payloadBytes, &step)
    case .openStream(_, let payloadBytes): openStream(payloadBytes, &step)
    }
  }

  public mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    var reader = ByteReader(message)
    guard let id = reader.read(UInt32.self), let data = reader.read(count: reader.remaining) else {
      return step.report(.uncaught)
    }
    if sender == step.node { step.report(.streamToMyself) }
    let known = streams[id]
    if known == nil, streams.count >= configuration.maximumStreams {
      step.report(.streamBeyondLimit)
    }
    var stream = known ?? QUICStream()
    stream.senders.insert(sender)
    if stream.senders.count > 1 { step.report(.sharedStream) }
    stream.buffer.append(data)
    if stream.hasListener { dataArrived(data, &step) } else { step.report(.droppedBeforeListening) }
    // `stream` is emitted for a stream that was not known, and only then does the bus listen to it.
    if known == nil { stream.hasListener = true }
    streams[id] = stream
  }

  /// The document's `emitFleetEvent`.
  private mutating func emitFleetEvent(
    _ number: Int, _ type: String, _ target: NodeID?, _ payloadBytes: Int, _ step: inout Step<Self>
  ) {
    let event = FleetEvent(
      id: FleetEvent.randomID(&step.random), type: type, source: step.node.description,
      target: target?.description, data: EventNumber.data(number, bytes: payloadBytes),
      timestamp: step.now)
    events[event.id] = event
    step.report(.emittedLocally(number: number))
    let json = event.json
    for peer in 0..<nodes where NodeID(peer) != step.node {
      step.send(json, to: NodeID(peer))
    }
    if json.count > Datagram.largest.bytes {
      step.report(.refused(number: number, afterEmitting: true))
    }
  }

  /// The document's `createStream`: the stream's own address is the node's.
  private mutating func openStream(_ payloadBytes: Int, _ step: inout Step<Self>) {
    let id = nextStreamID
    nextStreamID += 1
    streams[id] = QUICStream()
    var packet = ByteWriter()
    packet.write(id)
    packet.write(raw: repeatElement(UInt8(ascii: "x"), count: payloadBytes))
    step.send(packet.finish(), to: step.node)
  }

  /// The bus's `data` listener.
  private mutating func dataArrived(_ data: Bytes, _ step: inout Step<Self>) {
    guard let event = FleetEvent(json: data) else {
      step.report(.unreadable)
      return step.report(.uncaught)
    }
    let again = events.updateValue(event, forKey: event.id) != nil
    step.report(
      .handled(
        number: EventNumber.read(event.data),
        forMe: event.target == nil || event.target == step.node.description, again: again))
  }
}

/// The size that UDP over IPv4 allows a datagram.
enum Datagram {
  /// 65,535 bytes less 20 of IPv4 and 8 of UDP headers (RFC 791, RFC 768).
  static let largest = ByteCount(65_507)
}
