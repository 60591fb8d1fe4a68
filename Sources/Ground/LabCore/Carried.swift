/// An Instance that moves frames of another: its messages are datagrams, and beside the five
/// handlers it takes frames to send and hands out frames that arrived.
public protocol Carrier: Instance, ~Copyable where Message == Bytes, Command == Never {
  /// Queues a frame for a node; the carrier decides when and in which datagrams it travels.
  mutating func write(_ frame: Bytes, to receiver: NodeID, _ step: inout Step<Self>)

  /// Removes and returns the frames that have arrived since the last call, oldest first.
  mutating func takeDeliveries() -> [(frame: Bytes, sender: NodeID)]
}

/// One Instance on top of another: the upper one's messages travel as frames of the carrier.
///
/// To a world the pair is a single Instance whose message is a datagram. Storage and commands
/// belong to the upper one alone. The two draw from different random streams, so that a carrier
/// which draws more never shifts the protocol above it.
public struct Carried<Upper: Instance & ~Copyable, Lower: Carrier & ~Copyable>: Instance, ~Copyable
{
  public typealias Message = Bytes
  public typealias Timer = CarriedTimer<Upper.Timer, Lower.Timer>
  public typealias Command = Upper.Command
  public typealias Report = CarriedReport<Upper.Report, Lower.Report>

  /// The protocol that is carried.
  public var upper: Upper
  /// The protocol that carries it.
  public var lower: Lower
  private var above: Step<Upper>
  private var below: Step<Lower>

  /// Puts one Instance on another, before either was started.
  ///
  /// - Parameter seed: The root of the two layers' random streams, the node's own.
  public init(_ upper: consuming Upper, on lower: consuming Lower, node: NodeID, seed: Seed) {
    self.upper = upper
    self.lower = lower
    above = .init(node: node, random: seed.child("upper").stream())
    below = .init(node: node, random: seed.child("carrier").stream())
  }

  public mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    enter(step)
    lower.start(.empty, &below)
    upper.start(durable, &above)
    settle(&step)
  }

  public mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    enter(step)
    lower.receive(message, from: sender, &below)
    settle(&step)
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    enter(step)
    switch timer {
    case .upper(let timer): upper.fire(timer, &above)
    case .lower(let timer): lower.fire(timer, &below)
    }
    settle(&step)
  }

  public mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>)
  {
    enter(step)
    upper.stored(ticket, outcome, &above)
    settle(&step)
  }

  public mutating func submit(_ command: Upper.Command, _ step: inout Step<Self>) {
    enter(step)
    upper.submit(command, &above)
    settle(&step)
  }

  private mutating func enter(_ step: borrowing Step<Self>) {
    above.now = step.now
    below.now = step.now
  }

  /// Moves frames up and down until neither layer has anything left to say.
  private mutating func settle(_ step: inout Step<Self>) {
    while true {
      while let effect = above.takeEffect() {
        switch effect {
        case .send(let message, let receiver):
          lower.write(message.encoded(), to: receiver, &below)
        case .set(let timer, let at): step.add(.set(.upper(timer), at: at))
        case .cancel(let timer): step.cancel(.upper(timer))
        case .store(let operation, let ticket): step.store(operation, as: ticket)
        case .report(let report): step.report(.upper(report))
        }
      }
      let deliveries = lower.takeDeliveries()
      if deliveries.isEmpty { break }
      for (frame, sender) in deliveries {
        guard let message = Upper.Message.decode(frame) else { continue }
        upper.receive(message, from: sender, &above)
      }
    }
    while let effect = below.takeEffect() {
      switch effect {
      case .send(let datagram, let receiver): step.send(datagram, to: receiver)
      case .set(let timer, let at): step.add(.set(.lower(timer), at: at))
      case .cancel(let timer): step.cancel(.lower(timer))
      case .report(let report): step.report(.lower(report))
      case .store: preconditionFailure("a carrier stores nothing")
      }
    }
  }
}

/// The timers of two layers: even numbers for the upper one, odd numbers for its carrier.
public enum CarriedTimer<Upper: TimerName, Lower: TimerName>: TimerName {
  /// A timer of the protocol that is carried.
  case upper(Upper)
  /// A timer of the carrier.
  case lower(Lower)

  public var index: UInt32 {
    switch self {
    case .upper(let timer): timer.index << 1
    case .lower(let timer): timer.index << 1 | 1
    }
  }

  public init(index: UInt32) {
    self = index & 1 == 0 ? .upper(Upper(index: index >> 1)) : .lower(Lower(index: index >> 1))
  }
}

/// The reports of two layers.
public enum CarriedReport<Upper: Sendable & StableHashable, Lower: Sendable & StableHashable>:
  Sendable, StableHashable
{
  /// A report of the protocol that is carried.
  case upper(Upper)
  /// A report of the carrier.
  case lower(Lower)

  public func hash(into hasher: inout StableHasher) {
    switch self {
    case .upper(let report):
      hasher.combine(0)
      hasher.combine(report)
    case .lower(let report):
      hasher.combine(1)
      hasher.combine(report)
    }
  }
}

extension CarriedReport: Equatable where Upper: Equatable, Lower: Equatable {}
extension CarriedReport: Hashable where Upper: Hashable, Lower: Hashable {}
