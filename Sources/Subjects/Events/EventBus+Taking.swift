// Taking events of other nodes: each once, in the order of their source.
import LabCore
import Transport

extension EventBus {
  /// Notes that a peer lives.
  mutating func hear(_ peer: Int, _ step: inout Step<Self>) {
    peers[peer].lastHeard = step.now
    guard peers[peer].isReachable != true else { return }
    peers[peer].isReachable = true
    step.report(.peer(NodeID(peer), isReachable: true))
  }

  /// Notes the number that a source's next event will have.
  mutating func learn(of source: Int, next: UInt64, at now: Instant) {
    guard next > intakes[source].known else { return }
    if !intakes[source].isMissing { intakes[source].progressAt = now }
    intakes[source].known = next
  }

  /// Takes a run of events as far as they are new.
  mutating func take(_ run: EventRun, _ step: inout Step<Self>) {
    let (source, place) = (run.source, Int(run.source.index))
    guard place < members.count else { return }
    learn(of: place, next: run.first + UInt64(run.events.count), at: step.now)
    for (offset, event) in run.events.enumerated() {
      let sequence = run.first + UInt64(offset)
      guard EventCoding.size(of: event) <= configuration.limits.event.bytes else {
        step.report(.oversized(source: source, sequence: sequence))
        continue
      }
      var event = event
      event.source = members[place]
      take(event, sequence, of: source, &step)
    }
  }

  private mutating func take(
    _ event: FleetEvent, _ sequence: UInt64, of source: NodeID, _ step: inout Step<Self>
  ) {
    let place = Int(source.index)
    let accepted = intakes[place].accepted
    let isHeld = sequence > accepted && intakes[place].held[sequence] != nil
    let isOld = sequence < accepted || isHeld
    if isOld { duplicates += 1 }
    switch rules {
    case .forgetsDuplicates where sequence <= accepted: break
    case .ignoresOrder where !isOld: break
    default:
      if isOld { return compare(event, sequence, of: source, &step) }
      if sequence > accepted { return hold(event, sequence, of: place) }
    }
    guard queue(event, sequence, of: source) else { return }
    if sequence > accepted {
      intakes[place].held[sequence] = event
    } else if sequence == accepted {
      intakes[place].accepted += 1
      intakes[place].progressAt = step.now
      intakes[place].dropHeld(before: intakes[place].accepted)
      takeHeld(of: source)
    }
  }

  /// Puts an event of a peer into the queue of the disk, if there is room in memory.
  private mutating func queue(_ event: FleetEvent, _ sequence: UInt64, of source: NodeID) -> Bool {
    let cost = EventStore.cost(of: event)
    guard writer.remoteCost + cost <= configuration.limits.capacity.bytes / 2 else { return false }
    writer.items.append(.remote(source, sequence, event))
    writer.remoteCost += cost
    return true
  }

  /// Keeps an event that came too early, if there is room for it.
  private mutating func hold(_ event: FleetEvent, _ sequence: UInt64, of place: Int) {
    let cost = EventStore.cost(of: event)
    let limits = configuration.limits
    let room = max(limits.event.bytes, limits.batch.bytes * limits.batchesPerPull) * 2
    guard intakes[place].heldBytes + cost <= room else { return }
    intakes[place].held[sequence] = event
    intakes[place].heldBytes += cost
  }

  /// Takes the events that waited for the one before them.
  mutating func takeHeld(of source: NodeID) {
    let place = Int(source.index)
    while let event = intakes[place].held[intakes[place].accepted] {
      let sequence = intakes[place].accepted
      if rules != .ignoresOrder {
        guard queue(event, sequence, of: source) else { return }
        intakes[place].heldBytes -= EventStore.cost(of: event)
      }
      intakes[place].held[sequence] = nil
      intakes[place].accepted += 1
    }
  }

  /// Says so when a number that is taken comes with another event.
  private func compare(
    _ event: FleetEvent, _ sequence: UInt64, of source: NodeID, _ step: inout Step<Self>
  ) {
    guard let kept = store.event(of: source, sequence), kept.id != event.id else { return }
    step.report(.conflict(source: source, sequence: sequence))
  }
}
