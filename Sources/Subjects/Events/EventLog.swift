// What stands on a node's disk: records of events and positions, and snapshots in their place.
import LabCore
import Transport

/// How far a subscriber has come.
struct CommittedPosition: Hashable, Sendable {
  var subscriber: String
  /// The position of the last event that it has dealt with; 0 for none.
  var position: UInt64
}

/// One record of the log: what became durable together.
struct LogRecord {
  /// One thing that became durable.
  enum Entry {
    case event(NodeID, UInt64, FleetEvent)
    case gap(NodeID, Range<UInt64>)
    case commit(CommittedPosition)
    case forget(String)
  }

  private static let version: UInt8 = 2

  /// The position of the first event or gap.
  var firstPosition: UInt64
  var storedAt: Instant
  var entries: [Entry]

  /// The bytes, which bear the tag of the member that writes them.
  func encoded(by tag: UInt64) -> Bytes {
    var writer = ByteWriter()
    writer.write(Self.version)
    writer.write(tag)
    writer.write(firstPosition)
    writer.write(storedAt.nanoseconds)
    writer.write(UInt32(entries.count))
    for entry in entries {
      switch entry {
      case .event(let source, let sequence, let event):
        writer.write(0 as UInt8)
        writer.write(source.index)
        writer.write(sequence)
        EventCoding.write(event, into: &writer)
      case .gap(let source, let sequences):
        writer.write(1 as UInt8)
        writer.write(source.index)
        writer.write(sequences.lowerBound)
        writer.write(sequences.upperBound)
      case .commit(let committed):
        writer.write(2 as UInt8)
        EventCoding.write(name: committed.subscriber, into: &writer)
        writer.write(committed.position)
      case .forget(let subscriber):
        writer.write(3 as UInt8)
        EventCoding.write(name: subscriber, into: &writer)
      }
    }
    return writer.finish()
  }

  init(firstPosition: UInt64, storedAt: Instant, entries: [Entry]) {
    self.firstPosition = firstPosition
    self.storedAt = storedAt
    self.entries = entries
  }

  /// Reads a record; `nil` when it was not written by the member of this fleet that has the tag.
  init?(_ bytes: Bytes, by tag: UInt64, members: [String]) {
    var reader = ByteReader(bytes)
    guard reader.read(UInt8.self) == Self.version, reader.read(UInt64.self) == tag,
      let position = reader.read(UInt64.self),
      let time = reader.read(Int64.self), let count = reader.read(UInt32.self)
    else { return nil }
    (firstPosition, storedAt, entries) = (position, Instant(nanoseconds: time), [])
    for _ in 0..<count {
      guard let entry = Self.readEntry(&reader, members) else { return nil }
      entries.append(entry)
    }
    guard reader.remaining == 0 else { return nil }
  }

  private static func readEntry(_ reader: inout ByteReader, _ members: [String]) -> Entry? {
    switch reader.read(UInt8.self) {
    case 0:
      guard let source = readSource(&reader, members), let sequence = reader.read(UInt64.self),
        let event = EventCoding.read(&reader, source: members[Int(source.index)])
      else { return nil }
      return .event(source, sequence, event)
    case 1:
      guard let source = readSource(&reader, members), let first = reader.read(UInt64.self),
        let end = reader.read(UInt64.self), first < end
      else { return nil }
      return .gap(source, first..<end)
    case 2:
      guard let name = EventCoding.readName(&reader), let position = reader.read(UInt64.self) else {
        return nil
      }
      return .commit(CommittedPosition(subscriber: name, position: position))
    case 3: return EventCoding.readName(&reader).map { .forget($0) }
    default: return nil
    }
  }

  private static func readSource(_ reader: inout ByteReader, _ members: [String]) -> NodeID? {
    guard let index = reader.read(UInt32.self), index < members.count else { return nil }
    return NodeID(Int(index))
  }
}

/// What a snapshot keeps of the records that it replaces.
struct StoreImage {
  /// An event of the node itself that some peer lacks.
  struct OwnEvent {
    var event: FleetEvent
    var storedAt: Instant
  }

  private static let version: UInt8 = 2

  /// The position of the oldest event in the order, or of the next when there is none.
  var firstPosition: UInt64
  /// For each member the number of the first of its events that the node lacked.
  var nexts: [UInt64]
  /// The number of the first of ``own``.
  var firstOwn: UInt64
  var own: [OwnEvent]
  var subscribers: [CommittedPosition]

