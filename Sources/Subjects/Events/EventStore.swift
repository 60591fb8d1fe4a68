// The events that a node keeps: all in the order of its log, its own until every peer has them.
import LabCore
import Transport

/// What is on a node's disk, held in memory as well.
///
/// Every event has a position, its place in the order in which this node stored events, and a
/// sequence number, its place among those of its source. Oldest events leave first. The node's own
/// events stay beyond that in the outbox as long as they are pinned, which is until every peer has
/// stored them, so that room for subscribers is never room that peers need.
struct EventStore {
  /// One place in the order: an event, or the mark of events that expired before they came.
  struct Kept {
    var source: NodeID
    var sequences: Range<UInt64>
    /// `nil` for a mark.
    var event: FleetEvent?
    var storedAt: Instant
    /// The record of the log that holds it.
    var record: UInt64
    var bytes: Int
  }

  /// An event that this node published.
  private struct Own {
    var event: FleetEvent
    /// 0 when it left the order in an earlier life.
    var position: UInt64
    var storedAt: Instant
    var bytes: Int
  }

  /// What an event takes beside its fields.
  private static let overheadBytes = 64

  let own: NodeID
  /// By position, from 1.
  private(set) var order = Backlog<Kept>(first: 1)
  /// How many bytes all that is kept takes.
  private(set) var bytes = 0
  /// How many bytes the pinned events take.
  private(set) var pinnedBytes = 0
  /// The node's own events from here on are pinned.
  private(set) var pinnedFirst: UInt64 = 1
  private var outbox = Backlog<Own>(first: 1)
  /// The numbers of the node's own events that are kept, by id.
  private var ownSequences: [String: UInt64] = [:]
  /// For each source the positions of its events by sequence number; not used for the node itself.
  private var positions: [Backlog<UInt64>]
  /// For each source the number of the first event that this node lacks.
  private var nexts: [UInt64]

  init(own: NodeID, members: Int) {
    self.own = own
    positions = Array(repeating: Backlog(first: 1), count: members)
    nexts = Array(repeating: 1, count: members)
  }

  /// What an event takes in ``bytes``.
  static func cost(of event: FleetEvent) -> Int { EventCoding.size(of: event) + overheadBytes }

  /// The number of the first event of a source that this node lacks.
  func next(of source: NodeID) -> UInt64 { nexts[Int(source.index)] }

  /// What peers are told of a source.
  func holding(of source: NodeID) -> Holding {
    let first = source == own ? outbox.first : positions[Int(source.index)].first
    let next = next(of: source)
    return Holding(source: source, first: min(first, next), next: next)
  }

  /// An event by its number among those of its source; `nil` when it is not kept.
  func event(of source: NodeID, _ sequence: UInt64) -> FleetEvent? {
    if source == own { return outbox[sequence]?.event }
    return positions[Int(source.index)][sequence].flatMap { order[$0]?.event }
  }

  /// The number of an event of the node itself by its id; `nil` when it is not kept.
  func sequence(ofOwn id: String) -> UInt64? { ownSequences[id] }

  /// Puts an event at the end of the order.
  mutating func add(
    _ event: FleetEvent, of source: NodeID, _ sequence: UInt64, storedAt: Instant, record: UInt64
  ) {
    let (position, place) = (order.next, Int(source.index))
    let cost = Self.cost(of: event)
    order.append(
      Kept(
        source: source, sequences: sequence..<sequence + 1, event: event, storedAt: storedAt,
        record: record, bytes: cost))
    bytes += cost
    nexts[place] = max(nexts[place], sequence + 1)
    if source == own {
      keepOwn(Own(event: event, position: position, storedAt: storedAt, bytes: cost), sequence)
    } else {
      if positions[place].next != sequence { positions[place].restart(at: sequence) }
      positions[place].append(position)
    }
  }

  /// Marks events that expired everywhere before they reached this node.
  mutating func addGap(
    of source: NodeID, _ sequences: Range<UInt64>, storedAt: Instant, record: UInt64
  ) {
    order.append(
      Kept(
        source: source, sequences: sequences, event: nil, storedAt: storedAt, record: record,
        bytes: 0))
    nexts[Int(source.index)] = max(nexts[Int(source.index)], sequences.upperBound)
    if source == own {
      while !outbox.isEmpty { dropOldestOwn() }
      outbox.restart(at: sequences.upperBound)
      pinnedFirst = max(pinnedFirst, sequences.upperBound)
    } else {
      positions[Int(source.index)].restart(at: sequences.upperBound)
    }
  }

