// Writes tables in the one form that records have.

/// Builds a table in the form of RFC 4180, with LF at the end of every row, in UTF-8.
///
/// A field is quoted only where it must be, so that equal tables are equal bytes.
public struct CSVWriter: Sendable {
  /// The table so far.
  public private(set) var bytes: [UInt8] = []
  /// How many fields each row has.
  public let width: Int

  /// Starts a table with its header.
  public init(columns: [String]) {
    width = columns.count
    append(columns)
  }

  /// Appends one row.
  ///
  /// - Precondition: There are as many fields as columns.
  public mutating func append(_ fields: [String]) {
    precondition(fields.count == width, "a row of \(fields.count) fields in \(width) columns")
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(field)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func append(_ field: String) {
    let utf8 = field.utf8
    guard utf8.contains(where: Self.needsQuotes) else {
      bytes.append(contentsOf: utf8)
      return
    }
    let quote = UInt8(ascii: "\"")
    bytes.append(quote)
    for byte in utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  private static func needsQuotes(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
    default: false
    }
  }
}
