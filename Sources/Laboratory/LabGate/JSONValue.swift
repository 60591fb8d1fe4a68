/// A value of JSON whose objects keep the order of their keys, so that equal values are equal
/// bytes.
public indirect enum JSONValue: Hashable, Sendable {
  /// An object; no key stands in it twice.
  case object([Member])
  /// Values in an order that means something.
  case array([JSONValue])
  /// A text.
  case string(String)
  /// A finite number; whatever is not finite is written as `null`, as JSON has no word for it.
  case number(Double)
  /// A whole number.
  case integer(Int)
  /// True or false.
  case bool(Bool)
  /// Nothing.
  case null

  /// A key with its value.
  public struct Member: Hashable, Sendable {
    /// The name, unique in its object.
    public var key: String
    /// What stands under it.
    public var value: JSONValue

    /// Pairs a key with a value.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// An object whose keys are sorted by their UTF-8 bytes.
  public static func sorted(_ members: [String: JSONValue]) -> JSONValue {
    .object(
      members.map { Member($0.key, $0.value) }
        .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
  }

  /// A text, or `null` for `nil`.
  public static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  /// A number, or `null` for `nil`.
  public static func optional(_ number: Double?) -> JSONValue {
    number.map { .number($0) } ?? .null
  }

  /// The value as JSON text, two spaces a level, with a line feed at the end.
  ///
  /// Objects and arrays without further objects or arrays inside stand on one line where they fit
  /// into 100 columns.
  public var text: String {
    var text = ""
    write(into: &text, level: 0)
    return text + "\n"
  }

  private var isFlat: Bool {
    func isScalar(_ value: JSONValue) -> Bool {
      switch value {
      case .object(let members): members.isEmpty
      case .array(let items): items.isEmpty
      case .string, .number, .integer, .bool, .null: true
      }
    }
    return switch self {
    case .object(let members): members.allSatisfy { isScalar($0.value) }
    case .array(let items): items.allSatisfy(isScalar)
    case .string, .number, .integer, .bool, .null: true
    }
  }

  private func write(into text: inout String, level: Int) {
    switch self {
    case .string, .number, .integer, .bool, .null:
      text += line
      return
    case .object, .array: break
    }
    if isFlat, case let line = line, line.utf8.count + 2 * level <= 98 {
      text += line
      return
    }
    let indent = String(repeating: "  ", count: level + 1)
    let close = "\n" + String(repeating: "  ", count: level)
    switch self {
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + indent + Self.quoted(member.key) + ": "
        member.value.write(into: &text, level: level + 1)
      }
      text += close + "}"
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + indent
        item.write(into: &text, level: level + 1)
      }
      text += close + "]"
    case .string, .number, .integer, .bool, .null: break
    }
  }

  /// The value on one line.
  public var line: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.key)): \($0.value.line)" }.joined(separator: ", ") + "}"
    case .array(let items): "[" + items.map(\.line).joined(separator: ", ") + "]"
    case .string(let text): Self.quoted(text)
    case .number(let number): Self.text(of: number)
    case .integer(let number): "\(number)"
    case .bool(let flag): flag ? "true" : "false"
    case .null: "null"
    }
  }

  private static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    if number == number.rounded(), abs(number) < 1e15 { return "\(Int(number))" }
    return "\(number)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
