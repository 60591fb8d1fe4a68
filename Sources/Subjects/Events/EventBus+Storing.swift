// One request to the disk at a time: records of all that waits, and snapshots when the log is long.
public import LabCore
import Transport

extension EventBus {
  /// How many bytes of events become one record.
  private static let recordBytes = 1 << 20

  /// Asks the disk for the next thing, unless it is at work.
  mutating func flush(_ step: inout Step<Self>) {
    guard writer.request == nil, !isStopped else { return }
    // What was next but found the queue full goes now.
    for member in members.indices where !intakes[member].held.isEmpty {
      takeHeld(of: NodeID(member))
    }
    if isLogLong, step.now >= writer.snapshotAfter { return takeSnapshot(&step) }
    var batch = takeBatch(at: step.now, &step)
    guard !batch.entries.isEmpty else { return }
    makeRoom(for: batch.cost, &step)
    let record = LogRecord(
      firstPosition: store.order.next, storedAt: batch.storedAt, entries: batch.entries
    ).encoded(by: ownTag)
    batch.bytes = record.count
    if rules == .speaksBeforeDurable {
      batch.isTaken = true
      takeDurable(batch, record: writer.records.next, &step)
    }
    writer.request = .record(batch)
    ask(.append(record), &step)
  }

  public mutating func stored(
    _ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>
  ) {
    guard !isStopped, ticket.number == writer.ticket, let request = writer.request else { return }
    writer.request = nil
    switch (request, outcome) {
    case (_, .failed): return stop(.diskFailed, &step)
    case (.record(let batch), .durable):
      let record = writer.records.next
      writer.records.append(batch.bytes)
      writer.logBytes += batch.bytes
      if !batch.isTaken { takeDurable(batch, record: record, &step) }
    case (.record(let batch), .full): giveUp(batch, &step)
    case (.snapshot(let first, let bytes), .durable):
      while writer.records.first < first, let record = writer.records.removeFirst() {
        writer.logBytes -= record
      }
      writer.logBytes += bytes - writer.snapshotBytes
      writer.snapshotBytes = bytes
    case (.snapshot, .full):
      writer.snapshotAfter = step.now + configuration.pace.pullPatience
      step.report(.diskFull)
    }
    flush(&step)
    repair(&step)
  }

  /// Whether most of the log is no longer needed.
  private var isLogLong: Bool {
    let needed = store.bytes + writer.snapshotBytes
    let slack = max(4_096, configuration.limits.capacity.bytes / 8)
    return writer.logBytes > (writer.isShort ? needed : 2 * needed + slack)
  }

  private mutating func takeSnapshot(_ step: inout Step<Self>) {
    writer.isShort = false
    let committed = writer.committed.sorted { $0.key < $1.key }.map {
      CommittedPosition(subscriber: $0.key, position: $0.value)
    }
    let bytes = store.image(subscribers: committed).encoded(by: ownTag)
    let first = store.firstRecord(next: writer.records.next)
    writer.request = .snapshot(firstRecord: first, bytes: bytes.count)
    ask(.snapshot(bytes, upTo: first), &step)
  }

  private mutating func ask(_ operation: StorageOperation, _ step: inout Step<Self>) {
    writer.ticket += 1
    step.store(operation, as: Ticket(writer.ticket))
  }

  /// Takes what waits out of the queue, as much as one record holds.
  private mutating func takeBatch(at now: Instant, _ step: inout Step<Self>) -> LogWriter.Batch {
    var batch = LogWriter.Batch()
    batch.storedAt = now
    batch.changes = writer.changes
    writer.changes = []
    var (next, left) = (store.next(of: own), [LogWriter.Item]())
    for (place, item) in writer.items.enumerated() {
      if batch.cost >= Self.recordBytes {
        left += writer.items[place...]
        break
      }
      switch item {
      case .publish where !knowsHistory: left.append(item)
      case .publish(let number, let event):
        let cost = EventStore.cost(of: event)
        writer.ownCost -= cost
        if isHistoryBehind {
          answer(number, id: event.id, &step) { .refused(number: $0, .historyBehind) }
          continue
        }
        batch.entries.append(.event(own, next, event))
        batch.published.append((number, event.id, next))
        batch.cost += cost
        next += 1
      case .remote(let source, let sequence, let event):
        let cost = EventStore.cost(of: event)
        writer.remoteCost -= cost
        batch.entries.append(.event(source, sequence, event))
        batch.cost += cost
      case .gap(let source, let sequences): batch.entries.append(.gap(source, sequences))
      }
    }
    writer.items = left
    batch.entries += batch.changes.map { change in
      change.position.map { .commit(.init(subscriber: change.subscriber, position: $0)) }
        ?? .forget(change.subscriber)
    }
    return batch
  }

