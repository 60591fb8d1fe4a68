// What the nodes of a bus say to each other.
public import LabCore
public import Transport

/// A message between two nodes of an ``EventBus``.
///
/// Every message bears the tag of its sender's name in its fleet, and a checksum, so that a
/// datagram that was changed on the way counts as lost.
public struct EventBusMessage: WireMessage {
  /// The tag of the sender: a hash of the members' names and its own.
  public var tag: UInt64
  /// What it says.
  public var body: Body

  /// The kinds of message.
  public enum Body: Hashable, Sendable {
    /// Events of the sender itself, unasked, and the number that its next event will have.
    case push(EventRun, next: UInt64)
    /// Please send me these events of a source, the first first, under a number.
    case pull(number: UInt64, source: NodeID, gaps: [Range<UInt64>])
    /// Some of the events that were asked for, what the sender holds of the source, and whether no
    /// further message answers the same request.
    case answer(pull: UInt64, EventRun, Holding, isLast: Bool)
    /// What the sender has on its disk, of all sources or of some.
    case digest([Holding], isWhole: Bool, wantsAnswer: Bool)
  }

  /// Makes a message of a sender.
  public init(tag: UInt64, _ body: Body) {
    self.tag = tag
    self.body = body
  }
}

/// Consecutive events of one source.
public struct EventRun: Hashable, Sendable {
  /// The node that published them.
  public var source: NodeID
  /// The number of the first.
  public var first: UInt64
  /// The events; their ``Transport/FleetEvent/source`` is not sent, as the number says it.
  public var events: [FleetEvent]

  /// Puts events together.
  public init(source: NodeID, first: UInt64, events: [FleetEvent] = []) {
    self.source = source
    self.first = first
    self.events = events
  }
}

/// What a node holds of one source: everything before ``next`` has reached its disk, and what lies
/// before ``first`` has left it again.
public struct Holding: Hashable, Sendable {
  /// The node that published.
  public var source: NodeID
  /// The number of the oldest event that is kept.
  public var first: UInt64
  /// The number of the first event that the node lacks.
  public var next: UInt64

  /// Describes what is held.
  public init(source: NodeID, first: UInt64, next: UInt64) {
    self.source = source
    self.first = first
    self.next = next
  }
}

/// The bounds of what a message may say.
enum SequenceRange {
  /// No source publishes so many events; a larger number is an error of the network.
  static let end: UInt64 = 1 << 53
}

extension EventBusMessage {
  private static let version: UInt8 = 1
  /// Checksum, version, tag and kind.
  private static let headerBytes = 18

  public var wireBytes: Int {
    switch body {
    case .push(let run, _): Self.headerBytes + 8 + Self.size(of: run)
    case .pull(_, _, let gaps): Self.headerBytes + 16 + 16 * gaps.count
    case .answer(_, let run, _, _): Self.headerBytes + 9 + 16 + Self.size(of: run)
    case .digest(let holdings, _, _): Self.headerBytes + 5 + 20 * holdings.count
    }
  }

  private static func size(of run: EventRun) -> Int {
    run.events.reduce(16) { $0 + EventCoding.size(of: $1) }
  }

  public func encode(into writer: inout ByteWriter) {
    var content = ByteWriter()
    content.write(Self.version)
    content.write(tag)
    switch body {
    case .push(let run, let next):
      content.write(0 as UInt8)
      content.write(next)
      Self.write(run, into: &content)
    case .pull(let number, let source, let gaps):
      content.write(1 as UInt8)
      content.write(number)
      content.write(source.index)
      content.write(UInt32(gaps.count))
      for gap in gaps {
        content.write(gap.lowerBound)
        content.write(gap.upperBound)
      }
    case .answer(let number, let run, let holding, let isLast):
      content.write(2 as UInt8)
      content.write(number)
      content.write(isLast ? 1 : 0 as UInt8)
      content.write(holding.first)
      content.write(holding.next)
      Self.write(run, into: &content)
    case .digest(let holdings, let isWhole, let wantsAnswer):
      content.write(3 as UInt8)
      content.write((isWhole ? 1 : 0) | (wantsAnswer ? 2 : 0) as UInt8)
      content.write(UInt32(holdings.count))
      for holding in holdings {
        content.write(holding.source.index)
        content.write(holding.first)
        content.write(holding.next)
      }
    }
    let bytes = content.finish()
    writer.write(Self.checksum(bytes))
    writer.write(raw: bytes)
  }

