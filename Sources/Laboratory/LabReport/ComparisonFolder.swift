// Where a comparison is kept.

public import LabGate
public import LabRecord

/// A folder with the blocks of a comparison, what they mean, the judgement and the figure.
public struct ComparisonFolder: Hashable, Sendable {
  /// The path of the folder; the one above it must be there.
  public let path: String

  /// Names the folder.
  public init(_ path: String) { self.path = path }

  /// Writes `blocks.csv`, `blocks.md`, `comparison.json`, `ratios.vl.json` and, where there is a
  /// renderer, `ratios.svg`.
  ///
  /// - Parameters:
  ///   - listing: The comparison as it is printed.
  ///   - figure: The comparison as it is drawn.
  /// - Returns: What must be said of the figure; empty when all is well.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public func write(
    _ blocks: [ComparisonBlock], listing: ComparisonListing, figure: ComparisonFigure,
    renderer: FigureRenderer?
  ) throws(ReportError) -> [String] {
    let table = String(decoding: ComparisonBlock.table(blocks), as: UTF8.self)
    try ReportFolder.write(table, to: "\(path)/blocks.csv")
    try ReportFolder.write(Self.dictionary, to: "\(path)/blocks.md")
    try ReportFolder.write(listing.print(as: .json), to: "\(path)/comparison.json")
    return try figure.write(to: "\(path)/ratios", renderer: renderer)
  }

  /// What the columns of `blocks.csv` mean.
  static let dictionary =
    """
    # The table of blocks

    One row is one slot of a block; blocks stand in the order of time, and none is left out but the
    warm-up. In `comparison.json` a ratio above 1 says that the first program of the pair is slower.

    | column | meaning |
    | --- | --- |

    """ + ComparisonBlock.dictionary.map { "| `\($0.column)` | \($0.meaning) |\n" }.joined()
}
