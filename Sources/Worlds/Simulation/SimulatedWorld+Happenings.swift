// Rare events: starts, commands, completed writes, faults.
public import LabCore
import Network

extension SimulatedWorld where Node: ~Copyable {
  @usableFromInline
  mutating func schedule(
    _ happening: HappeningStore<Node.Command>.Happening, at time: Instant
  ) {
    guard time != .never else { return }
    queue.insert(at: time, tag: EventTag.happening | happenings.insert(happening))
  }

  @inlinable
  mutating func happen(_ place: UInt32, _ observe: (NodeID, Instant, Node.Report) -> Void) {
    for call in prepare(place) {
      guard let node = perform(call) else { continue }
      leave(node, observe)
      for tag in takeReleased() { handle(tag, observe) }
    }
    for tag in takeReleased() { handle(tag, observe) }
  }

  /// Takes an event and says which calls of Instances it means.
  @usableFromInline
  mutating func prepare(_ place: UInt32) -> [InstanceCall<Node.Command>] {
    let happening = happenings.remove(place)
    switch happening {
    case .start(let node): return [.start(node)]
    case .command(let node, let command):
      if states[Int(node)].condition == .down { return [] }
      if states[Int(node)].condition == .paused {
        hold(happening, of: node)
        return []
      }
      return [.submit(node, command)]
    case .stored(let node, let life, let ticket):
      if states[Int(node)].life != life || states[Int(node)].condition == .down { return [] }
      if states[Int(node)].condition == .paused {
        hold(happening, of: node)
        return []
      }
      return [.stored(node, ticket, completeStore(of: node))]
    case .faultBegins(let fault): return beginFault(fault)
    case .faultEnds(let fault, let occurrence): return endFault(fault, occurrence)
    }
  }

  /// Calls an Instance; the effects wait in the step.
  ///
  /// - Returns: The node, or `nil` when it is not running any more.
  @usableFromInline
  mutating func perform(_ call: InstanceCall<Node.Command>) -> UInt32? {
    let node = call.node
    guard states[Int(node)].isBuilt else { return nil }
    traceCall(call)
    enter(node)
    let instance = instances + Int(node)
    switch call {
    case .start:
      note(.started, node: node, peer: states[Int(node)].life)
      instance.pointee.start(recovered(of: node), &step)
    case .submit(_, let command):
      note(.submitted, node: node, peer: 0)
      instance.pointee.submit(command, &step)
    case .stored(_, let ticket, let outcome):
      note(.stored, node: node, peer: UInt32(truncatingIfNeeded: ticket.number))
      instance.pointee.stored(ticket, outcome, &step)
    }
    return node
  }

  @usableFromInline
  mutating func takeReleased() -> [UInt32] {
    defer { faults.released = [] }
    return faults.released
  }

  /// Puts an event of a paused node behind those that already wait for it.
  private mutating func hold(
    _ happening: HappeningStore<Node.Command>.Happening, of node: UInt32
  ) {
    states[Int(node)].backlog.append(EventTag.happening | happenings.insert(happening))
  }

  // MARK: Disturbed deliveries

  @usableFromInline
  func isBlocked(from sender: UInt32, to receiver: UInt32) -> Bool {
    faults.isBlocked(from: sender, to: receiver)
  }

  /// Whether a datagram that is due may be received now; otherwise it is lost or held back here.
  @usableFromInline
  mutating func mayReach(_ slot: UInt32) -> Bool {
    let sender = messages.slots[Int(slot)].sender
    let receiver = messages.slots[Int(slot)].receiver
    let reason: LossReason
    if faults.isBlocked(from: sender, to: receiver) {
      reason = .partitioned
    } else if let clog = faults.clog(from: sender, to: receiver) {
      faults.active[clog].held.append(EventTag.message | slot)
      return false
    } else if states[Int(receiver)].condition == .down {
      reason = .receiverDown
    } else {
      return !isHeldBack(node: receiver, EventTag.message | slot)
    }
    let body = messages.remove(slot)
    forgetDispatch(slot)
    lose(reason, body.message, from: sender, to: receiver)
    return false
  }

  /// Whether a node is paused; the event then waits for it.
  @usableFromInline
  mutating func isHeldBack(node: UInt32, _ tag: UInt32) -> Bool {
    guard states[Int(node)].condition == .paused else { return false }
    states[Int(node)].backlog.append(tag)
    return true
  }

  // MARK: Faults

