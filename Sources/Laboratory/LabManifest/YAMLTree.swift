// What a YAML file says, with the place of every part: the form in which all files of people are
// read.

/// A part of a YAML document: a scalar's text, a list or a mapping, with its place.
///
/// No scalar has a type: whoever reads it knows what it must be.
public struct YAMLTree: Hashable, Sendable {
  /// What the part is.
  public var content: Content
  /// Where it begins.
  public var place: SourcePlace

  /// What a part of a document can be.
  public enum Content: Hashable, Sendable {
    /// A scalar's text, without its quotes.
    case scalar(String, isPlain: Bool)
    /// Items in their order.
    case list([YAMLTree])
    /// A mapping in the order of the file; no two entries have the same key.
    case mapping([Entry])
  }

  /// One key of a mapping with its value.
  public struct Entry: Hashable, Sendable {
    /// The name as it is written.
    public var key: String
    /// Where the key begins.
    public var keyPlace: SourcePlace
    /// What stands under the name.
    public var value: YAMLTree

    /// Makes an entry.
    public init(key: String, keyPlace: SourcePlace, value: YAMLTree) {
      self.key = key
      self.keyPlace = keyPlace
      self.value = value
    }
  }

  /// Makes a part.
  public init(_ content: Content, at place: SourcePlace) {
    self.content = content
    self.place = place
  }
}

extension YAMLTree {
  /// A scalar that the laboratory itself writes.
  static func scalar(_ text: String, at place: SourcePlace) -> YAMLTree {
    YAMLTree(.scalar(text, isPlain: false), at: place)
  }

  /// The text, if this is a scalar.
  public var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  /// The items, if this is a list.
  public var items: [YAMLTree]? {
    guard case .list(let items) = content else { return nil }
    return items
  }

  /// The entries, if this is a mapping.
  public var entries: [Entry]? {
    guard case .mapping(let entries) = content else { return nil }
    return entries
  }

  /// The value of a key, if this is a mapping that has it.
  ///
  /// - Complexity: Linear in the number of keys.
  public subscript(key: String) -> YAMLTree? {
    entries?.first { $0.key == key }?.value
  }

  /// Whether this stands for a value that was left out: `key:` with nothing behind it.
  public var isBlank: Bool { content == .scalar("", isPlain: true) }

  /// What this is, as an error names it.
  var kindName: String {
    switch content {
    case .scalar("", isPlain: true): "nothing"
    case .scalar(let text, _): "'\(shortened(text))'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The tree as JSON: every scalar a string, keys in their order, no spaces unless indented.
  ///
  /// It is YAML too, and reads back as an equal tree but for the places.
  /// - Complexity: Linear in the size of the tree.
  public func json(indentation: Int? = nil) -> String {
    var text = ""
    writeJSON(into: &text, indentation: indentation, depth: 0)
    return text
  }

  private func writeJSON(into text: inout String, indentation: Int?, depth: Int) {
    func write(_ open: String, _ close: String, _ parts: [(String, YAMLTree)]) {
      text += open
      for (index, (prefix, part)) in parts.enumerated() {
        if index > 0 { text += "," }
        if let indentation {
          text += "\n" + String(repeating: " ", count: indentation * (depth + 1))
        }
        text += prefix
        part.writeJSON(into: &text, indentation: indentation, depth: depth + 1)
      }
      if let indentation, !parts.isEmpty {
        text += "\n" + String(repeating: " ", count: indentation * depth)
      }
      text += close
    }
    switch content {
    case .scalar(let value, _): text += jsonString(value)
    case .list(let items): write("[", "]", items.map { ("", $0) })
    case .mapping(let entries):
      let gap = indentation == nil ? ":" : ": "
      write("{", "}", entries.map { (jsonString($0.key) + gap, $0.value) })
    }
  }
}

/// A text cut to a length that an error message can hold, on one line.
func shortened(_ text: String) -> String {
  let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
  return line.count <= 60 ? line : line.prefix(57) + "..."
}
