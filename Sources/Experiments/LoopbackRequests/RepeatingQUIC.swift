// A node of QUIC that asks again as soon as it is answered.
import LabCore
import Transport

/// Runs ``QUICExchange`` with ``RepeatedRequests``: each command begins one chain of them.
struct RepeatingQUIC: Instance, ~Copyable {
  typealias Message = Bytes
  typealias Timer = QUICTimer
  typealias Command = ExchangeCommand
  typealias Report = ExchangeReport

  private var exchange: QUICExchange
  private var requests: RepeatedRequests
  private var inner: Step<QUICExchange>

  init(_ exchange: consuming QUICExchange, _ requests: RepeatedRequests, node: NodeID, seed: Seed) {
    self.exchange = exchange
    self.requests = requests
    inner = Step(node: node, random: seed.child("exchange").stream())
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    inner.now = step.now
    exchange.receive(message, from: sender, &inner)
    settle(&step)
  }

  mutating func fire(_ timer: QUICTimer, _ step: inout Step<Self>) {
    inner.now = step.now
    exchange.fire(timer, &inner)
    settle(&step)
  }

  /// Takes a command: to connect, or to begin another chain of requests whatever the command asks.
  mutating func submit(_ command: ExchangeCommand, _ step: inout Step<Self>) {
    inner.now = step.now
    if case .connect = command {
      exchange.submit(command, &inner)
    } else if let next = requests.next() {
      exchange.submit(next, &inner)
    }
    settle(&step)
  }

  private mutating func settle(_ step: inout Step<Self>) {
    while let effect = inner.takeEffect() {
      switch effect {
      case .send(let datagram, let receiver): step.send(datagram, to: receiver)
      case .set(let timer, let at): step.add(.set(timer, at: at))
      case .cancel(let timer): step.cancel(timer)
      case .store(let operation, let ticket): step.store(operation, as: ticket)
      case .report(let report):
        let (next, told) = requests.take(report)
        if let told { step.report(told) }
        if let next { exchange.submit(next, &inner) }
      }
    }
  }
}
