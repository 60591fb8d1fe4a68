// The document's bus with its framing mended and nothing else: datagrams, no acknowledgement.
public import LabCore

/// The document's distributed event bus with correct framing.
///
/// What is mended, and what is not:
/// - Every datagram begins with the stream id, and streams are kept by sender and id.
/// - A stream's listener stands before its first datagram is handed on.
/// - A stream goes to the node that it is opened to; the limit on streams is enforced. The one
///   stream on which each peer's events travel is always there and does not count.
/// - An event with a target is sent to that node alone.
/// - An event that no datagram can hold is refused before anybody has seen it.
/// - A duplicate is recognised by its id and handled once.
/// - As in the document there is no acknowledgement, no order, no congestion control and no
///   encryption: what the network loses is lost.
public struct DatagramEventBus: Instance {
  public typealias Message = Bytes
  public typealias Timer = NoTimer
  public typealias Command = BusCommand
  public typealias Report = BusReport

  /// The stream on which a node's events travel.
  private static let eventStream: UInt32 = 0

  /// A stream, named by the one who opened it and the number that it gave.
  private struct StreamKey: Hashable {
    var opener: NodeID
    var id: UInt32
  }

  private let nodes: Int
  private let configuration: TransportConfiguration
  private var streams: Set<StreamKey> = []
  private var nextStreamID: UInt32 = eventStream + 1
  private var seen: Set<String> = []

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
      publish(number, type, target, payloadBytes, &step)
    case .openStream(let peer, let payloadBytes):
      let payload = Bytes(Array(repeating: UInt8(ascii: "x"), count: payloadBytes))
      step.send(Self.frame(nextStreamID, payload), to: peer)
      nextStreamID += 1
    }
  }

  public mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    var reader = ByteReader(message)
    guard let id = reader.read(UInt32.self), let data = reader.read(count: reader.remaining) else {
      return step.report(.unreadable)
    }
    guard id == Self.eventStream else { return accept(StreamKey(opener: sender, id: id), &step) }
    guard let event = FleetEvent(json: data) else { return step.report(.unreadable) }
    let again = !seen.insert(event.id).inserted
    if again { return }
    step.report(
      .handled(
        number: EventNumber.read(event.data),
        forMe: event.target == nil || event.target == step.node.description, again: false))
  }

  /// Makes room for a stream that a peer opened, as long as there is some.
  private mutating func accept(_ stream: StreamKey, _ step: inout Step<Self>) {
    if streams.contains(stream) { return }
    guard streams.count < configuration.maximumStreams else { return step.report(.streamRefused) }
    streams.insert(stream)
  }

  private mutating func publish(
    _ number: Int, _ type: String, _ target: NodeID?, _ payloadBytes: Int, _ step: inout Step<Self>
  ) {
    let event = FleetEvent(
      id: FleetEvent.randomID(&step.random), type: type, source: step.node.description,
      target: target?.description, data: EventNumber.data(number, bytes: payloadBytes),
      timestamp: step.now)
    let frame = Self.frame(Self.eventStream, event.json)
    guard frame.count <= Datagram.largest.bytes else {
      return step.report(.refused(number: number, afterEmitting: false))
    }
    if target == nil || target == step.node { step.report(.emittedLocally(number: number)) }
    for peer in 0..<nodes where NodeID(peer) != step.node {
      if target == nil || target == NodeID(peer) { step.send(frame, to: NodeID(peer)) }
    }
  }

  private static func frame(_ stream: UInt32, _ payload: Bytes) -> Bytes {
    var writer = ByteWriter()
    writer.write(stream)
    writer.write(raw: payload)
    return writer.finish()
  }
}
