// One thing that is wrong with a file that a person wrote, with its place and a way out.

/// One thing that is wrong with a manifest, with its place.
public struct Diagnostic: Hashable, Sendable {
  /// Where it stands.
  public var place: SourcePlace
  /// A code that never changes, such as `manifest.unknown-key`.
  public var code: String
  /// What is wrong; what was expected; what to do.
  public var message: String

  /// Describes a problem.
  public init(place: SourcePlace, code: String, message: String) {
    self.place = place
    self.code = code
    self.message = message
  }

  /// The file.
  public var path: String { place.path }
  /// The line, counted from 1.
  public var line: Int { place.line }
  /// The column in characters, counted from 1.
  public var column: Int { place.column }
}

extension Diagnostic: CustomStringConvertible {
  /// The problem on one line: `path:line:column: error: message`.
  public var description: String { "\(place): error: \(message)" }
}

/// A place in a text that a person wrote.
public struct SourcePlace: Hashable, Sendable {
  /// The file, as it was named to the loader.
  public var path: String
  /// The line, counted from 1.
  public var line: Int
  /// The column in characters, counted from 1.
  public var column: Int

  /// Names a place.
  public init(path: String, line: Int, column: Int) {
    self.path = path
    self.line = line
    self.column = column
  }
}

extension SourcePlace: Comparable, CustomStringConvertible {
  /// The place as compilers write it.
  public var description: String { "\(path):\(line):\(column)" }

  public static func < (left: SourcePlace, right: SourcePlace) -> Bool {
    (left.path, left.line, left.column) < (right.path, right.line, right.column)
  }
}

/// Everything that is wrong with the files that were read, at least one thing.
///
/// The caller shows it to the person who wrote the files; trying again changes nothing.
public struct ManifestProblems: Error, Hashable, Sendable {
  /// The problems in the order of their places.
  public let diagnostics: [Diagnostic]
  /// How many more there were than are kept.
  public let omitted: Int

  /// Collects problems, which are put in the order of their places and freed of repetitions.
  public init(_ diagnostics: [Diagnostic], omitted: Int = 0) {
    var seen: Set<Diagnostic> = []
    self.diagnostics = diagnostics.filter { seen.insert($0).inserted }
      .enumerated()
      .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
      .map(\.element)
    self.omitted = omitted
  }
}

extension ManifestProblems: CustomStringConvertible {
  /// All problems, one a line.
  public var description: String {
    var lines = diagnostics.map(\.description)
    if omitted > 0 { lines.append("and \(omitted) more") }
    return lines.joined(separator: "\n")
  }

  /// The problems as a JSON document: an array of objects with `path`, `line`, `column`, `code` and
  /// `message`, and the number of those left out.
  public var json: String {
    let objects = diagnostics.map { diagnostic in
      """
          {"path": \(jsonString(diagnostic.path)), "line": \(diagnostic.line), \
      "column": \(diagnostic.column), "code": \(jsonString(diagnostic.code)), \
      "message": \(jsonString(diagnostic.message))}
      """
    }
    let list = objects.isEmpty ? "[]" : "[\n\(objects.joined(separator: ",\n"))\n  ]"
    return "{\n  \"problems\": \(list),\n  \"omitted\": \(omitted)\n}\n"
  }
}
