// Two ends of one connection that send each other random bytes, in the simulator.
import LabCore

@testable import Transport

/// Node 0 opens a connection to node 1; each writes a number of messages at random times and ends.
struct StreamPeer: Instance {
  typealias Message = TCPSegment
  enum Timer: UInt32, TimerName {
    case sending
    case acknowledging
    case writing
  }

  private let configuration: TCPConfiguration
  private var messages: Int
  private(set) var connection: TCPConnection?
  /// Everything that was written, never forgotten.
  private(set) var written = OutgoingStream()
  /// Everything that arrived.
  private(set) var received: [UInt8] = []

  init(_ configuration: TCPConfiguration, messages: Int) {
    self.configuration = configuration
    self.messages = messages
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    guard step.node == NodeID(0) else { return }
    let first = UInt32.max - UInt32(step.random.below(30_000))
    connection = TCPConnection(opening: 1, first: first, configuration, at: step.now)
    step.set(.writing, after: .milliseconds(1))
    settle(&step)
  }

  mutating func receive(_ message: TCPSegment, from sender: NodeID, _ step: inout Step<Self>) {
    if connection == nil, message.flags.contains(.synchronise) {
      let first = UInt32.max - UInt32(step.random.below(30_000))
      connection = TCPConnection(accepting: message, first: first, configuration, at: step.now)
      step.set(.writing, after: .milliseconds(1))
    } else {
      connection?.receive(message, now: step.now)
    }
    settle(&step)
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    switch timer {
    case .sending: connection?.fireSending(now: step.now)
    case .acknowledging: connection?.fireAcknowledging(now: step.now)
    case .writing: write(&step)
    }
    settle(&step)
  }

  private mutating func write(_ step: inout Step<Self>) {
    guard messages > 0 else {
      connection?.close(now: step.now)
      return
    }
    messages -= 1
    let head = Bytes((0..<step.random.below(40)).map { _ in UInt8(step.random.below(256)) })
    let length = step.random.below(4) == 0 ? step.random.below(30_000) : step.random.below(800)
    written.append(head, length: length)
    connection?.write(head, length: length, now: step.now)
    step.set(.writing, after: .microseconds(Int64(step.random.below(60_000))))
  }

  private mutating func settle(_ step: inout Step<Self>) {
    for bytes in connection?.takeArrived() ?? [] { received += bytes.array }
    for segment in connection?.takeOutbox() ?? [] {
      step.send(segment, to: NodeID(1 - Int(step.node.index)))
    }
    set(.sending, connection?.sendingDeadline, &step)
    set(.acknowledging, connection?.acknowledgingDeadline, &step)
  }

  private func set(_ timer: Timer, _ at: Instant?, _ step: inout Step<Self>) {
    if let at { step.add(.set(timer, at: at)) } else { step.cancel(timer) }
  }
}