  private mutating func beginFault(_ index: Int) -> [InstanceCall<Node.Command>] {
    let fault = faults.faults[index]
    let occurrence = faults.begin(index)
    disturbed = true
    note(.fault, node: UInt32(index), peer: 1)
    traceFault(.faultBegan(fault.kind))
    switch fault.kind {
    case .crash(let node): crash(node.index)
    case .pause(let node): pause(node.index)
    case .clockSkew(let node, let offset, let rate):
      states[Int(node.index)].clock.skew(at: now, by: offset, rate: rate)
      hasSkewedClocks = true
      rearm(node.index)
    case .partition, .oneWay, .bridge, .majoritiesRing, .clog: break
    }
    if let duration = fault.duration {
      schedule(.faultEnds(index, occurrence: occurrence), at: now + duration)
    }
    return []
  }

  private mutating func endFault(
    _ index: Int, _ occurrence: Int
  ) -> [InstanceCall<Node.Command>] {
    guard let ended = faults.end(index, occurrence: occurrence) else { return [] }
    let kind = faults.faults[index].kind
    note(.fault, node: UInt32(index), peer: 0)
    traceFault(.faultEnded(kind))
    if let next = faults.next(of: index, after: now) { schedule(.faultBegins(index), at: next) }
    var calls: [InstanceCall<Node.Command>] = []
    switch kind {
    case .crash(let node) where !faults.isActive(.crash(node: node)):
      restart(node.index)
      if faults.isActive(.pause(node: node)) {
        pause(node.index)
        hold(.start(node: node.index), of: node.index)
      } else {
        calls = [.start(node.index)]
      }
    case .pause(let node) where !faults.isActive(.pause(node: node)):
      faults.released = resume(node.index)
    case .clockSkew(let node, _, _) where !faults.isSkewed(node):
      states[Int(node.index)].clock.repair()
      hasSkewedClocks = (0..<nodeCount).contains { !states[$0].clock.isExact }
      rearm(node.index)
    case .clog: faults.released = ended.held
    default: break
    }
    disturbed =
      !faults.active.isEmpty
      || (0..<nodeCount).contains { states[$0].condition != .running }
    return calls
  }

  private mutating func crash(_ node: UInt32) {
    let state = states + Int(node)
    guard state.pointee.condition != .down else { return }
    state.pointee.condition = .down
    state.pointee.isBuilt = false
    state.pointee.life += 1
    (instances + Int(node)).deinitialize(count: 1)
    timers.cancelAll(of: node)
    for tag in state.pointee.backlog { discard(tag) }
    state.pointee.backlog = []
    crashDisk(of: node)
  }

  private mutating func restart(_ node: UInt32) {
    let own = seed.child("nodes").child(Int(node))
    let state = states + Int(node)
    let life = Int(state.pointee.life)
    (instances + Int(node)).initialize(to: make(NodeID(Int(node)), own.child("life").child(life)))
    state.pointee.isBuilt = true
    state.pointee.condition = .running
    streams[Int(node)].handlers = own.child("protocol").child(life).stream()
  }

  private mutating func pause(_ node: UInt32) {
    if states[Int(node)].condition == .running { states[Int(node)].condition = .paused }
  }

  private mutating func resume(_ node: UInt32) -> [UInt32] {
    guard states[Int(node)].condition == .paused else { return [] }
    states[Int(node)].condition = .running
    defer { states[Int(node)].backlog = [] }
    // A timer that fell due meanwhile fires now, unless a message before it moves it.
    for tag in states[Int(node)].backlog where tag & ~EventTag.placeMask == EventTag.timer {
      timers.slots[Int(tag & EventTag.placeMask)].queued = now
    }
    return states[Int(node)].backlog
  }

  /// Drops an event that a node will never see.
  private mutating func discard(_ tag: UInt32) {
    let place = tag & EventTag.placeMask
    switch tag & ~EventTag.placeMask {
    case EventTag.message:
      let body = messages.remove(place)
      forgetDispatch(place)
      lose(.receiverDown, body.message, from: body.sender, to: body.receiver)
    case EventTag.timer: break
    default: _ = happenings.remove(place)
    }
  }

  /// Moves the timers of a node whose clock has changed to their new times on the world's clock.
  private mutating func rearm(_ node: UInt32) {
    for slot in 0..<timers.count where timers.slots[slot].node == node {
      let timer = timers.slots[slot]
      guard timer.local != .never else { continue }
      set(timer.index, of: node, local: timer.local)
    }
  }
}

/// A call of an Instance that a rare event means.
@usableFromInline
enum InstanceCall<Command> {
  case start(UInt32)
  case submit(UInt32, Command)
  case stored(UInt32, Ticket, StorageOutcome)

  @usableFromInline var node: UInt32 {
    switch self {
    case .start(let node), .submit(let node, _), .stored(let node, _, _): node
    }
  }
}
