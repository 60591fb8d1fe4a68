// What a key of a manifest is: the one table behind the decoder, the JSON Schema and `explain`.

/// One key that may stand in a section of a manifest.
public struct KeyDescription: Sendable {
  /// The key.
  public let name: String
  /// What its value looks like.
  public let shape: KeyShape
  /// Whether the section must have it.
  public let isRequired: Bool
  /// One sentence on what it does.
  public let summary: String
  /// What holds when it is left out, in words or as a manifest would write it.
  public let fallback: String?
  /// A right spelling, on one line.
  public let example: String

  /// Describes a key that may be left out.
  init(
    _ name: String, _ shape: KeyShape, default fallback: String? = nil, example: String,
    _ summary: String
  ) {
    self.init(name, shape, isRequired: false, fallback: fallback, example: example, summary)
  }

  private init(
    _ name: String, _ shape: KeyShape, isRequired: Bool, fallback: String?, example: String,
    _ summary: String
  ) {
    self.name = name
    self.shape = shape
    self.isRequired = isRequired
    self.fallback = fallback
    self.example = example
    self.summary = summary
  }

  /// Describes a key that must be there.
  static func required(
    _ name: String, _ shape: KeyShape, example: String, _ summary: String
  ) -> KeyDescription {
    KeyDescription(name, shape, isRequired: true, fallback: nil, example: example, summary)
  }
}

/// What a key's value looks like.
public indirect enum KeyShape: Sendable {
  /// Words.
  case text
  /// A name in kebab case.
  case name
  /// Any scalar, read by what the experiment says of it.
  case value
  /// A whole number of at least this.
  case whole(atLeast: Int)
  /// A finite number without a unit.
  case number
  /// `true` or `false`.
  case flag
  /// A number with a unit.
  case quantity(unit: QuantityUnit)
  /// A probability law whose values have a unit.
  case law(LawUnit)
  /// Sixty-four hexadecimal digits.
  case digest
  /// One of several words.
  case choice([String])
  /// Several of a kind.
  case list(KeyShape)
  /// Keys that the file chooses, all with values of a kind.
  case map(KeyShape)
  /// A mapping that the named section describes.
  case section(String)
  /// One of several.
  case either([KeyShape])
}

/// What a quantity measures.
public enum QuantityUnit: String, Sendable {
  /// `1%`.
  case ratio
  /// `20ms`.
  case duration
  /// `64KiB`.
  case size
  /// `10Mbit/s`.
  case rate
}

/// The keys that may stand in one kind of mapping.
public struct SectionDescription: Sendable {
  /// What it is called in the schema and in paths.
  public let name: String
  /// One sentence on what it describes.
  public let summary: String
  /// Its keys, in the order in which people write them.
  public let keys: [KeyDescription]

  /// The names of all keys.
  var names: [String] { keys.map(\.name) }
  /// The names of the keys that must be there.
  var required: [String] { keys.filter(\.isRequired).map(\.name) }

  /// The key of a name.
  subscript(name: String) -> KeyDescription? { keys.first { $0.name == name } }
}

extension StrictReader {
  /// The values of a mapping that a section describes.
  func fields(_ section: SectionDescription) -> StrictFields? {
    fields(section.names, required: section.required)
  }
}
