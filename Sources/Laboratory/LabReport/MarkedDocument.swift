/// A document by hand with generated parts between markers.
///
/// A part begins after the line `<!-- fleetlab:begin NAME -->` and ends before the line `<!--
/// fleetlab:end NAME -->`. Everything else belongs to whoever writes the document, and stays as it
/// is, byte for byte. Markers within fenced code are text like any other.
public struct MarkedDocument: Sendable {
  /// What is wrong with the markers of a document.
  public enum MarkerError: Error, Hashable, Sendable {
    /// A part that must be there is not.
    case missing(name: String)
    /// A part is there twice; the lines are those of its two beginnings.
    case duplicate(name: String, first: Int, second: Int)
    /// A part begins within another one.
    case nested(name: String, line: Int, within: String)
    /// A part ends that has not begun, or another one than the one that has.
    case unopened(name: String, line: Int)
    /// A part begins and does not end.
    case unclosed(name: String, line: Int)
    /// A part has a name that nothing is generated for.
    case unknown(name: String, line: Int, known: [String])
  }

  private struct Part {
    var name: String
    var line: Int
    /// The lines between the markers.
    var content: Range<Int>
  }

  private let lines: [Substring]
  private let parts: [Part]

  /// Reads the markers of a document.
  ///
  /// - Throws: ``MarkerError``; the caller shows it with the document's path, and changes nothing.
  public init(_ text: String) throws(MarkerError) {
    // By scalars, because a carriage return and a line feed are one character.
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map(Substring.init)
    var parts: [Part] = []
    var open: (name: String, line: Int)?
    var fence: Substring?
    for (index, line) in lines.enumerated() {
      let trimmed = Self.trimmed(line)
      if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
        let mark = trimmed.prefix { $0 == trimmed.first }
        if fence == nil { fence = mark } else if trimmed == fence { fence = nil }
      }
      guard fence == nil || open != nil, let marker = Self.marker(trimmed) else { continue }
      if marker.begins {
        if let open {
          throw .nested(name: marker.name, line: index + 1, within: open.name)
        }
        if let first = parts.first(where: { $0.name == marker.name }) {
          throw .duplicate(name: marker.name, first: first.line, second: index + 1)
        }
        open = (marker.name, index + 1)
      } else {
        guard let begun = open, begun.name == marker.name else {
          throw .unopened(name: marker.name, line: index + 1)
        }
        parts.append(Part(name: begun.name, line: begun.line, content: begun.line..<index))
        open = nil
        fence = nil
      }
    }
    if let open { throw .unclosed(name: open.name, line: open.line) }
    self.parts = parts
  }

  /// The names of the parts in their order.
  public var names: [String] { parts.map(\.name) }

  /// The document with new contents between its markers.
  ///
  /// - Parameter contents: The content of each part by name, in the order of the document to be;
  ///   one empty line is put around each.
  /// - Throws: ``MarkerError/missing(name:)`` when the document lacks a part,
  ///   ``MarkerError/unknown(name:line:known:)`` when it has one that `contents` does not name.
  public func replacing(_ contents: [(name: String, text: String)]) throws(MarkerError) -> String {
    for (name, _) in contents where !names.contains(name) { throw .missing(name: name) }
    var result: [Substring] = []
    var next = 0
    for part in parts {
      guard let content = contents.first(where: { $0.name == part.name }) else {
        throw .unknown(name: part.name, line: part.line, known: contents.map(\.name))
      }
      result += lines[next..<part.content.lowerBound]
      result += ["", Self.stripped(content.text), ""]
      next = part.content.upperBound
    }
    result += lines[next...]
    return result.joined(separator: "\n")
  }

  /// The two markers of a part with nothing between them.
  public static func markers(_ name: String) -> String {
    "<!-- fleetlab:begin \(name) -->\n<!-- fleetlab:end \(name) -->"
  }

  private static func marker(_ line: Substring) -> (begins: Bool, name: String)? {
    guard line.hasPrefix("<!--"), line.hasSuffix("-->"), line.utf8.count <= 200 else { return nil }
    let words = line.dropFirst(4).dropLast(3).split(separator: " ")
    guard words.count == 2 else { return nil }
    return switch words[0] {
    case "fleetlab:begin": (true, String(words[1]))
    case "fleetlab:end": (false, String(words[1]))
    default: nil
    }
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var line = line.drop { $0 == " " }
    while let last = line.last, last == " " || last == "\r" || last == "\t" { line.removeLast() }
    return line
  }

  /// The text without line feeds at its ends.
  private static func stripped(_ text: String) -> Substring {
    var text = text.drop { $0 == "\n" }
    while text.last == "\n" { text.removeLast() }
    return text
  }
}

extension MarkedDocument.MarkerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let name):
      "there is no part '\(name)'; the lines '<!-- fleetlab:begin \(name) -->' and "
        + "'<!-- fleetlab:end \(name) -->' were expected; put them where the part belongs"
    case .duplicate(let name, let first, let second):
      "part '\(name)' begins in line \(first) and again in line \(second); one was expected; "
        + "remove the other with its end"
    case .nested(let name, let line, let within):
      "part '\(name)' begins in line \(line) within part '\(within)'; parts side by side were "
        + "expected; end '\(within)' first"
    case .unopened(let name, let line):
      "part '\(name)' ends in line \(line) but has not begun; a pair of markers was expected; "
        + "put '<!-- fleetlab:begin \(name) -->' before it or remove the line"
    case .unclosed(let name, let line):
      "part '\(name)' begins in line \(line) and does not end; a pair of markers was expected; "
        + "put '<!-- fleetlab:end \(name) -->' after it"
    case .unknown(let name, let line, let known):
      "part '\(name)' in line \(line) is unknown; one of \(known.joined(separator: ", ")) was "
        + "expected; correct the name or remove both markers"
    }
  }
}
