// The event of the document's bus, and its form as JSON.
import Foundation
public import LabCore

/// One event of a fleet, with the fields of the document's `FleetEvent`.
public struct FleetEvent: Hashable, Sendable {
  /// The name of the event, a random UUID.
  public var id: String
  /// What happened.
  public var type: String
  /// The node that published it.
  public var source: String
  /// The node that it is meant for; `nil` for all.
  public var target: String?
  /// What the publisher adds.
  public var data: String
  /// When it was published, on the publisher's clock.
  public var timestamp: Instant
  /// Whether somebody has dealt with it; nothing in the document ever sets it.
  public var processed: Bool

  /// Describes an event.
  public init(
    id: String, type: String, source: String, target: String?, data: String, timestamp: Instant,
    processed: Bool = false
  ) {
    self.id = id
    self.type = type
    self.source = source
    self.target = target
    self.data = data
    self.timestamp = timestamp
    self.processed = processed
  }

  /// The event as `JSON.stringify` writes it: keys in the order of the document's object literal, a
  /// missing target left out, the date as a string.
  public var json: Bytes {
    var text = "{\"id\":\(Self.quoted(id)),\"type\":\(Self.quoted(type))"
    text += ",\"source\":\(Self.quoted(source))"
    if let target { text += ",\"target\":\(Self.quoted(target))" }
    text += ",\"data\":\(Self.quoted(data)),\"timestamp\":\"\(Self.date(timestamp))\""
    text += ",\"processed\":\(processed)}"
    return Bytes(Array(text.utf8))
  }

  /// Reads an event from JSON, as far as `JSON.parse` and a cast would let it be used.
  ///
  /// - Parameter json: At most a datagram of bytes, possibly a stranger's.
  /// - Returns: `nil` when the bytes are no JSON object with an id and a type.
  public init?(json: Bytes) {
    let parsed = try? JSONSerialization.jsonObject(
      with: Data(json.array), options: [.fragmentsAllowed])
    guard let object = parsed as? [String: Any], let id = object["id"] as? String,
      let type = object["type"] as? String
    else { return nil }
    self.id = id
    self.type = type
    source = object["source"] as? String ?? ""
    target = object["target"] as? String
    data = object["data"] as? String ?? ""
    timestamp = (object["timestamp"] as? String).flatMap(Self.instant) ?? .zero
    processed = object["processed"] as? Bool ?? false
  }

  /// A version 4 UUID from a stream.
  ///
  /// > Reference: RFC 9562, section 5.4.
  public static func randomID(_ random: inout RandomStream) -> String {
    var words = (random.next(), random.next())
    words.0 = words.0 & ~0xf000 | 0x4000
    words.1 = words.1 & ~(0b11 << 62) | 0b10 << 62
    let digits = hexadecimal(words.0) + hexadecimal(words.1)
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
      String(decoding: digits[range], as: UTF8.self)
    }
    return groups.joined(separator: "-")
  }

  private static func hexadecimal(_ word: UInt64) -> [UInt8] {
    stride(from: 60, through: 0, by: -4).map { shift in
      let digit = UInt8(word >> UInt64(shift) & 15)
      return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The instant as an ISO 8601 time of the day on which the world began, the first of January
  /// 2026, in milliseconds as JavaScript writes it.
  private static func date(_ instant: Instant) -> String {
    let milliseconds = max(0, instant.nanoseconds) / 1_000_000
    func digits(_ number: Int64, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60)
    let (seconds, rest) = (milliseconds / 1_000 % 60, milliseconds % 1_000)
    return "2026-01-\(digits(1 + hours / 24 % 31, 2))T\(digits(hours % 24, 2)):"
      + "\(digits(minutes, 2)):\(digits(seconds, 2)).\(digits(rest, 3))Z"
  }

  private static func instant(_ date: String) -> Instant? {
    let numbers = date.split { !$0.isNumber }.compactMap { Int64($0) }
    guard numbers.count == 7, numbers.allSatisfy({ $0 < 10_000 }) else { return nil }
    let hours = (numbers[2] - 1) * 24 + numbers[3]
    let milliseconds = ((hours * 60 + numbers[4]) * 60 + numbers[5]) * 1_000 + numbers[6]
    return .zero + .milliseconds(milliseconds)
  }
}
