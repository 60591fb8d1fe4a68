// A matrix that owns its memory.

/// Single-precision numbers in rows, in memory of its own that begins on a cache line.
public struct Matrix: ~Copyable {
  /// How many rows it has.
  public let rows: Int
  /// How many numbers a row has.
  public let columns: Int
  private let base: UnsafeMutablePointer<Float>

  /// Makes a matrix of zeros.
  ///
  /// - Precondition: Neither count is negative and their product is a number of bytes that fits an
  ///   `Int`.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix of impossible shape")
    self.rows = rows
    self.columns = columns
    let bytes = max(rows * columns * MemoryLayout<Float>.stride, 1)
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Float.self, capacity: rows * columns)
    base.initialize(repeating: 0, count: rows * columns)
  }

  /// Makes a matrix of given numbers, row by row.
  ///
  /// - Precondition: There are `rows · columns` of them.
  public init(rows: Int, columns: Int, _ elements: [Float]) {
    precondition(elements.count == rows * columns, "as many numbers as the shape says")
    self.init(rows: rows, columns: columns)
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { base.update(from: first, count: source.count) }
    }
  }

  deinit { base.deallocate() }

  /// One number, by row and column from 0.
  ///
  /// - Precondition: Both are inside.
  public subscript(row: Int, column: Int) -> Float {
    get { base[offset(row, column)] }
    set { base[offset(row, column)] = newValue }
  }

  /// All numbers, row by row.
  public var elements: [Float] {
    Array(UnsafeBufferPointer(start: base, count: rows * columns))
  }

  /// The matrix as the hot loops see it: valid as long as the matrix is.
  public var view: UnsafeMatrixView {
    UnsafeMatrixView(base: base, rows: rows, columns: columns, stride: columns)
  }

  private func offset(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns, "an element outside its matrix")
    return row * columns + column
  }
}
