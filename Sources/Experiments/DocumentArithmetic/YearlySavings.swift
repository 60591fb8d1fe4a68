// What the document says of money: its table of yearly savings.

/// A row of the table of yearly savings.
enum SavingsRow: String, CaseIterable, Sendable {
  /// > | **Multi-Model Router** | $51,000 | 85-90% |
  case router
  /// > | **WASM Booster** | $36,000 | 352x speedup |
  case booster
  /// > | **QUIC Transport** | $10,800 | 5-10x faster |
  case transport
  /// > | **Phi-4 ONNX** | $10,000 | Offline capability |
  case offline

  /// The key of the saving.
  var saving: String { "cost-\(rawValue)-saving" }
  /// The key of the entry in the column of returns.
  var stated: String { "cost-\(rawValue)-return-text" }
}

/// In what units the column of returns counts.
struct ReturnUnits: Hashable, Sendable {
  /// The different units.
  var units: Set<String>
  /// The entries that have no number.
  var withoutNumber: Int

  /// Units beyond the first, and entries without a number.
  var faults: Int { max(units.count - 1, 0) + withoutNumber }
}

extension DocumentFigures {
  /// The unit of yearly amounts.
  static let yearly = "USD per year"

  /// How far a saving may lie from a product and still be it to the nearest 100 dollars.
  static let rounding = 50.0

  /// `router-saving-derivable`, `booster-saving-derivable`, `transport-saving-derivable` and
  /// `offline-saving-derivable`: the keys of the yearly amounts that, times the share which the row
  /// states, give the row's saving.
  ///
  /// Every yearly amount but the row's own counts, the total and other rows' savings too. A
  /// speed-up of n counts as saving the share 1 − 1/n. A row that states no share follows from
  /// nothing.
  ///
  /// > | **Multi-Model Router** | $51,000 | 85-90% |
  /// > | **WASM Booster** | $36,000 | 352x speedup |
  /// > | **QUIC Transport** | $10,800 | 5-10x faster |
  /// > | **Phi-4 ONNX** | $10,000 | Offline capability |
  func basesOfSaving(_ row: SavingsRow) throws(DocumentProblem) -> [String] {
    let saving = try value(row.saving)
    guard let share = try StatedReturn(text(row.stated)).share else { return [] }
    return figures.filter { key, figure in
      key != row.saving && figure.unit == Self.yearly
        && share.low.saving(on: figure.value) - Self.rounding <= saving
        && saving <= share.high.saving(on: figure.value) + Self.rounding
    }.keys.sorted()
  }

  /// `total-adds-up`: by how many dollars the sum of the rows lies above the total.
  ///
  /// > | **Total** | **$107,800** | |
  func totalGap() throws(DocumentProblem) -> Double {
    var sum = 0.0
    for row in SavingsRow.allCases { sum += try value(row.saving) }
    return sum - (try value("cost-total"))
  }

  /// `total-free-of-overlap`: how many dollars of the offline row the router has saved already, at
  /// the least and at the most, if both save on one bill.
  ///
  /// The router's saving over its share is the bill; what it leaves of the bill is all that a model
  /// of one's own can still save on it.
  ///
  /// > | **Multi-Model Router** | $51,000 | 85-90% |
  /// > | **Phi-4 ONNX** | $10,000 | Offline capability |
  /// - Throws: ``DocumentProblem/noShare(_:)`` when the router's row states none.
  func doubleCounted() throws(DocumentProblem) -> ClosedRange<Double> {
    let router = SavingsRow.router
    guard let share = try StatedReturn(text(router.stated)).share else {
      throw .noShare(router.stated)
    }
    let (saving, offline) = (try value(router.saving), try value(SavingsRow.offline.saving))
    let atLeastShare = max(offline - share.low.remainder(after: saving), 0)
    let atGreatestShare = max(offline - share.high.remainder(after: saving), 0)
    // Shares that nearly agree may change places by rounding.
    return min(atLeastShare, atGreatestShare)...max(atLeastShare, atGreatestShare)
  }

  /// `returns-share-a-unit`: the units in which the four returns are stated.
  ///
  /// > | Feature | Savings | ROI |
  /// > | **Multi-Model Router** | $51,000 | 85-90% |
  /// > | **WASM Booster** | $36,000 | 352x speedup |
  /// > | **QUIC Transport** | $10,800 | 5-10x faster |
  /// > | **Phi-4 ONNX** | $10,000 | Offline capability |
  func returnUnits() throws(DocumentProblem) -> ReturnUnits {
    var result = ReturnUnits(units: [], withoutNumber: 0)
    for row in SavingsRow.allCases {
      if let unit = try StatedReturn(text(row.stated)).unit {
        result.units.insert(unit)
      } else {
        result.withoutNumber += 1
      }
    }
    return result
  }
}
