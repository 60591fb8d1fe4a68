// Rows of numbers in files whose form the name's ending tells.

/// Rows of equal length in `.npy`, `.fvecs` or `.ivecs` files.
///
/// A `.fvecs` or `.ivecs` file holds, for each row, its length as a 32-bit integer and then its
/// numbers, of 32 bits each, all little-endian.
public enum VectorFile {
  /// Reads rows of single precision; whole numbers and doubles are converted.
  ///
  /// - Throws: ``ArrayFileError``, also for an array of one dimension.
  public static func readRows(_ path: String, limit: Int) throws(ArrayFileError) -> [[Float]] {
    if path.hasSuffix(".fvecs") {
      return try records(path, limit: limit) { Float(bitPattern: $0) }
    }
    if path.hasSuffix(".ivecs") {
      return try records(path, limit: limit) { Float(Int32(bitPattern: $0)) }
    }
    let array = try table(path, limit: limit)
    return switch array.elements {
    case .float32(let numbers): rows(numbers, array.shape[1])
    case .float64(let numbers): rows(numbers.map { Float($0) }, array.shape[1])
    case .int32(let numbers): rows(numbers.map { Float($0) }, array.shape[1])
    case .int64(let numbers): rows(numbers.map { Float($0) }, array.shape[1])
    case .uint8(let numbers): rows(numbers.map { Float($0) }, array.shape[1])
    }
  }

  /// Reads rows of whole numbers, such as the numbers of true neighbours.
  ///
  /// - Throws: ``ArrayFileError``, also for numbers with a fraction.
  public static func readWholeRows(_ path: String, limit: Int) throws(ArrayFileError) -> [[Int]] {
    if path.hasSuffix(".ivecs") {
      return try records(path, limit: limit) { Int(Int32(bitPattern: $0)) }
    }
    let array = try table(path, limit: limit)
    switch array.elements {
    case .int32(let numbers): return rows(numbers.map { Int($0) }, array.shape[1])
    case .int64(let numbers): return rows(numbers.map { Int($0) }, array.shape[1])
    case .uint8(let numbers): return rows(numbers.map { Int($0) }, array.shape[1])
    case .float32, .float64:
      throw malformed(path, .wholeRows, "its elements are not whole numbers")
    }
  }

  /// Writes rows of equal length, in the form that the name's ending tells.
  ///
  /// - Throws: ``ArrayFileError``, also for rows of different lengths.
  public static func write(_ rows: [[Float]], to path: String) throws(ArrayFileError) {
    try check(rows, path)
    if path.hasSuffix(".fvecs") {
      return try write(records: rows.map { $0.map(\.bitPattern) }, to: path)
    }
    let shape = [rows.count, rows.first?.count ?? 0]
    guard let array = NPYArray(shape: shape, .float32(rows.flatMap { $0 })) else {
      throw uneven(path)
    }
    try array.write(to: path)
  }

  /// Writes rows of whole numbers, in 64 bits each into `.npy` and in 32 bits into `.ivecs` files.
  ///
  /// - Throws: ``ArrayFileError``, also for a number that the form has no room for.
  public static func write(_ rows: [[Int]], to path: String) throws(ArrayFileError) {
    try check(rows, path)
    if path.hasSuffix(".ivecs") {
      var words: [[UInt32]] = []
      for row in rows {
        let narrow = row.compactMap { Int32(exactly: $0) }
        guard narrow.count == row.count else {
          throw unfit(path, "a number does not fit into 32 bits")
        }
        words.append(narrow.map { UInt32(bitPattern: $0) })
      }
      return try write(records: words, to: path)
    }
    let shape = [rows.count, rows.first?.count ?? 0]
    let numbers = rows.flatMap { $0.map { Int64($0) } }
    guard let array = NPYArray(shape: shape, .int64(numbers)) else { throw uneven(path) }
    try array.write(to: path)
  }

  private static func malformed(
    _ path: String, _ form: ArrayFileError.Form, _ reason: String
  ) -> ArrayFileError {
    ArrayFileError(path: path, problem: .malformed(form, reason: reason))
  }

  private static func unfit(_ path: String, _ reason: String) -> ArrayFileError {
    ArrayFileError(path: path, problem: .unfit(reason: reason))
  }

  private static func uneven(_ path: String) -> ArrayFileError {
    unfit(path, "its rows are not of one length")
  }

  private static func table(_ path: String, limit: Int) throws(ArrayFileError) -> NPYArray {
    let array = try NPYArray.read(path, limit: limit)
    guard array.shape.count == 2 else {
      throw malformed(path, .rows, "its shape is \(array.shape), not that of rows")
    }
    return array
  }

  private static func rows<Number>(_ numbers: [Number], _ length: Int) -> [[Number]] {
    guard length > 0 else { return [] }
    return stride(from: 0, to: numbers.count, by: length).map {
      Array(numbers[$0..<$0 + length])
    }
  }

  private static func check<Number>(
    _ rows: [[Number]], _ path: String
  ) throws(ArrayFileError) {
    guard rows.allSatisfy({ $0.count == rows[0].count }) else {
      throw uneven(path)
    }
  }

  private static func records<Number>(
    _ path: String, limit: Int, _ number: (UInt32) -> Number
  ) throws(ArrayFileError) -> [[Number]] {
    let bytes = try ArrayFile.read(path, limit: limit)
    func word(_ offset: Int) -> UInt32 {
      bytes.withUnsafeBytes {
        UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      }
    }
    guard !bytes.isEmpty else { return [] }
    guard bytes.count >= 4, word(0) >= 1, word(0) <= 1 << 20 else {
      throw malformed(path, .records, "it does not begin with the length of a row")
    }
    let length = Int(word(0))
    let stride = 4 + 4 * length
    guard bytes.count % stride == 0 else {
      throw malformed(path, .records, "it ends within a row")
    }
    var rows: [[Number]] = []
    for first in Swift.stride(from: 0, to: bytes.count, by: stride) {
      guard word(first) == length else {
        throw malformed(
          path, .records, "row \(rows.count) has length \(word(first)), not \(length)")
      }
      rows.append((1...length).map { number(word(first + 4 * $0)) })
    }
    return rows
  }

  private static func write(records rows: [[UInt32]], to path: String) throws(ArrayFileError) {
    var bytes: [UInt8] = []
    for row in rows {
      for word in [UInt32(row.count)] + row {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    try ArrayFile.write(bytes, to: path)
  }
}
