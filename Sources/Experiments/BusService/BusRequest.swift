// What a client asks of its node: one JSON object a line.

/// A line from a client to its node; it has exactly one of the members.
///
///     {"publish": {"type": "test.passed", "data": "…", "target": "b", "id": "…", "number": 1}}
///     {"subscribe": {"name": "log", "type": "test.*", "source": "a", "target": "b",
///       "from": "committed"}}                                               (one line)
///     {"commit": 17}
///     {"status": true}
///
/// A connection has at most one subscription. A member that is not known is an error, as it may be
/// one that is misspelt.
public struct BusRequest: Codable, Hashable, Sendable {
  /// An event to publish; the answer is ``BusReply/published(_:number:)`` once it is on the node's
  /// disk, or ``BusReply/refused(_:number:)``.
  public struct Publication: Codable, Hashable, Sendable {
    /// What happened.
    public var type: String
    /// What the publisher adds; nothing when absent.
    public var data: String?
    /// The node that it is meant for.
    public var target: String?
    /// Its name, unless the node is to choose one; whoever publishes the same again under it at the
    /// same node gets the first answer again, and there is one event.
    public var id: String?
    /// What the answer bears, so that answers can be told apart.
    public var number: Int?

    /// Describes an event.
    public init(
      type: String, data: String?, target: String? = nil, id: String? = nil, number: Int? = nil
    ) {
      self.type = type
      self.data = data
      self.target = target
      self.id = id
      self.number = number
    }

    public init(from decoder: any Decoder) throws {
      let members = try decoder.knownMembers(CodingKeys.self)
      type = try members.decode(String.self, forKey: .type)
      data = try members.decodeIfPresent(String.self, forKey: .data)
      target = try members.decodeIfPresent(String.self, forKey: .target)
      id = try members.decodeIfPresent(String.self, forKey: .id)
      number = try members.decodeIfPresent(Int.self, forKey: .number)
    }
  }

  /// Events to be handed from now on.
  public struct Subscription: Codable, Hashable, Sendable {
    /// The name under which the node keeps the position; without one it keeps none.
    public var name: String?
    /// A type, a beginning with `.*`, or `*`; all when absent.
    public var type: String?
    /// The node that published.
    public var source: String?
    /// The node that the event is meant for.
    public var target: String?
    /// `oldest`, `newest`, `committed`, or the position after which to begin; without it
    /// `committed` for a subscriber with a name and `newest` for one without.
    public var from: String?

    /// Describes a choice; the default is everything.
    public init(
      name: String? = nil, type: String? = nil, source: String? = nil, target: String? = nil,
      from: String? = nil
    ) {
      self.name = name
      self.type = type
      self.source = source
      self.target = target
      self.from = from
    }

    public init(from decoder: any Decoder) throws {
      let members = try decoder.knownMembers(CodingKeys.self)
      name = try members.decodeIfPresent(String.self, forKey: .name)
      type = try members.decodeIfPresent(String.self, forKey: .type)
      source = try members.decodeIfPresent(String.self, forKey: .source)
      target = try members.decodeIfPresent(String.self, forKey: .target)
      from = try members.decodeIfPresent(String.self, forKey: .from)
    }
  }

  /// An event that every node is to get.
  public var publish: Publication?
  /// Hand me this.
  public var subscribe: Subscription?
  /// I have dealt with everything up to this position.
  public var commit: UInt64?
  /// Tell me how things stand.
  public var status: Bool?

  /// Asks for nothing.
  init() {}

  public init(from decoder: any Decoder) throws {
    let members = try decoder.knownMembers(CodingKeys.self)
    publish = try members.decodeIfPresent(Publication.self, forKey: .publish)
    subscribe = try members.decodeIfPresent(Subscription.self, forKey: .subscribe)
    commit = try members.decodeIfPresent(UInt64.self, forKey: .commit)
    status = try members.decodeIfPresent(Bool.self, forKey: .status)
  }

  /// Asks to publish.
  public static func publish(_ publication: Publication) -> BusRequest {
    var request = BusRequest()
    request.publish = publication
    return request
  }

  /// Asks to be handed events.
  public static func subscribe(_ subscription: Subscription) -> BusRequest {
    var request = BusRequest()
    request.subscribe = subscription
    return request
  }

  /// Says how far the subscriber has come.
  public static func commit(_ position: UInt64) -> BusRequest {
    var request = BusRequest()
    request.commit = position
    return request
  }

  /// Asks how things stand.
  public static var status: BusRequest {
    var request = BusRequest()
    request.status = true
    return request
  }

  /// How many of the members are there.
  var count: Int {
    [publish != nil, subscribe != nil, commit != nil, status != nil].count { $0 }
  }
}
