// What clients of a node ask of the bus.

/// A request to a node of an ``EventBus``.
public enum EventBusCommand: Hashable, Sendable {
  /// Publish an event to all nodes; reports name it by the caller's number.
  ///
  /// The target is the name of a member, for filters to look at; the event reaches every node. A
  /// caller that hears no answer because the node crashed does not know whether the event was
  /// published. If it gave the event an id of its own and publishes the same again at the same
  /// node, the answer is the first one's number and there is no second event, as long as the node
  /// keeps the first (``EventBusLimits/age``, ``EventBusLimits/capacity``). Without an id,
  /// publishing again makes a second event, with another random UUID.
  case publish(
    number: Int, id: String? = nil, type: String, target: String? = nil, data: String)
  /// Hand a subscriber the events that match, in the order in which this node stored them, which
  /// for each source is the order of publishing; in place of an earlier subscription of that name.
  case subscribe(String, to: EventFilter = EventFilter(), from: SubscriptionStart = .committed)
  /// The subscriber has dealt with everything up to a position that it was handed, and is handed
  /// more; the position is kept on disk.
  case commit(subscriber: String, position: UInt64)
  /// Hand the subscriber nothing more, and forget its position.
  case unsubscribe(String)
  /// Report how things stand.
  case status
}

/// Where a subscription begins.
public enum SubscriptionStart: Hashable, Sendable {
  /// With the oldest event that is kept.
  case oldest
  /// With the next event that this node stores.
  case newest
  /// After the position that the subscriber last committed to this node, or with the oldest event.
  case committed
  /// After a position that the subscriber has kept itself, together with its effects: then it deals
  /// with every event exactly once.
  case after(UInt64)
}
