// The table of cells.

public import LabManifest

/// What a record says of one cell.
public struct RecordedCell: Hashable, Sendable {
  /// The cell's identity.
  public var id: String
  /// The criterion whose control the cell runs; `nil` for a cell of the sweep.
  public var control: String?
  /// The cell of the sweep that a control cell breaks.
  public var controls: String?
  /// The swept keys with their values as text, in the order of the sweep.
  public var coordinates: [Cell.Coordinate]

  /// Describes a cell.
  public init(
    id: String, control: String? = nil, controls: String? = nil, coordinates: [Cell.Coordinate]
  ) {
    self.id = id
    self.control = control
    self.controls = controls
    self.coordinates = coordinates
  }

  /// What a record keeps of a planned cell.
  public init(_ cell: Cell) {
    self.init(
      id: cell.id, control: cell.control, controls: cell.controls, coordinates: cell.coordinates)
  }

  /// The canonical text of the value of a swept key; `nil` when the cell has no such key.
  public subscript(key: String) -> String? { coordinates.first { $0.key == key }?.value }
}

extension RecordedCell {
  /// The table `cells.csv`.
  static func table(of cells: [RecordedCell]) -> [UInt8] {
    var keys: [String] = []
    for coordinate in cells.flatMap(\.coordinates) where !keys.contains(coordinate.key) {
      keys.append(coordinate.key)
    }
    var writer = CSVWriter(columns: RecordFile.cellColumns + keys)
    for cell in cells {
      writer.append(
        [cell.id, cell.control ?? "", cell.controls ?? ""] + keys.map { cell[$0] ?? "" })
    }
    return writer.bytes
  }

  /// Reads what ``table(of:)`` wrote; an empty field is a key that the cell does not have.
  static func read(_ bytes: [UInt8], path: String) throws(RecordError) -> [RecordedCell] {
    var reader = try CSVReader(bytes, path: path)
    try reader.expect(RecordFile.cellColumns, open: true)
    let keys = reader.columns.dropFirst(RecordFile.cellColumns.count)
    var cells: [RecordedCell] = []
    var known: Set<String> = []
    while let row = try reader.next() {
      let fields = row.fields
      guard !fields[0].isEmpty, known.insert(fields[0]).inserted else {
        throw RecordError(
          path: path, line: row.line,
          .badValue(column: "cell_id", text: fields[0], expected: "an identity of its own"))
      }
      let coordinates = zip(keys, fields.dropFirst(RecordFile.cellColumns.count))
        .filter { !$0.1.isEmpty }.map { Cell.Coordinate(key: $0.0, value: $0.1) }
      cells.append(
        RecordedCell(
          id: fields[0], control: fields[1].isEmpty ? nil : fields[1],
          controls: fields[2].isEmpty ? nil : fields[2], coordinates: coordinates))
    }
    return cells
  }
}
