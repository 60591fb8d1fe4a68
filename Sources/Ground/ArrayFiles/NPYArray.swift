// Arrays in the file format of NumPy, by which bulk data comes from and goes to other programs.

/// An array of one or two dimensions as a `.npy` file holds it.
///
/// Files of format 1.0 and 2.0 are read, little-endian and in C order; written is format 1.0, with
/// the same bytes as NumPy writes.
/// > Reference: NumPy Enhancement Proposal 1, *A Simple File Format for NumPy Arrays*.
public struct NPYArray: Hashable, Sendable {
  /// The length of each dimension; one or two, and their product is the number of elements.
  public let shape: [Int]
  /// The elements, row by row.
  public let elements: Elements

  /// Elements of one type.
  public enum Elements: Hashable, Sendable {
    /// Single precision, `<f4`.
    case float32([Float])
    /// Double precision, `<f8`.
    case float64([Double])
    /// Signed integers of 32 bits, `<i4`.
    case int32([Int32])
    /// Signed integers of 64 bits, `<i8`.
    case int64([Int64])
    /// Unsigned integers of 8 bits, `|u1`.
    case uint8([UInt8])
  }

  /// Makes an array of one dimension.
  public init(_ elements: Elements) {
    shape = [elements.count]
    self.elements = elements
  }

  /// Makes an array.
  ///
  /// - Returns: `nil` unless there are one or two dimensions, none negative, whose product is the
  ///   number of elements.
  public init?(shape: [Int], _ elements: Elements) {
    guard Self.count(of: shape) == elements.count else { return nil }
    self.shape = shape
    self.elements = elements
  }

  /// How many elements a shape has; `nil` for one that no array has.
  static func count(of shape: [Int]) -> Int? {
    guard (1...2).contains(shape.count), shape.allSatisfy({ $0 >= 0 }) else { return nil }
    let product = shape[0].multipliedReportingOverflow(by: shape.count == 2 ? shape[1] : 1)
    return product.overflow ? nil : product.partialValue
  }
}

extension NPYArray.Elements {
  /// How many there are.
  public var count: Int {
    switch self {
    case .float32(let numbers): numbers.count
    case .float64(let numbers): numbers.count
    case .int32(let numbers): numbers.count
    case .int64(let numbers): numbers.count
    case .uint8(let numbers): numbers.count
    }
  }

  /// NumPy's name of the type.
  var typeName: String {
    switch self {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    }
  }
}
