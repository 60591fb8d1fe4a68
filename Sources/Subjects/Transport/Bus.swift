// What every event bus of this module takes and tells, so that one experiment can drive them all.
public import LabCore

/// A request to a node of an event bus.
public enum BusCommand: Hashable, Sendable {
  /// Publish an event.
  ///
  /// The number is the caller's; reports name the event by it as long as the event can still be
  /// read.
  case publish(number: Int, type: String, target: NodeID?, payloadBytes: Int)
  /// Open a stream to a node and send some bytes on it.
  case openStream(to: NodeID, payloadBytes: Int)
}

/// What a node of an event bus tells its observer.
public enum BusReport: Hashable, Sendable {
  /// A published event was stored and handed to the local handlers.
  case emittedLocally(number: Int)
  /// Publishing failed; `afterEmitting` says whether local handlers had seen the event by then.
  case refused(number: Int, afterEmitting: Bool)
  /// A datagram came before anybody listened to its stream, and was dropped.
  case droppedBeforeListening
  /// A datagram reached a data handler and could not be read as an event.
  case unreadable
  /// An event of another node reached the handlers of its type.
  case handled(number: Int, forMe: Bool, again: Bool)
  /// A datagram arrived on a stream that carries those of another sender too.
  case sharedStream
  /// A stream was accepted although the limit was reached.
  case streamBeyondLimit
  /// A stream was refused because the limit was reached.
  case streamRefused
  /// A stream that this node opened came back to itself.
  case streamToMyself
  /// An exception that the document does not catch would have ended the process.
  case uncaught
}

extension BusReport: StableHashable {
  public func hash(into hasher: inout StableHasher) {
    switch self {
    case .emittedLocally(let number): Self.feed(0, number, into: &hasher)
    case .refused(let number, let late): Self.feed(late ? 2 : 1, number, into: &hasher)
    case .droppedBeforeListening: Self.feed(3, 0, into: &hasher)
    case .unreadable: Self.feed(4, 0, into: &hasher)
    case .handled(let number, let forMe, let again):
      Self.feed(5 + (forMe ? 1 : 0) + (again ? 2 : 0), number, into: &hasher)
    case .sharedStream: Self.feed(9, 0, into: &hasher)
    case .streamBeyondLimit: Self.feed(10, 0, into: &hasher)
    case .streamRefused: Self.feed(11, 0, into: &hasher)
    case .streamToMyself: Self.feed(12, 0, into: &hasher)
    case .uncaught: Self.feed(13, 0, into: &hasher)
    }
  }

  private static func feed(_ kind: Int, _ number: Int, into hasher: inout StableHasher) {
    hasher.combine(kind)
    hasher.combine(number)
  }
}

/// The settings of the document's transport.
public struct TransportConfiguration: Hashable, Sendable {
  /// How many streams a node accepts; the document uses 1,000 and never reads it.
  public var maximumStreams: Int
  /// How long a lost peer is waited for; the document uses 5,000 ms and never reads it.
  public var reconnectionTimeout: Duration

  /// Describes settings; the defaults are the document's.
  public init(
    maximumStreams: Int = 1_000, reconnectionTimeout: Duration = .milliseconds(5_000)
  ) {
    self.maximumStreams = maximumStreams
    self.reconnectionTimeout = reconnectionTimeout
  }
}

/// The number that a caller gave an event, carried in the event's data.
enum EventNumber {
  /// Data of a length that begins with the number.
  ///
  /// The number takes at most 20 bytes; a shorter payload is lengthened to hold it.
  static func data(_ number: Int, bytes: Int) -> String {
    let head = "\(number):"
    return head + String(repeating: "x", count: max(0, bytes - head.utf8.count))
  }

  /// The number in front of some data; −1 when there is none.
  static func read(_ data: String) -> Int {
    data.firstIndex(of: ":").flatMap { Int(data[..<$0]) } ?? -1
  }
}
