// An entry of the column of returns: a percentage, a speed-up, a range of either, or mere words.

/// What an entry of the column of returns states.
///
/// The first number of the entry counts, with what stands directly behind it as its unit: `85-90%`
/// is a range of percent, `352x speedup` a number of times, `Offline capability` no number at all.
struct StatedReturn: Hashable, Sendable {
  /// The unit, empty when nothing stands behind the number; `nil` without a number.
  let unit: String?
  /// The share of a bill that it says is saved; `nil` unless it is a percentage or a speed-up.
  let share: SavedShare?

  /// Reads an entry.
  ///
  /// - Throws: ``DocumentProblem/badReturn(_:)`` for a range whose ends are exchanged, a percentage
  ///   of 0 or above 100, a speed-up of at most 1, or numbers of more than twelve digits.
  init(_ text: String) throws(DocumentProblem) {
    let form = /([0-9]+(?:\.[0-9]+)?)(?:-([0-9]+(?:\.[0-9]+)?))?([^\s0-9]*)/
    guard let match = text.firstMatch(of: form) else {
      (unit, share) = (nil, nil)
      return
    }
    let (_, first, second, unit) = match.output
    guard max(first.count, second?.count ?? 0) <= 12, let low = Double(first),
      let high = Double(second ?? first), low <= high
    else { throw .badReturn(text) }
    self.unit = String(unit)
    switch unit {
    case "%":
      guard low > 0, high <= 100 else { throw .badReturn(text) }
      share = SavedShare(
        low: .init(saved: low, of: 100), high: .init(saved: high, of: 100))
    case "x":
      guard low > 1 else { throw .badReturn(text) }
      share = SavedShare(
        low: .init(saved: low - 1, of: low), high: .init(saved: high - 1, of: high))
    default: share = nil
    }
  }
}

/// The share of a bill that is saved, from the least to the most that is stated.
struct SavedShare: Hashable, Sendable {
  /// The least share.
  var low: Part
  /// The greatest share.
  var high: Part

  /// So many of so many, neither of them 0: 85 of 100, or 351 of 352 of the time.
  struct Part: Hashable, Sendable {
    /// The part that is saved.
    var saved: Double
    /// The whole.
    var of: Double

    /// What is saved of a bill.
    func saving(on bill: Double) -> Double { bill * saved / of }

    /// What is left of the bill of which a saving is this part.
    func remainder(after saving: Double) -> Double { saving * of / saved - saving }
  }
}
