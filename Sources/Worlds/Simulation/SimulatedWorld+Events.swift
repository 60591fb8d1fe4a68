// The inner loop: one event of the queue, the handler it calls, the effects that follow.
public import LabCore
public import Network

extension SimulatedWorld where Node: ~Copyable {
  @inlinable @inline(__always)
  mutating func handle(_ tag: UInt32, _ observe: (NodeID, Instant, Node.Report) -> Void) {
    let place = tag & EventTag.placeMask
    switch tag & ~EventTag.placeMask {
    case EventTag.message: deliver(place, observe)
    case EventTag.timer: fire(place, observe)
    default: happen(place, observe)
    }
  }

  @inlinable @inline(__always)
  mutating func deliver(_ slot: UInt32, _ observe: (NodeID, Instant, Node.Report) -> Void) {
    let receiver = messages.slots[Int(slot)].receiver
    if disturbed, !mayReach(slot) { return }
    let body = messages.remove(slot)
    tally.delivered &+= 1
    note(.received, node: receiver, peer: body.sender)
    if hashesContent { hasher.combine(body.message) }
    if trace != nil { traceDelivery(slot, body.sender, receiver, body.message) }
    enter(receiver)
    let instance = instances + Int(receiver)
    instance.pointee.receive(body.message, from: NodeID(Int(body.sender)), &step)
    leave(receiver, observe)
  }

  @inlinable @inline(__always)
  mutating func fire(_ slot: UInt32, _ observe: (NodeID, Instant, Node.Report) -> Void) {
    let timer = timers.slots[Int(slot)]
    guard timer.queued == now else { return }
    if timer.deadline > now {
      timers.slots[Int(slot)].queued = timer.deadline
      if timer.deadline != .never {
        queue.insert(at: timer.deadline, tag: EventTag.timer | slot)
      }
      return
    }
    timers.slots[Int(slot)].queued = .never
    if disturbed, isHeldBack(node: timer.node, EventTag.timer | slot) { return }
    timers.cancel(slot)
    tally.fired &+= 1
    note(.fired, node: timer.node, peer: timer.index)
    let name = Node.Timer(index: timer.index)
    if trace != nil { traceTimer(timer.node, name) }
    enter(timer.node)
    let instance = instances + Int(timer.node)
    instance.pointee.fire(name, &step)
    leave(timer.node, observe)
  }

  /// Prepares the step for a call of a node.
  @inlinable @inline(__always)
  mutating func enter(_ node: UInt32) {
    step.node = NodeID(Int(node))
    step.now = hasSkewedClocks ? states[Int(node)].clock.local(now) : now
    step.random = streams[Int(node)].handlers
  }

  /// Carries out the effects of a call.
  @inlinable @inline(__always)
  mutating func leave(_ node: UInt32, _ observe: (NodeID, Instant, Node.Report) -> Void) {
    streams[Int(node)].handlers = step.random
    while let effect = step.takeEffect() {
      switch effect {
      case .send(let message, let receiver): send(message, from: node, to: receiver.index)
      case .set(let timer, let local): set(timer.index, of: node, local: local)
      case .cancel(let timer): timers.cancel(timers.slot(node: node, index: timer.index))
      case .store(let operation, let ticket): store(operation, ticket, of: node)
      case .report(let report):
        if hashesContent { hasher.combine(report) }
        if trace != nil { traceReport(node, report) }
        observe(NodeID(Int(node)), now, report)
      }
    }
  }

  @inlinable @inline(__always)
  mutating func set(_ index: UInt32, of node: UInt32, local: Instant) {
    let slot = timers.slot(node: node, index: index)
    let due = hasSkewedClocks ? states[Int(node)].clock.world(local) : local
    // A deadline that has passed fires now, as late as it is.
    let deadline = max(due, now)
    if timers.set(slot, local: local, deadline: deadline), deadline != .never {
      queue.insert(at: deadline, tag: EventTag.timer | slot)
    }
  }

  @inlinable @inline(__always)
  mutating func send(_ message: Node.Message, from sender: UInt32, to receiver: UInt32) {
    precondition(receiver < UInt32(nodeCount), "n\(sender) sends to n\(receiver), which is no node")
    let bytes = message.wireBytes
    tally.sent &+= 1
    tally.bytesSent &+= bytes
    if disturbed, isBlocked(from: sender, to: receiver) {
      lose(.partitioned, message, from: sender, to: receiver)
      return
    }
    let own = streams + Int(sender)
    let transmission = links.transmit(
      from: sender, to: receiver, bytes: bytes, at: now, &own.pointee.links)
    switch transmission {
    case .arrives(let time, corrupted: false):
      dispatch(message, from: sender, to: receiver, at: time)
    case .lost(let reason): lose(reason, message, from: sender, to: receiver)
    case .arrives(let time, corrupted: true):
      sendCorrupted(message, from: sender, to: receiver, at: time)
    case .arrivesTwice(let first, let second):
      tally.duplicated &+= 1
      dispatch(message, from: sender, to: receiver, at: first)
      dispatch(message, from: sender, to: receiver, at: second)
    }
  }

  @inlinable @inline(__always)
  mutating func dispatch(
    _ message: Node.Message, from sender: UInt32, to receiver: UInt32, at time: Instant
  ) {
    if time == .never { return lose(.lost, message, from: sender, to: receiver) }
    let slot = messages.insert(.init(message: message, sender: sender, receiver: receiver))
    queue.insert(at: time, tag: EventTag.message | slot)
    if trace != nil { traceDispatch(slot, sender, receiver, message) }
  }

  @inlinable @inline(__always)
  mutating func lose(
    _ reason: LossReason, _ message: Node.Message, from sender: UInt32, to receiver: UInt32
  ) {
    tally.lostByReason[Int(reason.rawValue)] &+= 1
    if trace != nil { traceLoss(reason, sender, receiver, message) }
  }

  /// Changes one byte of a message; what is no message any more is lost.
  @usableFromInline
  mutating func sendCorrupted(
    _ message: Node.Message, from sender: UInt32, to receiver: UInt32, at time: Instant
  ) {
    var bytes = message.encoded().array
    let link = links.row(of: sender) + Int(receiver)
    let place = link.pointee.random.below(max(bytes.count, 1))
    if !bytes.isEmpty { bytes[place] ^= UInt8(1 + link.pointee.random.below(255)) }
    guard let changed = Node.Message.decode(Bytes(bytes)) else {
      return lose(.unreadable, message, from: sender, to: receiver)
    }
    tally.corrupted += 1
    dispatch(changed, from: sender, to: receiver, at: time)
  }

  /// Feeds an event to the fingerprint.
  @inlinable @inline(__always)
  mutating func note(_ kind: EventKind, node: UInt32, peer: UInt32) {
    if hashesAll {
      hasher.combine(now.nanoseconds)
      hasher.combine(UInt64(kind.rawValue) << 60 ^ UInt64(node) << 30 ^ UInt64(peer))
      return
    }
    if ingredients.contains(.time) { hasher.combine(now.nanoseconds) }
    if ingredients.contains(.node) { hasher.combine(UInt64(node) << 32 | UInt64(peer)) }
    if ingredients.contains(.kind) { hasher.combine(UInt64(kind.rawValue)) }
  }
}

/// What kind of event happened, as fingerprints and traces count them.
@usableFromInline
enum EventKind: UInt8 {
  case started
  case received
  case fired
  case stored
  case submitted
  case fault
}
