// The figures file: strict YAML in which every number and every text carries its quote.

import LabManifest

extension DocumentFigures {
  /// Reads a figures file and holds each figure to its quote.
  ///
  /// - Parameter path: The file, absolute or relative to the working directory.
  /// - Throws: Everything that is wrong with the file, each with its line and column; its writer
  ///   mends it.
  init(file path: String) throws(ManifestProblems) {
    self = try StrictYAML.read(file: path) { DocumentFigures($0) }
  }

  /// Reads the text of a figures file; the path serves messages only.
  ///
  /// - Throws: As ``init(file:)``.
  init(yaml text: String, path: String) throws(ManifestProblems) {
    self = try StrictYAML.read(text, path: path) { DocumentFigures($0) }
  }

  private init?(_ reader: StrictReader) {
    let keys = ["fleetlab", "figures", "texts"]
    guard let fields = reader.fields(keys, required: keys) else { return nil }
    _ = fields.read("fleetlab") { $0.choice(["1"]) }
    var known: Set<String> = []
    var figures: [String: Figure] = [:]
    for (key, figure) in fields.read("figures", { $0.list(Self.figure) }) ?? [] {
      figures[key.name] = key.isNew(among: &known) ? figure : nil
    }
    var texts: [String: String] = [:]
    for (key, text) in fields.read("texts", { $0.list(Self.entry) }) ?? [] {
      texts[key.name] = key.isNew(among: &known) ? text : nil
    }
    self.init(figures: figures, texts: texts)
  }

  /// A key with its place.
  private struct Key {
    var name: String
    var reader: StrictReader

    /// Whether no earlier entry has the key; one that has is reported.
    func isNew(among known: inout Set<String>) -> Bool {
      guard !known.insert(name).inserted else { return true }
      reader.report(
        "figures.duplicate-key",
        "the key '\(name)' stands twice; each key once was expected; rename one of them")
      return false
    }
  }

  private static func figure(_ reader: StrictReader) -> (Key, Figure)? {
    guard let (fields, key, quote) = frame(reader, keys: ["value", "unit"]),
      let value = fields.read("value", { $0.number(in: 0...1e12) }),
      let unit = fields.read("unit", { $0.text() })
    else { return nil }
    guard Self.numbers(in: quote).contains(value) else {
      fields["value"]?.report(
        "figures.value-without-quote",
        "the value \(value) of '\(key.name)' does not stand in its quote '\(quote)'; "
          + "a number of the quote was expected; correct the one or the other")
      return nil
    }
    return (key, Figure(value: value, unit: unit))
  }

  private static func entry(_ reader: StrictReader) -> (Key, String)? {
    guard let (fields, key, quote) = frame(reader, keys: ["text"]),
      let text = fields.read("text", { $0.text() })
    else { return nil }
    guard quote.contains(text) else {
      fields["text"]?.report(
        "figures.text-without-quote",
        "the text '\(text)' of '\(key.name)' does not stand in its quote '\(quote)'; "
          + "words of the quote were expected; correct the one or the other")
      return nil
    }
    return (key, text)
  }

  /// What figures and texts have in common: a key, a section of the document and a quote.
  private static func frame(
    _ reader: StrictReader, keys: [String]
  ) -> (fields: StrictFields, key: Key, quote: String)? {
    let all = ["key", "section"] + keys + ["quote"]
    guard let fields = reader.fields(all, required: all) else { return nil }
    let section = fields.read("section") { $0.text() }
    let quote = fields.read("quote") { $0.text() }
    guard let place = fields["key"], let name = place.name(), section != nil, let quote else {
      return nil
    }
    return (fields, Key(name: name, reader: place), quote)
  }

  /// The numbers that stand in a line, without their signs: `$107,800` is 107800, `5-7` is 5 and 7.
  static func numbers(in line: String) -> [Double] {
    let number = /[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?/
    return line.matches(of: number).compactMap { Double($0.output.filter { $0 != "," }) }
  }
}