  /// Takes what is durable into the store and tells whoever waits for it: the publishers, the
  /// subscribers of this node, then the peers.
  private mutating func takeDurable(
    _ batch: LogWriter.Batch, record: UInt64, _ step: inout Step<Self>
  ) {
    let ownFirst = store.next(of: own)
    var sources: Set<NodeID> = []
    for entry in batch.entries {
      take(entry, storedAt: batch.storedAt, record: record, &step)
      switch entry {
      case .event(let source, _, _), .gap(let source, _): sources.insert(source)
      case .commit, .forget: break
      }
    }
    let ownNext = store.next(of: own)
    let place = Int(own.index)
    intakes[place].accepted = max(intakes[place].accepted, ownNext)
    intakes[place].known = max(intakes[place].known, ownNext)
    settlePins()
    for (number, id, sequence) in batch.published {
      answer(number, id: id, &step) { .published(number: $0, sequence: sequence) }
    }
    deliverAll(&step)
    if !batch.published.isEmpty { push(ownFirst..<ownNext, &step) }
    for source in sources.sorted() where source != own {
      let message = EventBusMessage.Body.digest(
        [store.holding(of: source)], isWhole: false, wantsAnswer: false)
      step.send(EventBusMessage(tag: ownTag, message), to: source)
    }
    noteCaughtUp(&step)
  }

  private mutating func take(
    _ entry: LogRecord.Entry, storedAt: Instant, record: UInt64, _ step: inout Step<Self>
  ) {
    switch entry {
    case .event(let source, let sequence, let event):
      store.add(event, of: source, sequence, storedAt: storedAt, record: record)
    case .gap(let source, let sequences):
      store.addGap(of: source, sequences, storedAt: storedAt, record: record)
      step.report(.expired(UInt64(sequences.count), for: .node(source: source)))
    case .commit(let committed):
      writer.committed[committed.subscriber] = committed.position
      step.report(.committed(subscriber: committed.subscriber, position: committed.position))
    case .forget(let name): writer.committed[name] = nil
    }
  }

  /// Refuses what found no room on the disk; what peers sent will be sent again.
  private mutating func giveUp(_ batch: LogWriter.Batch, _ step: inout Step<Self>) {
    writer.isShort = true
    for (number, id, _) in batch.published {
      answer(number, id: id, &step) { .refused(number: $0, .diskFull) }
    }
    for change in batch.changes {
      guard let position = change.position else { continue }
      step.report(.commitRefused(subscriber: change.subscriber, position: position))
    }
    let hadEvents = batch.entries.contains {
      switch $0 {
      case .event(let source, _, _): source != own
      case .gap: true
      case .commit, .forget: false
      }
    }
    // What waits behind what was lost would leave a gap.
    writer.items.removeAll { item in
      guard case .publish = item else { return true }
      return false
    }
    writer.remoteCost = 0
    for member in members.indices {
      intakes[member].accepted = store.next(of: NodeID(member))
      intakes[member].progressAt = step.now + configuration.pace.pullPatience
    }
    if hadEvents { step.report(.diskFull) }
  }

  // MARK: Room

  /// Lets the oldest events leave until there is room for more.
  mutating func makeRoom(for cost: Int, _ step: inout Step<Self>) {
    while store.bytes + cost > configuration.limits.capacity.bytes, evictOldest() {}
    reportMissed(&step)
  }

  /// Lets events leave that have been kept long enough.
  mutating func expireAged(_ step: inout Step<Self>) {
    let time = Instant(
      nanoseconds: step.now.nanoseconds &- configuration.limits.age.nanoseconds)
    while let oldest = store.order.oldest, oldest.storedAt < time, evictOldest() {}
    reportMissed(&step)
    var unacknowledged: UInt64 = 0
    while store.expirePinned(storedBefore: time) { unacknowledged += 1 }
    if unacknowledged > 0 { step.report(.expired(unacknowledged, for: .peers)) }
  }

  private mutating func evictOldest() -> Bool {
    guard let (position, kept) = store.evictOldest() else { return false }
    for index in subscribers.indices where subscribers[index].cursor <= position {
      subscribers[index].cursor = position + 1
      if kept.event.map(subscribers[index].filter.matches) ?? true {
        subscribers[index].missed += UInt64(kept.sequences.count)
      }
    }
    return true
  }
}