  private static func write(_ run: EventRun, into writer: inout ByteWriter) {
    writer.write(run.source.index)
    writer.write(run.first)
    writer.write(UInt32(run.events.count))
    for event in run.events { EventCoding.write(event, into: &writer) }
  }

  /// Reads a message from bytes that may come from a stranger.
  ///
  /// - Returns: `nil` when the bytes are not exactly one message whose checksum is right. Sources
  ///   may be numbers that no member has; what is read takes memory in proportion to the bytes.
  public static func decode(_ bytes: Bytes) -> EventBusMessage? {
    var reader = ByteReader(bytes)
    guard let sum = reader.read(UInt64.self), let content = reader.read(count: reader.remaining),
      sum == checksum(content)
    else { return nil }
    reader = ByteReader(content)
    guard reader.read(UInt8.self) == version, let tag = reader.read(UInt64.self),
      let kind = reader.read(UInt8.self), let body = readBody(kind, &reader),
      reader.remaining == 0
    else { return nil }
    return EventBusMessage(tag: tag, body)
  }

  private static func readBody(_ kind: UInt8, _ reader: inout ByteReader) -> Body? {
    switch kind {
    case 0:
      guard let next = readSequence(&reader), let run = readRun(&reader) else { return nil }
      return .push(run, next: next)
    case 1:
      guard let number = reader.read(UInt64.self), let source = readSource(&reader),
        let gaps = readGaps(&reader)
      else { return nil }
      return .pull(number: number, source: source, gaps: gaps)
    case 2:
      guard let number = reader.read(UInt64.self), let last = reader.read(UInt8.self), last < 2,
        let first = readSequence(&reader), let next = readSequence(&reader), first <= next,
        let run = readRun(&reader)
      else { return nil }
      return .answer(
        pull: number, run, Holding(source: run.source, first: first, next: next),
        isLast: last == 1)
    case 3:
      guard let flags = reader.read(UInt8.self), flags < 4, let holdings = readHoldings(&reader)
      else { return nil }
      return .digest(holdings, isWhole: flags & 1 != 0, wantsAnswer: flags & 2 != 0)
    default: return nil
    }
  }

  private static func readGaps(_ reader: inout ByteReader) -> [Range<UInt64>]? {
    guard let count = reader.read(UInt32.self), Int(count) * 16 <= reader.remaining else {
      return nil
    }
    var gaps: [Range<UInt64>] = []
    for _ in 0..<count {
      guard let first = readSequence(&reader), let end = readSequence(&reader), first < end else {
        return nil
      }
      gaps.append(first..<end)
    }
    return gaps
  }

  private static func readHoldings(_ reader: inout ByteReader) -> [Holding]? {
    guard let count = reader.read(UInt32.self), Int(count) * 20 <= reader.remaining else {
      return nil
    }
    var holdings: [Holding] = []
    for _ in 0..<count {
      guard let source = readSource(&reader), let first = readSequence(&reader),
        let next = readSequence(&reader), first <= next
      else { return nil }
      holdings.append(Holding(source: source, first: first, next: next))
    }
    return holdings
  }

  private static func readRun(_ reader: inout ByteReader) -> EventRun? {
    guard let source = readSource(&reader), let first = readSequence(&reader),
      let count = reader.read(UInt32.self), Int(count) * 17 <= reader.remaining
    else { return nil }
    var run = EventRun(source: source, first: first)
    for _ in 0..<count {
      guard let event = EventCoding.read(&reader, source: "") else { return nil }
      run.events.append(event)
    }
    return run
  }

  private static func readSource(_ reader: inout ByteReader) -> NodeID? {
    guard let index = reader.read(UInt32.self), index < EventBusLimits.members else { return nil }
    return NodeID(Int(index))
  }

  private static func readSequence(_ reader: inout ByteReader) -> UInt64? {
    guard let number = reader.read(UInt64.self), 1..<SequenceRange.end ~= number else {
      return nil
    }
    return number
  }

  private static func checksum(_ content: Bytes) -> UInt64 {
    var hasher = StableHasher()
    hasher.combine(content)
    return hasher.finalize()
  }
}
