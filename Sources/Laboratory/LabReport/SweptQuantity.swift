// Values of swept keys as numbers.

import LabCore

/// A value of a swept key as a point on an axis: `64B`, `20ms`, `1%`, `0.5`.
struct SweptQuantity: Hashable {
  /// What may stand on one axis together.
  enum Kind: Hashable {
    /// Numbers without a unit.
    case number
    /// Bytes.
    case bytes
    /// Seconds.
    case seconds
    /// Shares, in percent.
    case percent
  }

  /// What it measures.
  var kind: Kind
  /// The amount in the base unit of the kind.
  var amount: Double

  /// Reads the canonical text of a value.
  ///
  /// - Returns: `nil` for a word, and for a number that is not finite.
  init?(_ text: String) {
    let digits = text.prefix { $0.isNumber || "+-.eE".contains($0) }
    // `1e3` is a number, but the e of `5eV` belongs to no number.
    guard text.utf8.count <= 64, let amount = Double(digits), amount.isFinite else { return nil }
    let unit = text.dropFirst(digits.count)
    if unit.isEmpty {
      self.init(kind: .number, amount: amount)
    } else if unit == "%" {
      self.init(kind: .percent, amount: amount)
    } else if let size = ByteCount.units.first(where: { $0.name == unit }) {
      self.init(kind: .bytes, amount: amount * Double(size.bytes))
    } else if let length = Duration.units.first(where: { $0.name == unit }) {
      self.init(kind: .seconds, amount: amount * Double(length.nanoseconds) / 1e9)
    } else {
      return nil
    }
  }

  private init(kind: Kind, amount: Double) {
    self.kind = kind
    self.amount = amount
  }
}

/// How the values of a swept key stand on the horizontal axis.
enum SweptScale: Hashable {
  /// One beside the other in the order of the manifest.
  case categorical
  /// At their amounts.
  case linear([Double])
  /// At the logarithms of their amounts.
  case logarithmic([Double])

  /// The scale on which the values of a line can all be told apart.
  ///
  /// Values that are words, of different kinds, or so near to each other on the wanted scale that
  /// their labels would touch stand as categories.
  /// - Parameter width: The width of the axis, in pixels.
  static func forLine(_ texts: [String], logarithmic: Bool, width: Int) -> SweptScale {
    let quantities = texts.compactMap { SweptQuantity($0) }
    guard quantities.count == texts.count, Set(quantities.map(\.kind)).count == 1,
      quantities.count > 1
    else { return .categorical }
    let amounts = quantities.map(\.amount)
    guard !logarithmic || amounts.allSatisfy({ $0 > 0 }) else { return .categorical }
    let places = logarithmic ? amounts.map { Self.logarithm($0) } : amounts
    guard areApart(places, texts, width: Double(width - 2 * edge)) else { return .categorical }
    return logarithmic ? .logarithmic(amounts) : .linear(amounts)
  }

  /// How far the outermost values stand from the ends of the axis, in pixels.
  static let edge = 14

  /// Whether the labels have room; many values have no labels of their own, but must not coincide.
  private static func areApart(_ places: [Double], _ texts: [String], width: Double) -> Bool {
    let sorted = zip(places, texts).sorted { $0.0 < $1.0 }
    guard let first = sorted.first, let last = sorted.last, last.0 > first.0 else { return false }
    return zip(sorted, sorted.dropFirst()).allSatisfy { left, right in
      let gap = (right.0 - left.0) / (last.0 - first.0) * width
      let labels = (FigureWords.pixels(left.1) + FigureWords.pixels(right.1)) / 2 + 4
      return gap >= (texts.count > labelLimit ? 1 : labels)
    }
  }

  /// The most values of an axis that have each a label of its own.
  static let labelLimit = 12

  /// The binary logarithm to 24 bits, by repeated squaring, without a mathematical library.
  ///
  /// Whether labels touch needs no more, and the bits are the same on every machine.
  private static func logarithm(_ amount: Double) -> Double {
    var result = Double(amount.exponent)
    var mantissa = amount.significand
    var bit = 0.5
    for _ in 0..<24 {
      mantissa *= mantissa
      if mantissa >= 2 {
        mantissa /= 2
        result += bit
      }
      bit /= 2
    }
    return result
  }
}