  /// The bytes, which bear the tag of the member that writes them.
  func encoded(by tag: UInt64) -> Bytes {
    var writer = ByteWriter()
    writer.write(Self.version)
    writer.write(tag)
    writer.write(firstPosition)
    writer.write(UInt32(nexts.count))
    for next in nexts { writer.write(next) }
    writer.write(firstOwn)
    writer.write(UInt32(own.count))
    for kept in own {
      writer.write(kept.storedAt.nanoseconds)
      EventCoding.write(kept.event, into: &writer)
    }
    writer.write(UInt32(subscribers.count))
    for committed in subscribers {
      EventCoding.write(name: committed.subscriber, into: &writer)
      writer.write(committed.position)
    }
    return writer.finish()
  }

  init(
    firstPosition: UInt64, nexts: [UInt64], firstOwn: UInt64, own: [OwnEvent],
    subscribers: [CommittedPosition]
  ) {
    self.firstPosition = firstPosition
    self.nexts = nexts
    self.firstOwn = firstOwn
    self.own = own
    self.subscribers = subscribers
  }

  /// Reads a snapshot; `nil` when it was not written by the member of this fleet that has the tag.
  init?(_ bytes: Bytes, by tag: UInt64, own name: String, members: Int) {
    var reader = ByteReader(bytes)
    guard reader.read(UInt8.self) == Self.version, reader.read(UInt64.self) == tag,
      let position = reader.read(UInt64.self),
      let count = reader.read(UInt32.self), count == members
    else { return nil }
    (firstPosition, nexts, firstOwn, own, subscribers) = (position, [], 0, [], [])
    for _ in 0..<count {
      guard let next = reader.read(UInt64.self) else { return nil }
      nexts.append(next)
    }
    guard let first = reader.read(UInt64.self), let kept = reader.read(UInt32.self) else {
      return nil
    }
    firstOwn = first
    for _ in 0..<kept {
      guard let time = reader.read(Int64.self),
        let event = EventCoding.read(&reader, source: name)
      else { return nil }
      own.append(OwnEvent(event: event, storedAt: Instant(nanoseconds: time)))
    }
    guard let names = reader.read(UInt32.self) else { return nil }
    for _ in 0..<names {
      guard let name = EventCoding.readName(&reader), let position = reader.read(UInt64.self) else {
        return nil
      }
      subscribers.append(CommittedPosition(subscriber: name, position: position))
    }
    guard reader.remaining == 0 else { return nil }
  }
}

/// What a node knows when it starts: what its disk held, taken in from the beginning.
struct RecoveredLog {
  var store: EventStore
  /// How far each subscriber had come, by name.
  var subscribers: [String: UInt64] = [:]
  /// The size of each record that lies on the disk, by its index.
  var records: Backlog<Int>
  var snapshotBytes = 0

  /// Reads a disk; `nil` when what it holds was not written by this member of this fleet.
  ///
  /// - Parameters:
  ///   - tag: The tag of the node itself, which everything that it wrote bears.
  ///   - now: The time; nothing was stored later, as a clock says that began anew.
  init?(_ durable: Durable, by tag: UInt64, own: NodeID, members: [String], at now: Instant) {
    store = EventStore(own: own, members: members.count)
    records = Backlog(first: durable.firstIndex)
    if let bytes = durable.snapshot {
      let name = members[Int(own.index)]
      guard let image = StoreImage(bytes, by: tag, own: name, members: members.count) else {
        return nil
      }
      store.restore(image, at: now)
      snapshotBytes = bytes.count
      for committed in image.subscribers { take(.commit(committed)) }
    }
    for bytes in durable.records {
      guard var record = LogRecord(bytes, by: tag, members: members) else { return nil }
      record.storedAt = min(record.storedAt, now)
      store.replay(record, index: records.next)
      records.append(bytes.count)
      record.entries.forEach { take($0) }
    }
  }

  private mutating func take(_ entry: LogRecord.Entry) {
    switch entry {
    case .commit(let committed):
      let known = subscribers[committed.subscriber] ?? 0
      subscribers[committed.subscriber] = max(known, committed.position)
    case .forget(let name): subscribers[name] = nil
    case .event, .gap: break
    }
  }
}
