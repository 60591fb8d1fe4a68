// Enumerations in JSON.

/// Keeps an enumeration that JSON holds by its name.
@propertyWrapper
public struct ByName<Value: RawRepresentable<String> & Hashable & Sendable>: Hashable, Sendable {
  /// What JSON holds by its name.
  public var wrappedValue: Value

  /// Keeps a value.
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension ByName: Codable {
  /// Reads a name.
  ///
  /// - Throws: `DecodingError` when no value has the name.
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    guard let value = Value(rawValue: name) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(name)' is unknown"))
    }
    wrappedValue = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue.rawValue)
  }
}