  /// Takes the oldest event out of the order; it stays in the outbox if it is pinned.
  mutating func evictOldest() -> (position: UInt64, kept: Kept)? {
    let position = order.first
    guard let kept = order.removeFirst() else { return nil }
    guard kept.event != nil else { return (position, kept) }
    let place = Int(kept.source.index)
    if kept.source == own, outbox[kept.sequences.lowerBound] != nil {
      trimOutbox()
    } else {
      bytes -= kept.bytes
      if positions[place].first == kept.sequences.lowerBound { positions[place].removeFirst() }
    }
    return (position, kept)
  }

  /// Lets go of the node's own events before a number, which every peer has stored.
  mutating func unpin(before sequence: UInt64) {
    while pinnedFirst < sequence {
      pinnedBytes -= outbox[pinnedFirst]?.bytes ?? 0
      pinnedFirst += 1
    }
    trimOutbox()
  }

  /// Drops the oldest pinned event that has left the order, if it was stored before a time.
  mutating func expirePinned(storedBefore time: Instant) -> Bool {
    guard let oldest = outbox.oldest, oldest.position < order.first, oldest.storedAt < time else {
      return false
    }
    dropOldestOwn()
    return true
  }

  private mutating func keepOwn(_ event: Own, _ sequence: UInt64) {
    if outbox.next != sequence {
      while !outbox.isEmpty { dropOldestOwn() }
      outbox.restart(at: sequence)
    }
    ownSequences[event.event.id] = sequence
    outbox.append(event)
    if sequence >= pinnedFirst { pinnedBytes += event.bytes }
  }

  /// Forgets events of the outbox that neither peers nor subscribers can still ask for.
  private mutating func trimOutbox() {
    while let oldest = outbox.oldest, outbox.first < pinnedFirst, oldest.position < order.first {
      dropOldestOwn()
    }
  }

  private mutating func dropOldestOwn() {
    let sequence = outbox.first
    guard let dropped = outbox.removeFirst() else { return }
    if ownSequences[dropped.event.id] == sequence { ownSequences[dropped.event.id] = nil }
    if dropped.position < order.first { bytes -= dropped.bytes }
    guard sequence >= pinnedFirst else { return }
    pinnedBytes -= dropped.bytes
    pinnedFirst = sequence + 1
  }
}

extension EventStore {
  /// The record of the log from which on everything is still needed.
  func firstRecord(next: UInt64) -> UInt64 { order.oldest?.record ?? next }

  /// What a snapshot keeps of all that lies before the records that stay.
  func image(subscribers: [CommittedPosition]) -> StoreImage {
    var image = StoreImage(
      firstPosition: order.first, nexts: nexts, firstOwn: outbox.first, own: [],
      subscribers: subscribers)
    var sequence = outbox.first
    while let event = outbox[sequence], event.position < order.first {
      image.own.append(.init(event: event.event, storedAt: event.storedAt))
      sequence += 1
    }
    return image
  }

  /// Begins with what a snapshot kept.
  mutating func restore(_ image: StoreImage, at now: Instant) {
    order.restart(at: image.firstPosition)
    nexts = image.nexts
    for source in nexts.indices { positions[source].restart(at: nexts[source]) }
    outbox.restart(at: image.firstOwn)
    pinnedFirst = image.firstOwn
    for kept in image.own {
      let cost = Self.cost(of: kept.event)
      let storedAt = min(kept.storedAt, now)
      ownSequences[kept.event.id] = outbox.next
      outbox.append(Own(event: kept.event, position: 0, storedAt: storedAt, bytes: cost))
      bytes += cost
      pinnedBytes += cost
    }
  }

  /// Takes in a record of the log that lies behind the snapshot.
  mutating func replay(_ record: LogRecord, index: UInt64) {
    if order.isEmpty, record.firstPosition > order.next { order.restart(at: record.firstPosition) }
    var position = record.firstPosition
    for entry in record.entries {
      switch entry {
      case .event(let source, let sequence, let event):
        // What left the order before the snapshot is in the snapshot, if anybody needs it.
        if position >= order.next {
          add(event, of: source, sequence, storedAt: record.storedAt, record: index)
        }
        position += 1
      case .gap(let source, let sequences):
        if position >= order.next {
          addGap(of: source, sequences, storedAt: record.storedAt, record: index)
        }
        position += 1
      case .commit, .forget: break
      }
    }
  }
}
