// The strict YAML profile in which people write files: one document of bounded size and depth,
// without anchors, aliases, merge keys, tags and repeated keys, and without any guessing of types.

import Foundation
import Yams

/// Reads YAML texts of the strict profile.
public enum StrictYAML {
  /// How large a text may be and how deep it may nest.
  public struct Limits: Hashable, Sendable {
    /// The most bytes.
    public var bytes: Int
    /// The deepest nesting of lists and mappings.
    public var depth: Int

    /// Sets bounds; files of people are held to 1 MiB and 32 levels.
    public init(bytes: Int = 1 << 20, depth: Int = 32) {
      self.bytes = bytes
      self.depth = depth
    }
  }

  /// Reads a file.
  ///
  /// - Throws: Everything that is wrong with the file's form; its writer mends it.
  public static func tree(
    ofFile path: String, limits: Limits = Limits()
  ) throws(ManifestProblems) -> YAMLTree {
    try tree(of: try readText(path, limit: limits.bytes), path: path, limits: limits)
  }

  /// Reads a text; the path serves messages only.
  ///
  /// - Throws: Everything that is wrong with the text's form; its writer mends it.
  public static func tree(
    of text: String, path: String, limits: Limits = Limits()
  ) throws(ManifestProblems) -> YAMLTree {
    let log = ProblemLog()
    let start = SourcePlace(path: path, line: 1, column: 1)
    guard text.utf8.count <= limits.bytes else {
      log.report(
        "manifest.too-large", at: start,
        "the text has \(text.utf8.count) bytes; at most \(limits.bytes) were expected; "
          + "move data into CSV files")
      throw log.problems
    }
    var scanner = YAMLProfileScanner(text, path: path, log: log)
    scanner.scan()
    try log.throwIfNotEmpty()
    var composition = Composition(path: path, limits: limits, log: log)
    let tree = composition.tree(of: text)
    try log.throwIfNotEmpty()
    guard let tree else {
      log.report(
        "manifest.empty", at: start,
        "the text is empty; a YAML mapping was expected; write 'fleetlab: 1' first")
      throw log.problems
    }
    return tree
  }

  /// Reads a file into a value, with all problems of form and content at once.
  ///
  /// - Parameter body: Makes the value, or reports problems and gives `nil`.
  /// - Throws: Everything that was reported; the file's writer mends it.
  public static func read<Value>(
    file path: String, limits: Limits = Limits(), _ body: (StrictReader) -> Value?
  ) throws(ManifestProblems) -> Value {
    try read(try readText(path, limit: limits.bytes), path: path, limits: limits, body)
  }

  /// Reads a text into a value, with all problems of form and content at once.
  ///
  /// - Parameter body: Makes the value, or reports problems and gives `nil`.
  /// - Throws: Everything that was reported; the text's writer mends it.
  public static func read<Value>(
    _ text: String, path: String, limits: Limits = Limits(), _ body: (StrictReader) -> Value?
  ) throws(ManifestProblems) -> Value {
    let log = ProblemLog()
    let tree = try tree(of: text, path: path, limits: limits)
    let value = body(StrictReader(tree, log: log))
    try log.throwIfNotEmpty()
    guard let value else {
      preconditionFailure("a reader of \(path) gave nothing and reported nothing")
    }
    return value
  }

  /// Reads a whole text file of bounded size.
  static func readText(_ path: String, limit: Int) throws(ManifestProblems) -> String {
    let place = SourcePlace(path: path, line: 1, column: 1)
    let bytes: [UInt8]
    switch BoundedFile.read(path, limit: limit) {
    case .success(let content): bytes = content
    case .failure(let failure):
      throw ManifestProblems([
        Diagnostic(place: place, code: failure.code, message: failure.message)
      ])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ManifestProblems([
        Diagnostic(
          place: place, code: "manifest.encoding",
          message: "the file is not UTF-8; UTF-8 text was expected; convert it")
      ])
    }
    return text
  }
}

extension ProblemLog {
  /// Everything that was reported.
  var problems: ManifestProblems {
    do {
      try throwIfNotEmpty()
      return ManifestProblems([])
    } catch { return error }
  }
}

/// Turns a text into a tree by way of Yams.
///
/// Yams stops at the first repeated key and names only its first place. So the first of the equal
/// keys is renamed in the text, to as many characters of a private area, and the text is composed
/// again: every other place stays what it was, and all repeated keys are reported together.
private struct Composition {
  let path: String
  let limits: StrictYAML.Limits
  let log: ProblemLog
  /// The renamed keys: what they were.
  private var renamed: [String: String] = [:]

  init(path: String, limits: StrictYAML.Limits, log: ProblemLog) {
    self.path = path
    self.limits = limits
    self.log = log
  }

