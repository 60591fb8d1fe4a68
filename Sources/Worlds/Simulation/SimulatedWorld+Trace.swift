// Writing events down, when somebody asked for it.
public import LabCore
public import Network

extension SimulatedWorld where Node: ~Copyable {
  @usableFromInline
  mutating func traceDispatch(
    _ slot: UInt32, _ sender: UInt32, _ receiver: UInt32, _ message: Node.Message
  ) {
    let serial = trace?.nextSerial ?? 0
    trace?.nextSerial += 1
    trace?.serialOfSlot[slot] = serial
    write(
      .sent(to: NodeID(Int(receiver)), serial: serial, payload: message.encoded()), node: sender)
  }

  @usableFromInline
  mutating func traceDelivery(
    _ slot: UInt32, _ sender: UInt32, _ receiver: UInt32, _ message: Node.Message
  ) {
    let serial = trace?.serialOfSlot.removeValue(forKey: slot) ?? -1
    write(
      .received(from: NodeID(Int(sender)), serial: serial, payload: message.encoded()),
      node: receiver)
  }

  @usableFromInline
  mutating func traceLoss(
    _ reason: LossReason, _ sender: UInt32, _ receiver: UInt32, _ message: Node.Message
  ) {
    write(.lost(to: NodeID(Int(receiver)), reason, payload: message.encoded()), node: sender)
  }

  @usableFromInline
  mutating func traceTimer(_ node: UInt32, _ timer: Node.Timer) {
    write(.fired("\(timer)"), node: node)
  }

  @usableFromInline
  mutating func traceReport(_ node: UInt32, _ report: Node.Report) {
    write(.reported("\(report)"), node: node)
  }

  /// Forgets that a datagram is under way, when it ends other than by arriving.
  mutating func forgetDispatch(_ slot: UInt32) { trace?.serialOfSlot[slot] = nil }

  mutating func traceCall(_ call: InstanceCall<Node.Command>) {
    guard trace != nil else { return }
    switch call {
    case .start(let node): write(.started, node: node)
    case .submit(let node, let command): write(.submitted("\(command)"), node: node)
    case .stored(let node, let ticket, let outcome): write(.stored(ticket, outcome), node: node)
    }
  }

  mutating func traceFault(_ kind: Trace.Kind) { write(kind, node: nil) }

  private mutating func write(_ kind: Trace.Kind, node: UInt32?) {
    let (time, hash) = (clock, fingerprint)
    trace?.append(kind, at: time, node: node.map { NodeID(Int($0)) }, fingerprint: hash)
  }
}
