// Planted changes: other figures than the document's, by which a criterion shows that it can turn.

/// Changes to a document's figures, as a manifest writes them.
///
/// The entries stand in one text with `;` between them:
/// - `key=60000` gives a figure another number;
/// - `+key=60000 USD per year` adds a figure that the document lacks, with its unit;
/// - `key:text=72%` gives an entry of a table other words.
///
/// The text `nothing` changes nothing.
struct PlantedChanges: Hashable, Sendable {
  /// The text that changes nothing.
  static let none = "nothing"
  /// The longest text, in bytes.
  static let lengthLimit = 4096

  /// One change.
  enum Change: Hashable, Sendable {
    /// Another number, or, with a unit, a new figure.
    case figure(key: String, value: Double, unit: String?)
    /// Other words.
    case text(key: String, words: String)
  }

  /// The changes in their order.
  let changes: [Change]

  /// Reads changes.
  ///
  /// - Throws: What is wrong with the first entry that is wrong; the manifest's writer mends it.
  init(_ text: String) throws(DocumentProblem) {
    guard text.utf8.count <= Self.lengthLimit else { throw .plantedLength(text.utf8.count) }
    var changes: [Change] = []
    var keys: Set<String> = []
    if text != Self.none {
      for part in text.split(separator: ";", omittingEmptySubsequences: false) {
        let (change, key) = try Self.change(Self.trimmed(part))
        guard keys.insert(key).inserted else { throw .plantedTwice(key) }
        changes.append(change)
      }
    }
    self.changes = changes
  }

  /// Makes the changes.
  ///
  /// - Throws: ``DocumentProblem/unknownKey(_:)`` or ``DocumentProblem/knownKey(_:)``.
  func apply(to figures: inout DocumentFigures) throws(DocumentProblem) {
    for change in changes {
      switch change {
      case .figure(let key, let value, let unit):
        try figures.plant(value, unit: unit, at: key)
      case .text(let key, let words): try figures.plant(text: words, at: key)
      }
    }
  }

  private static func change(_ entry: String) throws(DocumentProblem) -> (Change, key: String) {
    let form = /(\+)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(:text)?=(.+)/
    guard let (_, plus, key, text, value) = entry.wholeMatch(of: form)?.output else {
      throw .plantedForm(entry)
    }
    let words = trimmed(value)
    guard !words.isEmpty else { throw .plantedForm(entry) }
    switch (plus, text) {
    case (nil, nil):
      let value = try number(words, in: entry)
      return (.figure(key: String(key), value: value, unit: nil), String(key))
    case (_?, nil):
      let parts = words.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { throw .plantedForm(entry) }
      let value = try number(String(parts[0]), in: entry)
      return (.figure(key: String(key), value: value, unit: trimmed(parts[1])), String(key))
    case (nil, _?): return (.text(key: String(key), words: words), "\(key):text")
    case (_?, _?): throw .plantedForm(entry)
    }
  }

  private static func number(_ text: String, in entry: String) throws(DocumentProblem) -> Double {
    guard text.wholeMatch(of: /[0-9]{1,12}(?:\.[0-9]{1,6})?/) != nil, let number = Double(text)
    else { throw .plantedNumber(entry) }
    return number
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
