// What can be wrong with a request to an index.

/// Why an index refused a request; it is as it was before.
public enum VectorError: Error, Hashable, Sendable {
  /// A vector has another number of components than the index.
  case dimensions(found: Int, expected: Int)
  /// An index cannot have this number of dimensions.
  case badDimensions(Int)
  /// A component is NaN or infinite, or so large that its square is.
  case notFinite(component: Int)
  /// A component is too large for half precision.
  case beyondHalfPrecision(component: Int)
  /// The cosine of a vector of length zero is not defined.
  case zeroVector
  /// A search for less than one neighbour.
  case badCount(Int)
  /// A setting is outside its range.
  case badSetting(name: String, value: Int, expected: String)
  /// The key is taken; an update would replace its vector.
  case duplicateKey(UInt64)
  /// The index has no vector under this key.
  case unknownKey(UInt64)
  /// The index is mapped from a file; one that is loaded can be changed.
  case readOnly
  /// No row has a number above this.
  case full(rows: Int)
  /// The system has no memory for so many bytes.
  case outOfMemory(bytes: Int)
  /// The file of an index could not be written or read; the text says why.
  case notSaved(reason: String)
}

extension VectorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .dimensions(let found, let expected):
      "the vector has \(found) components; \(expected) were expected; "
        + "encode it as the index's vectors were encoded"
    case .badDimensions(let count):
      "\(count) dimensions; 1 to \(VectorLimits.dimensions) were expected; choose another encoding"
    case .notFinite(let component):
      "component \(component) is not finite, or too large for its square to be; "
        + "finite components were expected; mend the data"
    case .beyondHalfPrecision(let component):
      "component \(component) is beyond 65,504, the largest number of f16; a smaller one was "
        + "expected; choose f32 or scale the data"
    case .zeroVector:
      "the vector has length zero; a direction was expected for the cosine; "
        + "leave the row out or choose l2 or inner-product"
    case .badCount(let count):
      "\(count) neighbours are asked for; at least 1 was expected; ask for more"
    case .badSetting(let name, let value, let expected):
      "\(name) is \(value); \(expected) was expected; choose a value in that range"
    case .duplicateKey(let key):
      "key \(key) is in the index; a new key was expected; update it or choose another"
    case .unknownKey(let key):
      "key \(key) is not in the index; a key of the index was expected; insert it first"
    case .readOnly:
      "the index is mapped from its file; one in memory was expected; load it to change it"
    case .full(let rows):
      "the index has \(rows) rows; no more can be numbered; split the data"
    case .outOfMemory(let bytes):
      "there is no memory for \(bytes) bytes; that much was expected to be free; "
        + "choose a smaller storage or map the file"
    case .notSaved(let reason): reason
    }
  }
}

/// The bounds that every index keeps.
public enum VectorLimits {
  /// The most components of a vector: the sums of int8 products stay within 32 bits.
  public static let dimensions = 1 << 16
  /// The most rows of an index; one bit of a row number marks visited candidates.
  public static let rows = Int(Int32.max) - 1
  /// The widest connectivity of a graph.
  public static let connectivity = 256
  /// The widest search.
  public static let breadth = 1 << 20
}
