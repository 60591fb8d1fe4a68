// Small tables of text on the terminal, as JSON or as CSV.
import LabGate
import LabRecord

/// A table whose fields are texts.
struct Listing {
  private let columns: [String]
  private var rows: [[String]] = []

  init(columns: [String]) { self.columns = columns }

  mutating func append(_ row: [String]) { rows.append(row) }

  /// The table in a form.
  func text(as format: ListingFormat) -> String {
    switch format {
    case .text:
      var table = TextTable(columns: columns)
      for row in rows { table.append(row.map { TextTable.Field($0) }) }
      return table.text(colours: false)
    case .json:
      let objects = rows.map { row in
        JSONValue.object(zip(columns, row).map { JSONValue.Member($0, .string($1)) })
      }
      return JSONValue.array(objects).text
    case .csv:
      var writer = CSVWriter(columns: columns)
      for row in rows { writer.append(row) }
      return String(decoding: writer.bytes, as: UTF8.self)
    }
  }
}
