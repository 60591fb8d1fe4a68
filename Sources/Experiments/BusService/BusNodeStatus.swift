// How things stand at a node, for people and programs.
import Events
import LabCore
public import LabGate

/// How things stand at a node of a fleet.
public struct BusNodeStatus: Codable, Hashable, Sendable {
  /// What the node knows of one member of the fleet.
  public struct Member: Codable, Hashable, Sendable {
    /// What the fleet's file calls it.
    public var name: String
    /// Where it is found.
    public var address: String
    /// `here` for the node itself, `heard`, or `silent` when nothing came from it lately.
    public var state: String
    /// The number of its oldest event that is kept here.
    public var first: UInt64
    /// The number of its first event that is lacking here.
    public var next: UInt64
    /// How many of its events are known to exist and lacking here.
    public var lacking: UInt64
    /// How often it, or whoever stands in its place, was refused or refused this node.
    public var refusals: Int
    /// Why the last time; it may hold a stranger's words.
    public var refusal: String?
  }

  /// The node's name.
  public var node: String
  /// The members in the order of the fleet's file.
  public var members: [Member]
  /// How many bytes of events are kept.
  public var bytesKept: Int
  /// How many of them are kept because a peer lacks the events.
  public var bytesPinned: Int
  /// The position that the next event gets.
  public var nextPosition: UInt64
  /// How many subscribers the node serves or remembers in this life.
  public var subscribers: Int
  /// How many events subscribers were handed and have not committed.
  public var uncommitted: Int
  /// How often an event came again.
  public var duplicates: Int
  /// How many messages were not read, as their sender was not who it should be.
  public var refusedMessages: Int
  /// How many storage requests became durable in this life; those that wait together share a sync.
  public var stored: Int

  init(
    _ status: EventBusStatus, of place: Int, in fleet: FleetFile, refusals: [Int: Refusals],
    stored: Int
  ) {
    node = fleet.nodes[place].name
    members = fleet.nodes.enumerated().map { index, node in
      let holding = status.holdings[index]
      let isHeard = status.reachable.contains(NodeID(index))
      return Member(
        name: node.name, address: "\(node.address)",
        state: index == place ? "here" : isHeard ? "heard" : "silent", first: holding.first,
        next: holding.next, lacking: status.known[index] - min(holding.next, status.known[index]),
        refusals: refusals[index]?.count ?? 0, refusal: refusals[index]?.last)
    }
    (bytesKept, bytesPinned) = (status.bytesKept.bytes, status.bytesPinned.bytes)
    (nextPosition, subscribers) = (status.nextPosition, status.subscribers)
    (uncommitted, duplicates) = (status.uncommitted, status.duplicates)
    (refusedMessages, self.stored) = (status.refusedMessages, stored)
  }

  /// How often a member was refused, and why the last time.
  struct Refusals {
    var count = 0
    var last = ""

    mutating func add(_ reason: String) {
      count += 1
      last = reason
    }
  }

  /// The status as an object of JSON.
  public var json: JSONValue {
    func number(_ value: UInt64) -> JSONValue { .integer(Int(clamping: value)) }
    let members = members.map { member in
      JSONValue.object([
        .init("name", .string(member.name)), .init("address", .string(member.address)),
        .init("state", .string(member.state)), .init("first", number(member.first)),
        .init("next", number(member.next)), .init("lacking", number(member.lacking)),
        .init("refusals", .integer(member.refusals)), .init("refusal", .optional(member.refusal)),
      ])
    }
    return .object([
      .init("node", .string(node)), .init("members", .array(members)),
      .init("bytesKept", .integer(bytesKept)), .init("bytesPinned", .integer(bytesPinned)),
      .init("nextPosition", number(nextPosition)), .init("subscribers", .integer(subscribers)),
      .init("uncommitted", .integer(uncommitted)), .init("duplicates", .integer(duplicates)),
      .init("refusedMessages", .integer(refusedMessages)), .init("stored", .integer(stored)),
    ])
  }
}
