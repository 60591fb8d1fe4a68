// A matrix of weights, laid out once for many products.

import CLinearAlgebra

/// The right-hand side of products that share it, such as a layer of a neural network.
///
/// Packed in panels of 48 columns, so that a product streams through it once; OpenBLAS packs anew
/// for each product, which for few rows costs as much as the product.
/// - Determinism: An element of a product is one sum over the depth in ascending order, with one
///   rounding for a product and its addition (two at ``InstructionLevel/baseline``). So a row of
///   the result depends on its own row of the left-hand side alone, to the bit.
public struct PackedMatrix: Sendable {
  /// The number of columns of the left-hand side.
  public let depth: Int
  /// The number of columns of the result.
  public let columns: Int
  private let panels: PackedPanels

  /// Packs the transpose of matrices that stand one below the other, as layers store their weights:
  /// a row for each output.
  ///
  /// - Precondition: All have as many columns as the first, and there is one.
  public init(transposing parts: [UnsafeMatrixView]) {
    precondition(!parts.isEmpty, "at least one matrix to pack")
    let depth = parts[0].columns
    precondition(parts.allSatisfy { $0.columns == depth }, "matrices of one width to pack")
    self.depth = depth
    columns = parts.reduce(0) { $0 + $1.rows }
    panels = PackedPanels(depth: depth, columns: columns)
    var column = 0
    for part in parts {
      for row in 0..<part.rows {
        panels.fill(column: column, from: part.base + row * part.stride)
        column += 1
      }
    }
  }

  /// out = left · packed.
  ///
  /// - Precondition: The shapes fit, `out` does not overlap `left`, and the level is supported.
  /// - Complexity: O(rows · columns · depth).
  public func product(
    _ left: UnsafeMatrixView, into out: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    precondition(
      left.columns == depth && out.columns == columns && left.rows == out.rows,
      "a product of matrices whose shapes do not fit")
    precondition(level <= .best, "instructions that this processor has")
    fleetlab_packed_product(
      level.rawValue,
      fleetlab_packed_product(
        left: left.base, left_stride: left.stride, rows: left.rows, packed: panels.base,
        depth: depth, columns: columns, out: out.base, out_stride: out.stride))
  }
}

/// The memory of a packed matrix.
///
/// Unchecked, as it is filled before it is shared and only read afterwards.
private final class PackedPanels: @unchecked Sendable {
  private static let panelColumns = Int(FLEETLAB_PANEL_COLUMNS)

  let base: UnsafeMutablePointer<Float>
  private let depth: Int

  init(depth: Int, columns: Int) {
    let panels = (columns + Self.panelColumns - 1) / Self.panelColumns
    let count = max(panels * Self.panelColumns * depth, 1)
    self.depth = depth
    base =
      UnsafeMutableRawPointer
      .allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  deinit { base.deallocate() }

  /// Puts a column into its place.
  func fill(column: Int, from source: UnsafePointer<Float>) {
    let (panel, place) = column.quotientAndRemainder(dividingBy: Self.panelColumns)
    let target = base + panel * Self.panelColumns * depth + place
    for row in 0..<depth { target[row * Self.panelColumns] = source[row] }
  }
}
