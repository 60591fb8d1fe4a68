// Help on the keys of manifests, from the table that the decoder uses.

extension ManifestKeys {
  /// The section of a name.
  static func section(_ name: String) -> SectionDescription? {
    sections.first { $0.name == name }
  }

  /// The key that a dotted path of a manifest leads to.
  static func key(at path: String) -> KeyDescription? {
    var sections: [SectionDescription] = [manifest]
    var found: KeyDescription?
    for part in path.split(separator: ".").map(String.init) where Int(part) == nil {
      guard let key = sections.lazy.compactMap({ $0[part] }).first else { return nil }
      found = key
      sections = key.shape.sections.compactMap(section)
    }
    return found
  }

  /// The documentation of a key, for a terminal.
  ///
  /// - Parameter name: A dotted path from the top of a manifest, such as `network.link.loss`, or a
  ///   key alone, which may stand in several places.
  /// - Returns: A few lines for each place; `nil` when no key has the name.
  public static func explain(_ name: String) -> String? {
    if name.contains(".") { return key(at: name).map { explanation(of: $0, at: name) } }
    var texts: [String] = []
    for section in sections {
      guard let key = section[name] else { continue }
      let path = section.name == manifest.name ? name : "\(name) (in \(section.name))"
      let text = explanation(of: key, at: path)
      if !texts.contains(where: { $0.hasSuffix(text.drop { $0 != "\n" }) }) { texts.append(text) }
    }
    return texts.isEmpty ? nil : texts.joined(separator: "\n")
  }

  /// The known key whose name is closest to a misspelt one.
  public static func nearestKey(to name: String) -> String? {
    nearestName(to: name, among: sections.flatMap(\.names))
  }

  private static func explanation(of key: KeyDescription, at path: String) -> String {
    var lines = [path, "  \(key.summary)", "  value:   \(key.shape.words)"]
    lines.append(
      "  default: \(key.isRequired ? "none; the key is required" : key.fallback ?? "none")")
    lines.append("  example: \(key.example)")
    let inner = key.shape.sections.compactMap(section).flatMap(\.names)
    if !inner.isEmpty { lines.append("  keys:    \(inner.joined(separator: ", "))") }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension KeyShape {
  /// The sections that a value of the shape can be.
  var sections: [String] {
    switch self {
    case .section(let name): [name]
    case .list(let shape): shape.sections
    case .either(let shapes): shapes.flatMap(\.sections)
    case .law: ["law"]
    case .map(.section(let name)): [name]
    case .text, .name, .value, .whole, .number, .flag, .quantity, .digest, .choice, .map: []
    }
  }

  /// The shape in words.
  var words: String {
    switch self {
    case .text: "a text"
    case .name: "a name in kebab case"
    case .value: "a value as its parameter or key takes it"
    case .whole(let least): "a whole number of at least \(least)"
    case .number: "a number"
    case .flag: "true or false"
    case .quantity(.ratio): "a percentage such as 1%"
    case .quantity(.duration): "a duration such as 20ms"
    case .quantity(.size): "a size such as 64KiB"
    case .quantity(.rate): "a rate such as 10Mbit/s"
    case .law(.number): "a number, or a law"
    case .law(.seconds): "a duration, or a law of durations"
    case .law(.bytes): "a size, or a law of sizes"
    case .digest: "64 hexadecimal digits"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .list(let shape): "a list, each item: \(shape.words)"
    case .map(let shape): "a mapping of chosen keys, each value: \(shape.words)"
    case .section(let name): "a mapping (\(name))"
    case .either(let shapes): shapes.map(\.words).joined(separator: "; or ")
    }
  }
}
