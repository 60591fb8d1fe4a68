public import LabCore
public import Statistics

/// Something that goes wrong at given times or at random, and for how long.
public struct FaultDescription: Hashable, Sendable {
  /// When it begins.
  public var times: FaultTimes
  /// How long it lasts; `nil` for ever.
  public var duration: Duration?
  /// What happens.
  public var kind: FaultKind

  /// Describes a fault.
  public init(times: FaultTimes, duration: Duration?, kind: FaultKind) {
    self.times = times
    self.duration = duration
    self.kind = kind
  }
}

/// When a fault begins.
public enum FaultTimes: Hashable, Sendable {
  /// At these points.
  case at([Instant])
  /// Again and again: the law gives the seconds from the end of one to the start of the next.
  case every(Law)
}

/// What a fault does.
public enum FaultKind: Hashable, Sendable {
  /// Datagrams pass only between nodes of one group; a node in no group is alone.
  case partition(groups: [[NodeID]])
  /// Datagrams from some nodes to some others are lost, while the way back works.
  case oneWay(from: [NodeID], to: [NodeID])
  /// Two halves that meet in one node only, which sees all others.
  case bridge(node: NodeID)
  /// Every node sees a majority, but no two nodes see the same one: each sees its neighbours on a
  /// ring; of three nodes, the first and the last do not see each other.
  case majoritiesRing
  /// Datagrams between the nodes wait until the fault ends, then all arrive.
  case clog(from: [NodeID], to: [NodeID])
  /// The node stops; when the fault ends it starts anew from its disk.
  case crash(node: NodeID)
  /// The node does nothing; when the fault ends it takes what has arrived and fires what is due.
  case pause(node: NodeID)
  /// The node's clock jumps by an offset and runs at a rate; when the fault ends it is right again.
  case clockSkew(node: NodeID, offset: Duration, rate: Double)
}
