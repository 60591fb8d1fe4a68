// Taking events from clients, and pushing them to the peers once they are durable.
import LabCore
import Transport

extension EventBus {
  /// Takes an event, or says why not.
  ///
  /// - Parameter isRepeatable: Whether its publisher gave the id and may publish it again.
  mutating func publish(
    _ number: Int, _ event: FleetEvent, isRepeatable: Bool, _ step: inout Step<Self>
  ) {
    if isRepeatable, answerRepetition(number, event, &step) { return }
    let cost = EventStore.cost(of: event)
    if let reason = refusal(of: event, cost: cost) {
      guard reason == .storeFull, rules == .dropsWhenFull else {
        return step.report(.refused(number: number, reason))
      }
      return step.report(.published(number: number, sequence: store.next(of: own)))
    }
    writer.items.append(.publish(number: number, event))
    writer.ownCost += cost
    if isRepeatable { writer.repeatable[event.id] = LogWriter.Repeatable(event: event) }
    flush(&step)
  }

  /// Answers for an event whose id this node has used: with the first one's number, now or when it
  /// has one, or with a refusal where the first was another event.
  ///
  /// - Returns: Whether there is nothing else to do.
  private mutating func answerRepetition(
    _ number: Int, _ event: FleetEvent, _ step: inout Step<Self>
  ) -> Bool {
    guard !isStopped else { return false }
    let kept = store.sequence(ofOwn: event.id)
    guard
      let first = kept.flatMap({ store.event(of: own, $0) }) ?? writer.repeatable[event.id]?.event
    else { return false }
    guard (first.type, first.target, first.data) == (event.type, event.target, event.data) else {
      step.report(.refused(number: number, .idTaken))
      return true
    }
    if let kept {
      step.report(.published(number: number, sequence: kept))
    } else {
      writer.repeatable[event.id]?.numbers.append(number)
    }
    return true
  }

  /// Answers the publisher of an event, and all who published it again meanwhile.
  mutating func answer(
    _ number: Int, id: String, _ step: inout Step<Self>, with report: (Int) -> EventBusReport
  ) {
    step.report(report(number))
    for again in writer.repeatable.removeValue(forKey: id)?.numbers ?? [] {
      step.report(report(again))
    }
  }

  /// The name of a member; that of a node that is none is its own.
  func members(at node: NodeID) -> String {
    members.indices.contains(Int(node.index)) ? members[Int(node.index)] : name
  }

  private func refusal(of event: FleetEvent, cost: Int) -> EventRefusal? {
    if isStopped { return .stopped }
    guard EventRules.isType(event.type) else { return .badType }
    guard EventRules.isID(event.id) else { return .badID }
    if let target = event.target, !members.contains(target) { return .unknownTarget }
    guard EventCoding.size(of: event) <= configuration.limits.event.bytes else { return .tooLarge }
    if isHistoryBehind { return .historyBehind }
    let room = configuration.limits.capacity.bytes / 2 - store.pinnedBytes - writer.ownCost
    return cost <= room ? nil : .storeFull
  }

  /// Whether peers know events of this node that it does not know itself.
  var isHistoryBehind: Bool { intakes[Int(own.index)].known > store.next(of: own) }

  /// Sends events that have just become durable to the peers that keep up.
  ///
  /// A peer that lacks many is told of the newest number only when digests are due; it asks for
  /// what it can take.
  mutating func push(_ sequences: Range<UInt64>, _ step: inout Step<Self>) {
    guard !sequences.isEmpty else { return }
    let messages = runs(of: own, sequences).map { run in
      EventBusMessage(tag: ownTag, .push(run, next: store.next(of: own)))
    }
    let window = UInt64(configuration.limits.pushWindow)
    for peer in peerNumbers where sequences.upperBound - peers[peer].acknowledged <= window {
      for message in messages { step.send(message, to: NodeID(peer)) }
    }
  }

  /// Events that are kept, in runs that fit a message each, and no more runs than a limit.
  func runs(
    of source: NodeID, _ sequences: Range<UInt64>, limit: Int = .max
  ) -> [EventRun] {
    var (runs, next) = ([EventRun](), sequences.lowerBound)
    while next < sequences.upperBound, runs.count < limit {
      let run = run(of: source, next..<sequences.upperBound)
      if run.events.isEmpty { break }
      runs.append(run)
      next += UInt64(run.events.count)
    }
    return runs
  }

  /// As many events as fit a message, at least one if it is kept.
  private func run(of source: NodeID, _ sequences: Range<UInt64>) -> EventRun {
    var run = EventRun(source: source, first: sequences.lowerBound)
    var bytes = 0
    for sequence in sequences {
      guard let event = store.event(of: source, sequence) else { break }
      bytes += EventCoding.size(of: event)
      if !run.events.isEmpty, bytes > configuration.limits.batch.bytes { break }
      run.events.append(event)
    }
    return run
  }

  /// Notes that a peer has stored some of this node's events.
  mutating func acknowledge(by peer: Int, next: UInt64) {
    let stored = min(next, store.next(of: own))
    guard stored > peers[peer].acknowledged else { return }
    peers[peer].acknowledged = stored
    settlePins()
  }

  /// Lets go of events that every peer has stored.
  mutating func settlePins() {
    let everywhere = peerNumbers.map { peers[$0].acknowledged }.min() ?? store.next(of: own)
    store.unpin(before: everywhere)
  }
}
