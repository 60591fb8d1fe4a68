// What a node answers its clients: one JSON object a line.
import Events
import FoundationEssentials
import Glibc
import LabCore
public import LabGate
import LabRunner
import Transport

/// A line from a node to one of its clients.
public enum BusReply: Hashable, Sendable {
  /// The event is on the node's disk, with its number among the events of the node.
  case published(UInt64, number: Int?)
  /// The event was not taken: `what is wrong; what was expected; what to do`.
  case refused(String, number: Int?)
  /// The subscription holds; events from this position on are looked at.
  case subscribed(UInt64)
  /// An event for the subscriber.
  case event(BusEvent)
  /// So many events were kept no longer, and the subscriber will not see them.
  case expired(UInt64)
  /// The position is on the node's disk.
  case committed(UInt64)
  /// How things stand.
  case status(BusNodeStatus)
  /// The request makes no sense, and the node ends the connection:
  /// `what is wrong; what was expected; what to do`.
  case failed(String)

  /// The reply as a line of JSON with its line end.
  var line: [UInt8] {
    let value: JSONValue =
      switch self {
      case .published(let sequence, let number):
        Self.object("published", .integer(Int(clamping: sequence)), number)
      case .refused(let why, let number): Self.object("refused", .string(why), number)
      case .subscribed(let position): Self.object("subscribed", .integer(Int(clamping: position)))
      case .event(let event): event.json
      case .expired(let count): Self.object("expired", .integer(Int(clamping: count)))
      case .committed(let position): Self.object("committed", .integer(Int(clamping: position)))
      case .status(let status): Self.object("status", status.json)
      case .failed(let why): Self.object("error", .string(why))
      }
    return Array(value.line.utf8) + [UInt8(ascii: "\n")]
  }

  private static func object(_ key: String, _ value: JSONValue, _ number: Int? = nil) -> JSONValue {
    .object(
      [JSONValue.Member(key, value)]
        + (number.map { [JSONValue.Member("number", .integer($0))] }
          ?? []))
  }

  /// Every member that a reply can have.
  private struct Form: Decodable {
    var published: UInt64?
    var refused: String?
    var number: Int?
    var subscribed: UInt64?
    var expired: UInt64?
    var committed: UInt64?
    var status: BusNodeStatus?
    var error: String?
    var position: UInt64?
  }

  /// Reads a line; `nil` when it is no reply.
  init?(_ line: [UInt8]) {
    guard let form = try? LineCoder.object(Form.self, from: line) else { return nil }
    if form.position != nil {
      guard let event = try? LineCoder.object(BusEvent.self, from: line) else { return nil }
      self = .event(event)
    } else if let sequence = form.published {
      self = .published(sequence, number: form.number)
    } else if let why = form.refused {
      self = .refused(why, number: form.number)
    } else if let position = form.subscribed {
      self = .subscribed(position)
    } else if let count = form.expired {
      self = .expired(count)
    } else if let position = form.committed {
      self = .committed(position)
    } else if let status = form.status {
      self = .status(status)
    } else if let why = form.error {
      self = .failed(why)
    } else {
      return nil
    }
  }
}

/// An event in the hands of a client.
public struct BusEvent: Codable, Hashable, Sendable {
  /// Its place among the events of this node, from 1; what the subscriber commits.
  public var position: UInt64
  /// The node that published it.
  public var source: String
  /// Its place among the events of its source, from 1.
  public var sequence: UInt64
  /// Its name, a random UUID.
  public var id: String
  /// What happened.
  public var type: String
  /// The node that it is meant for; `nil` for all.
  public var target: String?
  /// What the publisher adds.
  public var data: String
  /// When it was published, by the publisher's clock, in UTC as RFC 3339 writes it.
  public var timestamp: String

  init(_ delivery: EventDelivery) {
    let event = delivery.event
    (position, source, sequence) = (delivery.position, event.source, delivery.sequence)
    (id, type, target, data) = (event.id, event.type, event.target, event.data)
    timestamp = Self.date(event.timestamp)
  }

  /// The event as an object of JSON, its keys in the order above.
  public var json: JSONValue {
    var members = [
      JSONValue.Member("position", .integer(Int(clamping: position))),
      JSONValue.Member("source", .string(source)),
      JSONValue.Member("sequence", .integer(Int(clamping: sequence))),
      JSONValue.Member("id", .string(id)), JSONValue.Member("type", .string(type)),
    ]
    if let target { members.append(JSONValue.Member("target", .string(target))) }
    members.append(JSONValue.Member("data", .string(data)))
    members.append(JSONValue.Member("timestamp", .string(timestamp)))
    return .object(members)
  }

  private static func date(_ instant: Instant) -> String {
    let milliseconds = instant.nanoseconds / 1_000_000
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let rest = String(1_000 + abs(milliseconds % 1_000)).dropFirst()
    return
      "\(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))"
      + ".\(rest)Z"
  }
}
