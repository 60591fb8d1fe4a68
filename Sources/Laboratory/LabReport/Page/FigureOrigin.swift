// What the marks of an interactive figure come from.

import LabGate
import LabManifest
import LabRecord

/// The trials that one mark of an interactive figure stands for.
struct FigureOrigin: Hashable {
  /// The arm of the trials.
  var arm: String
  /// The cells, by their ids.
  var cells: [String]
  /// The seeds of the first trials.
  var seeds: [String]
  /// How many trials there are.
  var trials: Int
  /// The swept keys that have one value in all of the cells, with that value.
  var coordinates: [String: String]

  /// The most cells and seeds that a mark names.
  static let shown = 6

  /// Finds the trials of some cells.
  init(cells: [RecordedCell], arm: String, metric: String, index: MeasurementIndex) {
    self.arm = arm
    self.cells = cells.map(\.id)
    seeds = []
    trials = 0
    for cell in cells {
      for trial in index.trials(cell: cell.id, arm: arm, metric: metric) {
        trials += 1
        if seeds.count < Self.shown { seeds.append(trial.seed) }
      }
    }
    coordinates = Dictionary(
      (cells.first?.coordinates ?? []).map { ($0.key, $0.value) }
    ) { first, _ in first }
    for cell in cells.dropFirst() {
      for (key, value) in coordinates where cell[key] != value { coordinates[key] = nil }
    }
  }

  /// The fields that every row of the mark gets.
  ///
  /// - Parameter keys: The swept keys in order; they get the names ``FigureInteraction/field(_:)``.
  func json(keys: [String]) -> JSONValue {
    var fields: [JSONValue.Member] = [
      .init("arm", .string(arm)), .init("cell", .string(Self.list(cells, of: cells.count))),
      .init("seeds", .string(Self.list(seeds, of: trials))),
    ]
    for (place, key) in keys.enumerated() {
      guard let value = coordinates[key] else { continue }
      fields.append(.init(FigureInteraction.field(place), .string(value)))
    }
    return .object(fields)
  }

  private static func list(_ items: [String], of count: Int) -> String {
    let named = items.prefix(shown).joined(separator: ", ")
    return count > shown ? "\(named) and \(count - shown) more" : named
  }
}

/// How the marks of a figure tell what they come from.
struct FigureInteraction: Hashable {
  /// The swept keys with more than one value, by which marks can be told apart and filtered.
  var keys: [String]
  /// Whether each cell has a mark of its own.
  var isCellwise: Bool
  /// The places of the keys that neither an axis, a panel nor a colour shows.
  var hidden: [Int]

  /// The field of a row that holds the value of the key at a place.
  static func field(_ place: Int) -> String { "key\(place)" }

  /// The places of the keys that have one value in each mark.
  var told: [Int] { keys.indices.filter { isCellwise || !hidden.contains($0) } }

  /// The fields that part lines which would run into each other.
  var lineFields: [String] { isCellwise ? hidden.map(Self.field) : [] }

  /// The encoding of what a mark says when a pointer rests on it.
  ///
  /// - Parameter figure: What the field `figure` holds; `nil` where rows have none.
  func tooltip(figure: String?) -> JSONValue {
    var fields: [(name: String, title: String)] = [("arm", "arm")]
    if let figure { fields.append(("figure", figure)) }
    fields += told.map { (Self.field($0), keys[$0]) }
    fields += [("cell", "cell"), ("seeds", "seeds")]
    return .array(
      fields.map { field in
        .sorted([
          "field": .string(field.name), "title": .string(field.title), "type": .string("nominal"),
        ])
      })
  }
}
