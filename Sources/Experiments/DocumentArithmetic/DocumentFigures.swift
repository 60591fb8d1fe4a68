// The figures that a document states, by key: what all of its arithmetic is computed from.

/// The numbers and the words of tables that a document states.
///
/// Looking one up never falls back on another: a key that is missing is an error that names it.
struct DocumentFigures: Hashable, Sendable {
  /// The figures by key.
  private(set) var figures: [String: Figure]
  /// The entries of tables that are words, by key.
  private(set) var texts: [String: String]

  /// A number that the document states.
  struct Figure: Hashable, Sendable {
    /// The number.
    var value: Double
    /// What it counts, in words.
    var unit: String
  }

  /// Collects figures and texts.
  init(figures: [String: Figure], texts: [String: String]) {
    self.figures = figures
    self.texts = texts
  }

  // MARK: Looking up

  /// The number of a figure.
  ///
  /// - Throws: ``DocumentProblem/missingFigure(_:)``.
  func value(_ key: String) throws(DocumentProblem) -> Double {
    guard let figure = figures[key] else { throw .missingFigure(key) }
    return figure.value
  }

  /// The number of a figure by which something is divided.
  ///
  /// - Throws: ``DocumentProblem/notPositive(_:)`` when it is 0.
  func divisor(_ key: String) throws(DocumentProblem) -> Double {
    let divisor = try value(key)
    guard divisor > 0 else { throw .notPositive(key) }
    return divisor
  }

  /// The number of a figure that counts or names tracks or weeks.
  ///
  /// - Throws: ``DocumentProblem/notWhole(_:_:)`` unless it is a whole number from 0 to 1000.
  func whole(_ key: String) throws(DocumentProblem) -> Int {
    let number = try value(key)
    guard let whole = Int(exactly: number), (0...1000).contains(whole) else {
      throw .notWhole(key, number)
    }
    return whole
  }

  /// The range from one figure to another.
  ///
  /// - Throws: ``DocumentProblem/reversed(_:_:)`` when the second is the smaller one.
  func range(_ low: String, _ high: String) throws(DocumentProblem) -> ClosedRange<Double> {
    let (first, last) = (try value(low), try value(high))
    guard first <= last else { throw .reversed(low, high) }
    return first...last
  }

  /// The range from one whole figure to another.
  ///
  /// - Throws: As ``range(_:_:)`` and ``whole(_:)``.
  func wholeRange(_ low: String, _ high: String) throws(DocumentProblem) -> ClosedRange<Int> {
    let (first, last) = (try whole(low), try whole(high))
    guard first <= last else { throw .reversed(low, high) }
    return first...last
  }

  /// The words of an entry.
  ///
  /// - Throws: ``DocumentProblem/missingText(_:)``.
  func text(_ key: String) throws(DocumentProblem) -> String {
    guard let text = texts[key] else { throw .missingText(key) }
    return text
  }

  /// How many keys `prefix` 1 `suffix`, `prefix` 2 `suffix` and so on there are.
  ///
  /// - Throws: ``DocumentProblem/missingFigure(_:)`` when there is none or a number is left out.
  /// - Complexity: Linear in the number of figures, but for sorting the ones found.
  func count(from prefix: String, to suffix: String) throws(DocumentProblem) -> Int {
    let numbers = figures.keys.compactMap { key -> Int? in
      guard key.hasPrefix(prefix), key.hasSuffix(suffix) else { return nil }
      let middle = key.dropFirst(prefix.count).dropLast(suffix.count)
      return Int(middle).flatMap { String($0) == middle ? $0 : nil }
    }.sorted()
    guard !numbers.isEmpty else { throw .missingFigure("\(prefix)1\(suffix)") }
    for (index, number) in numbers.enumerated() where number != index + 1 {
      throw .missingFigure("\(prefix)\(index + 1)\(suffix)")
    }
    return numbers.count
  }

  // MARK: Changing

  /// Gives a figure another number, or adds one when a unit comes with it.
  ///
  /// - Throws: ``DocumentProblem/unknownKey(_:)`` for another number of a figure that there is not,
  ///   ``DocumentProblem/knownKey(_:)`` for an addition that there is already.
  mutating func plant(_ value: Double, unit: String?, at key: String) throws(DocumentProblem) {
    switch (figures[key], unit) {
    case (let figure?, nil): figures[key] = Figure(value: value, unit: figure.unit)
    case (nil, let unit?): figures[key] = Figure(value: value, unit: unit)
    case (nil, nil): throw .unknownKey(key)
    case (_?, _?): throw .knownKey(key)
    }
  }

  /// Gives an entry other words.
  ///
  /// - Throws: ``DocumentProblem/unknownKey(_:)`` for an entry that there is not.
  mutating func plant(text: String, at key: String) throws(DocumentProblem) {
    guard texts[key] != nil else { throw .unknownKey("\(key):text") }
    texts[key] = text
  }
}
