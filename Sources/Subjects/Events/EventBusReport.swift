// What a node of the bus tells its clients.
public import LabCore
public import Transport

/// What a node of an ``EventBus`` tells its observer.
public enum EventBusReport: Hashable, Sendable {
  /// The node has read its disk, which holds so many events; the next gets this position.
  case started(events: Int, nextPosition: UInt64)
  /// The event is on this node's disk, with its number among the events of this node, and will
  /// reach every node.
  case published(number: Int, sequence: UInt64)
  /// The event was not taken, and no node will see it.
  case refused(number: Int, EventRefusal)
  /// The subscriber is handed an event.
  case delivered(subscriber: String, EventDelivery)
  /// Somebody will never see so many events, as they were kept no longer.
  case expired(UInt64, for: ExpiryReader)
  /// The subscription holds; events from this position on are looked at.
  case subscribed(String, from: UInt64)
  /// The subscription does not hold.
  case subscriptionRefused(String, SubscriptionRefusal)
  /// The position is on disk.
  case committed(subscriber: String, position: UInt64)
  /// The position is not one that the subscriber was handed and has not committed, or could not be
  /// stored.
  case commitRefused(subscriber: String, position: UInt64)
  /// After having lacked events, the node has all that it knows to exist.
  case caughtUp
  /// A peer is heard again, or has been silent for too long.
  case peer(NodeID, isReachable: Bool)
  /// A node sends messages that are not those of the member in its place; they are not read.
  case strangerRefused(NodeID)
  /// Two events of one source have the same number; the one that came first is kept.
  case conflict(source: NodeID, sequence: UInt64)
  /// A peer sends an event that is larger than this node takes.
  case oversized(source: NodeID, sequence: UInt64)
  /// The disk has no room for events of peers, which they will send again.
  case diskFull
  /// The node does nothing until it is started anew.
  case stopped(StopReason)
  /// How things stand, as asked.
  case status(EventBusStatus)
}

/// Why an event was not taken.
public enum EventRefusal: String, Hashable, Sendable, CaseIterable {
  /// The type is empty, too long or has characters that none may have.
  case badType
  /// The id is empty, too long or has characters that none may have.
  case badID
  /// The node has published another event under the id, or is about to.
  case idTaken
  /// The target is no member.
  case unknownTarget
  /// The event is larger than ``EventBusLimits/event``.
  case tooLarge
  /// Peers lack so many events of this node that there is no room for more.
  case storeFull
  /// The disk has no room.
  case diskFull
  /// The peers know events of this node that it does not, because its disk was lost; it must have
  /// them back before it can number new ones.
  case historyBehind
  /// The node has stopped.
  case stopped
}

/// One event in the hands of a subscriber.
public struct EventDelivery: Hashable, Sendable {
  /// What was published, with the name of the node that did.
  public var event: FleetEvent
  /// Its place among the events of its source, from 1.
  public var sequence: UInt64
  /// Its place among the events of this node, from 1; what the subscriber commits.
  public var position: UInt64

  /// Describes a delivery.
  public init(event: FleetEvent, sequence: UInt64, position: UInt64) {
    self.event = event
    self.sequence = sequence
    self.position = position
  }
}

/// Who will not see events that were kept no longer.
public enum ExpiryReader: Hashable, Sendable {
  /// A subscriber of this node; events that it would not have been handed may be among the count.
  case subscriber(String)
  /// Peers that lacked events which this node published.
  case peers
  /// This node, which lacked events of another.
  case node(source: NodeID)
}

/// Why a subscription does not hold.
public enum SubscriptionRefusal: String, Hashable, Sendable, CaseIterable {
  /// The name is empty or too long.
  case badName
  /// The type of the filter is no type and no wildcard.
  case badFilter
  /// The node has as many subscribers as it remembers.
  case tooMany
  /// The position lies beyond everything that this node has stored.
  case unknownPosition
  /// The node has stopped.
  case stopped
}

/// Why a node does nothing any more.
public enum StopReason: String, Hashable, Sendable, CaseIterable {
  /// The disk failed; what it holds is unknown.
  case diskFailed
  /// The disk holds what this member of this fleet did not write.
  case foreignDisk
  /// The node is none of the members.
  case noMember
}

/// How things stand at a node.
public struct EventBusStatus: Hashable, Sendable {
  /// What the node holds of each member, in their order.
  public var holdings: [Holding]
  /// For each member the highest number of an event that this node has heard of, plus one.
  public var known: [UInt64]
  /// Which members were heard within ``EventBusPace/silence``.
  public var reachable: [NodeID]
  /// How many bytes of events are kept.
  public var bytesKept: ByteCount
  /// How many of them are kept because a peer lacks the events.
  public var bytesPinned: ByteCount
  /// The position that the next event gets.
  public var nextPosition: UInt64
  /// How many subscribers there are.
  public var subscribers: Int
  /// How many events subscribers were handed and have not committed.
  public var uncommitted: Int
  /// How often an event came again.
  public var duplicates: Int
  /// How many messages were not read, as their sender was not who it should be.
  public var refusedMessages: Int
}

extension EventBusReport: StableHashable {
  public func hash(into hasher: inout StableHasher) {
    switch self {
    case .delivered(let subscriber, let delivery):
      hasher.combine(0)
      hasher.combine(subscriber)
      hasher.combine(delivery.event.id)
      hasher.combine(delivery.sequence)
      hasher.combine(delivery.position)
    case .published(let number, let sequence):
      hasher.combine(1)
      hasher.combine(number)
      hasher.combine(sequence)
    default:
      hasher.combine(2)
      hasher.combine("\(self)")
    }
  }
}
