// Which events a subscriber wants: by type or wildcard, by source, by target.
public import Transport

/// The events that a subscriber is handed.
public struct EventFilter: Hashable, Sendable {
  /// The type: a name, a beginning with `.*` after it (`test.*` is every type that begins with
  /// `test.`), or `*` for all.
  public var type: String
  /// The name of the node that published; `nil` for all.
  public var source: String?
  /// The name of a node: then only events for this node or for all; `nil` for whatever target.
  public var target: String?

  /// Describes a choice; the default is every event.
  public init(type: String = "*", source: String? = nil, target: String? = nil) {
    self.type = type
    self.source = source
    self.target = target
  }

  /// Whether the type can be matched at all: a star stands alone or after the last full stop.
  public var isValid: Bool {
    guard type != "*" else { return true }
    let name = type.hasSuffix(".*") ? type.dropLast(2) : Substring(type)
    return EventRules.isType(name)
  }

  /// Whether an event is among those chosen.
  public func matches(_ event: FleetEvent) -> Bool {
    if let source, event.source != source { return false }
    if let target, let named = event.target, named != target { return false }
    guard type.utf8.last == UInt8(ascii: "*") else { return event.type == type }
    return event.type.utf8.starts(with: type.utf8.dropLast())
  }
}

/// What an event must be like to be taken.
enum EventRules {
  /// Whether a text can be the type of an event: not empty, short, and without stars, spaces and
  /// control characters.
  static func isType(_ text: some StringProtocol) -> Bool {
    1...EventBusLimits.nameBytes ~= text.utf8.count
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "*") }
  }

  /// Whether a text can be the id of an event: not empty, short, and without spaces and control
  /// characters.
  static func isID(_ text: String) -> Bool {
    1...EventBusLimits.nameBytes ~= text.utf8.count
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
  }
}
