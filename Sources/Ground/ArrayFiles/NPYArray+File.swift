// How arrays are read from `.npy` files and written to them.

extension NPYArray {
  /// What every file begins with.
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The longest header that is read, in bytes.
  private static let headerLimit = 1 << 16

  /// Reads a file.
  ///
  /// - Parameter limit: The longest file that is read, in bytes.
  /// - Throws: ``ArrayFileError`` for what is no array of this form, is too long or cannot be
  ///   read. What is no regular file, a pipe for example, is refused unread.
  public static func read(_ path: String, limit: Int) throws(ArrayFileError) -> NPYArray {
    let bytes = try ArrayFile.read(path, limit: limit)
    do throws(ArrayProblem) { return try NPYArray(bytes: bytes) } catch {
      throw ArrayFileError(path: path, problem: .malformed(.array, reason: error.reason))
    }
  }

  /// Writes the array into a file, which takes its place whole or not at all.
  ///
  /// - Throws: ``ArrayFileError`` with ``ArrayFileError/Problem/unwritable(reason:)``.
  public func write(to path: String) throws(ArrayFileError) {
    try ArrayFile.write(fileBytes, to: path)
  }

  /// Why bytes are no array.
  struct ArrayProblem: Error, Hashable {
    var reason: String
  }

  /// Reads the content of a file.
  init(bytes: [UInt8]) throws(ArrayProblem) {
    guard bytes.count >= 10, bytes.starts(with: Self.magic) else {
      throw ArrayProblem(reason: "it does not begin as a .npy file does")
    }
    let version = (bytes[6], bytes[7])
    let start: Int
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    switch version {
    case (1, 0): start = 10
    case (2, 0):
      guard bytes.count >= 12 else { throw ArrayProblem(reason: "it ends within its header") }
      length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24
      start = 12
    default: throw ArrayProblem(reason: "its format is \(version.0).\(version.1), not 1.0 or 2.0")
    }
    guard length <= Self.headerLimit else {
      throw ArrayProblem(reason: "its header has \(length) bytes, above \(Self.headerLimit)")
    }
    guard bytes.count - start >= length else {
      throw ArrayProblem(reason: "it ends within its header")
    }
    let header = try NPYHeader(bytes[start..<(start + length)])
    try self.init(header, bytes[(start + length)...])
  }

  private init(_ header: NPYHeader, _ data: ArraySlice<UInt8>) throws(ArrayProblem) {
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw ArrayProblem(reason: "its order is that of Fortran, not of C")
    }
    guard let count = Self.count(of: header.shape) else {
      throw ArrayProblem(reason: "its shape is \(header.shape), not one or two dimensions")
    }
    func numbers<Number: BitwiseCopyable>(_ zero: Number) throws(ArrayProblem) -> [Number] {
      let width = MemoryLayout<Number>.size
      let expected = count.multipliedReportingOverflow(by: width)
      guard !expected.overflow, data.count == expected.partialValue else {
        throw ArrayProblem(
          reason: "it has \(data.count) bytes of data, and its header says \(count) elements of "
            + "\(width) bytes")
      }
      return data.withUnsafeBytes { buffer in
        (0..<count).map { buffer.loadUnaligned(fromByteOffset: $0 * width, as: Number.self) }
      }
    }
    shape = header.shape
    switch header.typeName {
    case "<f4": elements = .float32(try numbers(Float(0)))
    case "<f8": elements = .float64(try numbers(Double(0)))
    case "<i4": elements = .int32(try numbers(Int32(0)))
    case "<i8": elements = .int64(try numbers(Int64(0)))
    case "|u1": elements = .uint8(try numbers(UInt8(0)))
    default:
      throw ArrayProblem(
        reason: "its elements are '\(header.typeName)', not <f4, <f8, <i4, <i8 or |u1")
    }
  }

  /// The content of the array's file.
  var fileBytes: [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array(
      "{'descr': '\(elements.typeName)', 'fortran_order': False, 'shape': (\(sizes)), }".utf8)
    // The header is filled up with room to grow the first dimension, and so that data is aligned.
    let digits = shape.first.map { String($0).utf8.count } ?? 0
    header += repeatElement(UInt8(ascii: " "), count: 21 - digits)
    let filled = (Self.magic.count + 4 + header.count + 1) % 64
    header += repeatElement(UInt8(ascii: " "), count: 64 - filled)
    header.append(UInt8(ascii: "\n"))
    var bytes = Self.magic + [1, 0, UInt8(header.count & 0xff), UInt8(header.count >> 8)] + header
    func append(_ numbers: [some BitwiseCopyable]) {
      numbers.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    switch elements {
    case .float32(let numbers): append(numbers)
    case .float64(let numbers): append(numbers)
    case .int32(let numbers): append(numbers)
    case .int64(let numbers): append(numbers)
    case .uint8(let numbers): append(numbers)
    }
    return bytes
  }
}
