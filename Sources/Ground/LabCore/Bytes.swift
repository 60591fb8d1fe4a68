/// An immutable run of bytes; copies and slices share one block of memory.
///
/// - Complexity: Copying and slicing take constant time and allocate nothing.
public struct Bytes: Hashable, Sendable {
  @usableFromInline let storage: [UInt8]
  @usableFromInline let start: UInt32
  /// The number of bytes.
  public let length: UInt32

  @usableFromInline init(storage: [UInt8], start: UInt32, length: UInt32) {
    self.storage = storage
    self.start = start
    self.length = length
  }

  /// Takes over an array without copying it.
  ///
  /// - Precondition: `array` has fewer than 2^32 elements.
  @inlinable public init(_ array: [UInt8]) {
    storage = array
    start = 0
    length = UInt32(array.count)
  }

  /// Copies the elements of any collection.
  @inlinable public init(_ elements: some Sequence<UInt8>) { self.init(Array(elements)) }

  /// No bytes.
  @inlinable public static var empty: Bytes { Bytes([UInt8]()) }

  /// Reads the bytes in place.
  @inlinable public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    storage.withUnsafeBytes { whole in
      let part = whole[Int(start)..<Int(start) + Int(length)]
      do throws(Failure) {
        outcome = .success(try body(UnsafeRawBufferPointer(rebasing: part)))
      } catch { outcome = .failure(error) }
    }
    guard let outcome else { preconditionFailure("the body of withUnsafeBytes ran") }
    return try outcome.get()
  }

  /// The bytes as an array; shares memory when the run is a whole array.
  @inlinable public var array: [UInt8] {
    start == 0 && Int(length) == storage.count ? storage : Array(self)
  }

  public static func == (left: Bytes, right: Bytes) -> Bool {
    guard left.length == right.length else { return false }
    return left.withUnsafeBytes { one in right.withUnsafeBytes { one.elementsEqual($0) } }
  }

  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension Bytes {
  /// The bytes of a range, counted from 0 again, in the memory of the whole.
  ///
  /// - Precondition: The range lies within 0 ..< `count`.
  @inlinable public func slice(_ range: Range<Int>) -> Bytes {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= Int(length),
      "bytes \(range) of \(length) do not exist")
    return Bytes(
      storage: storage, start: start + UInt32(range.lowerBound), length: UInt32(range.count))
  }
}

extension Bytes: RandomAccessCollection {
  /// Reads the bytes in place, which lets arrays take them over in one copy.
  @inlinable public func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result? {
    try storage.withUnsafeBufferPointer { whole in
      try body(UnsafeBufferPointer(rebasing: whole[Int(start)..<Int(start) + Int(length)]))
    }
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { Int(length) }
  /// The byte at an index in 0 ..< `count`.
  @inlinable public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < Int(length), "byte \(index) of \(length) does not exist")
    return storage[Int(start) + index]
  }
}

extension Bytes: StableHashable {
  /// Feeds the length and every byte.
  @inlinable public func hash(into hasher: inout StableHasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

extension Bytes: CustomStringConvertible {
  /// The length and the first bytes in hexadecimal, for traces.
  public var description: String {
    let digits = prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return "\(length) B <\(digits.joined())\(length > 8 ? "…" : "")>"
  }
}
