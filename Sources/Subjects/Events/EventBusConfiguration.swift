// What the nodes of a bus agree on, and how much of everything they keep and ask for.
public import LabCore

/// The settings of one node of an ``EventBus``; all nodes have the same.
public struct EventBusConfiguration: Hashable, Sendable {
  /// The names of all nodes, in the order of their ``LabCore/NodeID``.
  public let members: [String]
  /// How much is kept, and how much is taken at once.
  public let limits: EventBusLimits
  /// How often nodes speak, and how long they wait.
  public let pace: EventBusPace

  /// Describes a fleet.
  ///
  /// - Throws: ``EventBusConfigurationError``, which names the setting that the caller corrects.
  public init(
    members: [String], limits: EventBusLimits = EventBusLimits(),
    pace: EventBusPace = EventBusPace()
  ) throws(EventBusConfigurationError) {
    guard 1...EventBusLimits.members ~= members.count else {
      throw .count(of: "members", members.count, expected: 1...EventBusLimits.members)
    }
    for (place, name) in members.enumerated() {
      guard 1...EventBusLimits.nameBytes ~= name.utf8.count else {
        throw .count(
          of: "bytes in the name of member \(place)", name.utf8.count,
          expected: 1...EventBusLimits.nameBytes)
      }
      if members[..<place].contains(name) { throw .memberTwice(name) }
    }
    try limits.check()
    try pace.check()
    self.members = members
    self.limits = limits
    self.pace = pace
  }

  /// What the messages of a node bear, so that no other name and no other fleet passes for it.
  func tag(of name: String) -> UInt64 {
    var hasher = StableHasher(seed: 0x6275_73)
    for member in members { hasher.combine(member) }
    hasher.combine(name)
    return hasher.finalize()
  }
}

/// How much a node keeps, and how much it takes at once.
public struct EventBusLimits: Hashable, Sendable {
  /// The most nodes of a fleet.
  public static let members = 256
  /// The most bytes of a node's or a subscriber's name, and of an event's type.
  public static let nameBytes = 128

  /// How many bytes of events a node keeps; events of its own that peers lack take half at most.
  public var capacity = ByteCount(64 << 20)
  /// How long an event is kept for whoever lacks it.
  public var age = Duration.seconds(3_600)
  /// The size of the largest event that is taken, as it is written; the default fits a datagram, a
  /// carrier with streams takes more.
  public var event = ByteCount(60_000)
  /// How many bytes of events travel in one message, unless a single event has more; the default
  /// fits a packet of Ethernet, a carrier with streams takes more.
  public var batch = ByteCount(1_200)
  /// How many messages answer one request for missing events.
  public var batchesPerPull = 64
  /// How many events a peer may lack and still be sent new ones unasked.
  public var pushWindow = 256
  /// How many events a subscriber is handed beyond the position that it has committed.
  public var deliveryWindow = 256
  /// How many subscribers a node remembers.
  public var subscribers = 64

  /// The defaults suit a fleet on one continent.
  public init() {}

  fileprivate func check() throws(EventBusConfigurationError) {
    let numbers: [(String, Int, ClosedRange<Int>)] = [
      ("bytes in capacity", capacity.bytes, 1_024...1 << 32),
      ("bytes in event", event.bytes, 256...max(256, min(16 << 20, capacity.bytes / 4))),
      ("bytes in batch", batch.bytes, 256...1 << 20),
      ("batchesPerPull", batchesPerPull, 1...1_024),
      ("pushWindow", pushWindow, 1...1 << 20),
      ("deliveryWindow", deliveryWindow, 1...1 << 20),
      ("subscribers", subscribers, 0...4_096),
    ]
    for (name, value, range) in numbers where !(range ~= value) {
      throw .count(of: name, value, expected: range)
    }
    try EventBusConfigurationError.check(age, "age", atMost: .seconds(10 * 365 * 86_400))
  }
}

/// How often nodes speak without being asked, and how long they wait.
public struct EventBusPace: Hashable, Sendable {
  /// How often a node tells others what it holds.
  public var digestPeriod = Duration.milliseconds(100)
  /// To how many peers in turn it tells all.
  public var digestPeers = 3
  /// How long a gap may close by itself before what is missing is asked for.
  public var repairDelay = Duration.milliseconds(10)
  /// How long an answer may take before another peer is asked.
  public var pullPatience = Duration.milliseconds(250)
  /// After which silence a peer counts as unreachable.
  public var silence = Duration.seconds(3)

  /// The defaults suit round trips up to 200 ms.
  public init() {}

  fileprivate func check() throws(EventBusConfigurationError) {
    let times = [
      ("digestPeriod", digestPeriod), ("repairDelay", repairDelay),
      ("pullPatience", pullPatience), ("silence", silence),
    ]
    for (name, time) in times {
      try EventBusConfigurationError.check(time, name, atMost: .seconds(86_400))
    }
    guard 1...EventBusLimits.members ~= digestPeers else {
      throw .count(of: "digestPeers", digestPeers, expected: 1...EventBusLimits.members)
    }
  }
}

/// Why a fleet cannot be made from some settings.
public enum EventBusConfigurationError: Error, Hashable, CustomStringConvertible {
  /// A number lies outside of what is possible.
  case count(of: String, Int, expected: ClosedRange<Int>)
  /// Two members have the same name.
  case memberTwice(String)
  /// A time is not positive, or so long that nothing would ever happen.
  case time(String, Duration, atMost: Duration)

  public var description: String {
    switch self {
    case .count(let what, let value, let expected):
      "\(value) \(what); \(expected.lowerBound) to \(expected.upperBound) were expected; "
        + "change the setting"
    case .memberTwice(let name):
      "the member '\(name)' is listed twice; names that differ were expected; rename one"
    case .time(let name, let time, let most):
      "\(name) is \(time); a positive time of at most \(most) was expected; change the setting"
    }
  }

  fileprivate static func check(
    _ time: Duration, _ name: String, atMost most: Duration
  ) throws(EventBusConfigurationError) {
    guard time > .zero, time <= most else { throw .time(name, time, atMost: most) }
  }
}
