// An endpoint behind a wire that loses chosen segments, in the simulator.
import LabCore

@testable import Transport

/// An endpoint whose outgoing segments may be lost one by one.
struct Sieve: Instance {
  typealias Message = TCPSegment
  typealias Timer = TCPEndpoint.Timer
  typealias Command = ExchangeCommand
  typealias Report = ExchangeReport

  /// One segment that the endpoint sends.
  struct Sent {
    /// How many segments the node sent before.
    var place: Int
    /// How many segments with data the node sent before, sendings of the same data counted.
    var dataPlace: Int
    var segment: TCPSegment
  }

  private var endpoint: TCPEndpoint
  var connectionCount: Int { endpoint.connectionCount }
  private let loses: @Sendable (NodeID, Sent) -> Bool
  private var sent = 0
  private var sentData = 0
  private var random: RandomStream

  init(
    _ configuration: TCPExchangeConfiguration, seed: Seed,
    loses: @escaping @Sendable (NodeID, Sent) -> Bool
  ) {
    endpoint = TCPEndpoint(configuration)
    random = seed.stream()
    self.loses = loses
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    pass(&step) { $0.start(durable, &$1) }
  }

  mutating func receive(_ message: TCPSegment, from sender: NodeID, _ step: inout Step<Self>) {
    pass(&step) { $0.receive(message, from: sender, &$1) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    pass(&step) { $0.fire(timer, &$1) }
  }

  mutating func submit(_ command: ExchangeCommand, _ step: inout Step<Self>) {
    pass(&step) { $0.submit(command, &$1) }
  }

  private mutating func pass(
    _ step: inout Step<Self>, _ call: (inout TCPEndpoint, inout Step<TCPEndpoint>) -> Void
  ) {
    var below = Step<TCPEndpoint>(node: step.node, now: step.now, random: random)
    call(&endpoint, &below)
    random = below.random
    while let effect = below.takeEffect() {
      guard case .send(let segment, _) = effect else {
        step.add(effect)
        continue
      }
      let news = Sent(place: sent, dataPlace: sentData, segment: segment)
      sent += 1
      if !segment.payload.isEmpty { sentData += 1 }
      if !loses(step.node, news) { step.add(effect) }
    }
  }
}
