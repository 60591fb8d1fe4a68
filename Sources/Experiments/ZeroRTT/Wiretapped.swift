// An Instance whose datagrams somebody writes down and sends again.
import LabCore

/// A node with a tap: what it sends at once when it is asked for something is reported, and bytes
/// that were recorded so can be sent from it as they are.
struct Wiretapped<Inner: Instance & ~Copyable>: Instance, ~Copyable where Inner.Message == Bytes {
  typealias Message = Bytes
  typealias Timer = Inner.Timer

  enum Command: Sendable {
    case inner(Inner.Command)
    /// Send datagrams that were sent before, perhaps by another node.
    case replay([Bytes], to: NodeID)
  }

  enum Report: Sendable, StableHashable {
    case inner(Inner.Report)
    /// The datagrams that left in the moment of a command.
    case recorded([Bytes])

    func hash(into hasher: inout StableHasher) {
      switch self {
      case .inner(let report):
        hasher.combine(0)
        hasher.combine(report)
      case .recorded(let datagrams):
        hasher.combine(1)
        for datagram in datagrams { hasher.combine(datagram.count) }
      }
    }
  }

  private var inner: Inner
  private var innerStep: Step<Inner>

  init(_ inner: consuming Inner, node: NodeID, seed: Seed) {
    self.inner = inner
    innerStep = Step(node: node, random: seed.child("tapped").stream())
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    innerStep.now = step.now
    inner.start(durable, &innerStep)
    _ = settle(&step)
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    innerStep.now = step.now
    inner.receive(message, from: sender, &innerStep)
    _ = settle(&step)
  }

  mutating func fire(_ timer: Inner.Timer, _ step: inout Step<Self>) {
    innerStep.now = step.now
    inner.fire(timer, &innerStep)
    _ = settle(&step)
  }

  mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    switch command {
    case .replay(let datagrams, let receiver):
      for datagram in datagrams { step.send(datagram, to: receiver) }
    case .inner(let command):
      innerStep.now = step.now
      inner.submit(command, &innerStep)
      step.report(.recorded(settle(&step)))
    }
  }

  /// Passes the inner node's effects on.
  ///
  /// - Returns: The datagrams among them.
  private mutating func settle(_ step: inout Step<Self>) -> [Bytes] {
    var sent: [Bytes] = []
    while let effect = innerStep.takeEffect() {
      switch effect {
      case .send(let datagram, let receiver):
        sent.append(datagram)
        step.send(datagram, to: receiver)
      case .set(let timer, let at): step.add(.set(timer, at: at))
      case .cancel(let timer): step.cancel(timer)
      case .store(let operation, let ticket): step.store(operation, as: ticket)
      case .report(let report): step.report(.inner(report))
      }
    }
    return sent
  }
}
