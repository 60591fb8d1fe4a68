// Objects of JSON none of whose members is passed over.

extension Decoder {
  /// The members of an object, all of which the reader knows.
  ///
  /// - Throws: `DecodingError` when there is another one, which may be a known one misspelt.
  package func knownMembers<Key: CodingKey>(
    _ keys: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    for name in try container(keyedBy: AnyName.self).allKeys
    where Key(stringValue: name.stringValue) == nil {
      throw DecodingError.dataCorrupted(
        .init(codingPath: codingPath + [name], debugDescription: "the member is not known"))
    }
    return try container(keyedBy: Key.self)
  }
}

/// The name of any member.
private struct AnyName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
