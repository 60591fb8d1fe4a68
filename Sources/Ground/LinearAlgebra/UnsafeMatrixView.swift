// A window on numbers that somebody else owns: what the hot loops hand around.

/// A rectangle of single-precision numbers in memory, row by row, whose owner must outlive it.
///
/// Unsafe only in that: it does not keep its memory alive. Its regions are checked against its
/// bounds, and the products check the shapes that they are given.
public struct UnsafeMatrixView {
  /// The first number of the first row.
  public let base: UnsafeMutablePointer<Float>
  /// How many rows it has.
  public let rows: Int
  /// How many numbers of each row belong to it.
  public let columns: Int
  /// How many numbers lie between the beginnings of two rows, at least ``columns``.
  public let stride: Int

  /// Looks at memory.
  ///
  /// - Precondition: `rows · stride` numbers may be read, and written where the view is written to;
  ///   the last row may end after `columns`.
  public init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
    precondition(rows >= 0 && columns >= 0 && stride >= columns, "a matrix of impossible shape")
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// A part of it.
  ///
  /// - Precondition: The part lies inside.
  public func region(rows: Range<Int>, columns: Range<Int>) -> UnsafeMatrixView {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= self.rows && columns.lowerBound >= 0
        && columns.upperBound <= self.columns, "a region outside its matrix")
    return UnsafeMatrixView(
      base: base + rows.lowerBound * stride + columns.lowerBound, rows: rows.count,
      columns: columns.count, stride: stride)
  }

  /// Puts one number everywhere.
  ///
  /// - Precondition: No gap lies between its rows.
  public func fill(_ number: Float) {
    precondition(isContiguous, "rows without gaps")
    base.update(repeating: number, count: count)
  }

  /// Some of its rows.
  ///
  /// - Precondition: They are rows of it.
  public func rows(_ range: Range<Int>) -> UnsafeMatrixView {
    region(rows: range, columns: 0..<columns)
  }

  /// How many numbers belong to it.
  public var count: Int { rows * columns }

  /// Whether no gap lies between its rows.
  public var isContiguous: Bool { stride == columns || rows <= 1 }
}