  mutating func tree(of text: String) -> YAMLTree? {
    var text = text
    while true {
      do {
        let parser = try Yams.Parser(
          yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        return convert(root, depth: 0)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        guard renamed.count < 20, let changed = rename(keys, at: context.mark, in: text) else {
          reportDuplicate(keys.first ?? "", at: place(context.mark), first: nil)
          return nil
        }
        text = changed
      } catch {
        report(error)
        return nil
      }
    }
  }

  // MARK: Repeated keys

  private mutating func rename(_ keys: [String], at mark: Mark, in text: String) -> String? {
    var scalars = Array(text.unicodeScalars)
    var start = 0
    for _ in 1..<max(mark.line, 1) {
      guard let end = scalars[start...].firstIndex(of: "\n") else { return nil }
      start = end + 1
    }
    start += mark.column - 1
    guard
      let key = keys.filter({ key in
        !key.isEmpty && scalars[min(start, scalars.count)...].starts(with: key.unicodeScalars)
      }).max(by: { $0.count < $1.count })
    else { return nil }
    // A key of n characters becomes a letter of a private area and n − 1 others.
    guard let first = Unicode.Scalar(0xe000 + UInt32(renamed.count)),
      let filler = Unicode.Scalar(0xf800 as UInt32)
    else { return nil }
    let count = key.unicodeScalars.count
    let name = [first] + Array(repeating: filler, count: count - 1)
    scalars.replaceSubrange(start..<start + count, with: name)
    renamed[String(String.UnicodeScalarView(name))] = key
    return String(String.UnicodeScalarView(scalars))
  }

  private func reportDuplicate(_ key: String, at place: SourcePlace, first: SourcePlace?) {
    let earlier = first.map { "line \($0.line) has it already" } ?? "it stands there twice"
    log.report(
      "manifest.duplicate-key", at: place,
      "duplicate key '\(shortened(key))', \(earlier); each key once in a mapping was expected; "
        + "remove one of them")
  }

  // MARK: Conversion

  private func convert(_ node: Node, depth: Int) -> YAMLTree? {
    let place = node.mark.map(place) ?? SourcePlace(path: path, line: 1, column: 1)
    guard depth <= limits.depth else {
      log.report(
        "manifest.depth", at: place,
        "the file nests more than \(limits.depth) deep; a flatter file was expected; split it")
      return nil
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain
      return YAMLTree(.scalar(scalar.string, isPlain: isPlain), at: place)
    case .sequence(let sequence):
      return YAMLTree(.list(sequence.compactMap { convert($0, depth: depth + 1) }), at: place)
    case .mapping(let mapping):
      return YAMLTree(.mapping(entries(of: mapping, depth: depth)), at: place)
    case .alias:
      log.report(
        "manifest.alias", at: place,
        "a YAML alias; plain values were expected; write the value itself")
      return nil
    }
  }

  private func entries(of mapping: Node.Mapping, depth: Int) -> [YAMLTree.Entry] {
    var entries: [YAMLTree.Entry] = []
    var repeated: [(key: String, place: SourcePlace)] = []
    for (key, value) in mapping {
      let keyPlace = key.mark.map(place) ?? SourcePlace(path: path, line: 1, column: 1)
      guard case .scalar(let scalar) = key else {
        log.report(
          "manifest.key", at: keyPlace,
          "a key is a list or a mapping; a word was expected; write the key as text")
        continue
      }
      if scalar.string == "<<", scalar.style == .plain {
        log.report(
          "manifest.merge-key", at: keyPlace,
          "'<<' is a YAML merge key; plain keys were expected; write the keys themselves")
        continue
      }
      if let original = renamed[scalar.string] {
        repeated.append((original, keyPlace))
        continue
      }
      guard let tree = convert(value, depth: depth + 1) else { continue }
      entries.append(YAMLTree.Entry(key: scalar.string, keyPlace: keyPlace, value: tree))
    }
    for (index, first) in repeated.enumerated() {
      let later = repeated[(index + 1)...].first { $0.key == first.key }?.place
      let last = entries.first { $0.key == first.key }?.keyPlace
      reportDuplicate(first.key, at: later ?? last ?? first.place, first: first.place)
    }
    return entries
  }

  private func place(_ mark: Mark) -> SourcePlace {
    SourcePlace(path: path, line: max(mark.line, 1), column: max(mark.column, 1))
  }

  // MARK: Errors of the parser

  private func report(_ error: any Error) {
    let (problem, mark): (String, Mark?) =
      switch error {
      case YamlError.scanner(let context, let problem, let mark, _),
        YamlError.parser(let context, let problem, let mark, _),
        YamlError.composer(let context, let problem, let mark, _):
        (context.map { "\($0.text) \(problem)" } ?? problem, mark)
      case YamlError.reader(let problem, _, _, _): (problem, nil)
      default: (String(describing: error), nil)
      }
    let words = problem.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    log.report(
      "manifest.yaml",
      at: mark.map(place) ?? SourcePlace(path: path, line: 1, column: 1),
      "this is not YAML (\(words)); a YAML mapping was expected; "
        + "check indentation, quotes and brackets here and on the line before")
  }
}
