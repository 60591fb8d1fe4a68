// A figure that answers to a pointer and to filters.

import LabGate
import LabManifest
import LabRecord

/// A figure of the page: its specification, what its marks come from, and how it can be filtered.
///
/// Marks stand for cells where they are few enough to be told apart; otherwise cells are pooled as
/// in the picture of the figure, and the page says so.
struct PageFigure {
  /// What was asked for.
  let request: FigureRequest
  /// What a reader must know, one sentence each without a full stop.
  let notes: [String]
  /// The arms that have marks.
  let arms: [String]
  /// The keys by which it can be filtered, each with its values.
  let filters: [(key: String, field: String, values: [String])]
  /// The specification and the origins as JSON on one line; `nil` when there is nothing to draw.
  let json: JSONValue?

  /// The most rows of data that one figure brings into the page.
  static let rowLimit = 12_000

  /// Draws a figure of a report.
  ///
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  init(_ request: FigureRequest, of report: RunReport) throws(ReportError) {
    self.request = request
    var source = FigureSource(
      manifest: report.manifest, record: report.record, index: report.index)
    let interaction = Self.interaction(request, source)
    source.interaction = interaction
    let drawing = try FigureBlock.drawing(request, source)
    var notes = [
      FigureSpecification.method(request, times: RunReport.repetitions(report.record.run))
    ]
    if !interaction.isCellwise {
      notes.append("Each mark pools all cells that share what is shown; the record has each cell")
    }
    self.notes = notes + drawing.notes
    let drawn = Set(drawing.origins.map(\.arm))
    arms = report.manifest.arms.filter { drawn.contains($0) }
    filters = interaction.told.map { place in
      let key = interaction.keys[place]
      return (key, FigureInteraction.field(place), source.values(of: key))
    }
    guard !drawing.blocks.isEmpty else {
      json = nil
      return
    }
    json = .object([
      .init("spec", FigureSpecification.document(drawing.blocks, with: [:])),
      .init("origins", .array(drawing.origins.map { $0.json(keys: interaction.keys) })),
    ])
  }

  private static func interaction(
    _ request: FigureRequest, _ source: FigureSource
  ) -> FigureInteraction {
    var keys: [String] = []
    for cell in source.cells {
      for coordinate in cell.coordinates where !keys.contains(coordinate.key) {
        keys.append(coordinate.key)
      }
    }
    keys = keys.filter { source.values(of: $0).count > 1 }
    let shown = Set([request.mark == .distribution ? "" : request.x, request.y] + request.panels)
      .union(request.series.map { [$0] } ?? [])
    let hidden = keys.indices.filter { !shown.contains(keys[$0]) }
    // A distribution is read at about a hundred shares.
    let rows =
      source.cells.count * source.manifest.arms.count * request.metrics.count
      * (request.mark == .distribution ? 107 : 1)
    // Bars and fields that share a place would stand on each other.
    let fillsPlaces = request.mark == .bar || request.mark == .heatmap
    let fits = rows <= rowLimit && (!fillsPlaces || hidden.isEmpty)
    return FigureInteraction(keys: keys, isCellwise: fits, hidden: hidden)
  }
}
