// One block of a figure: the metrics of one unit, in all panels.

import LabGate
import LabManifest
import Statistics

/// The part of a figure that has one vertical axis.
struct FigureBlock {
  /// The grid of panels.
  var layout: FigureLayout
  /// What belongs into the specification.
  var members: [String: JSONValue]
  /// What its colours stand for.
  var series: FigureSeries
  /// What must be said about it.
  var notes: [String] = []

  /// The blocks of a figure, what must be said, and where marks come from.
  typealias Drawing = (blocks: [FigureBlock], notes: [String], origins: [FigureOrigin])

  /// The blocks of a figure of any kind.
  ///
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  static func drawing(
    _ request: FigureRequest, _ source: FigureSource
  ) throws(ReportError) -> Drawing {
    do {
      return switch request.mark {
      case .line, .bar: try means(request, source)
      case .distribution: try distributions(request, source)
      case .curve: try curves(request, source)
      case .heatmap: maps(request, source)
      }
    } catch {
      throw .noMeasurement(manifest: source.manifest.path, reason: "\(error)")
    }
  }

  /// The blocks of means: one for each unit, in the order of the metrics.
  static func means(
    _ request: FigureRequest, _ source: FigureSource
  ) throws(StatisticsError) -> Drawing {
    let (points, notes, origins) = try source.points(request)
    let blocks = unitGroups(request, source).compactMap { unit, metrics -> FigureBlock? in
      let mine = points.filter { metrics.contains($0.metric) }
      guard !mine.isEmpty else { return nil }
      return MeanBlock(request, source, points: mine, unit: unit).block
    }
    return (blocks, notes + blocks.flatMap(\.notes), origins)
  }

  /// The blocks of distributions: one for each unit, in the order of the metrics.
  static func distributions(
    _ request: FigureRequest, _ source: FigureSource
  ) throws -> Drawing {
    let (points, notes, origins) = try source.distributions(request)
    let blocks = unitGroups(request, source).compactMap { unit, metrics -> FigureBlock? in
      let mine = points.filter { metrics.contains($0.metric) }
      guard !mine.isEmpty else { return nil }
      return DistributionBlock(request, source, points: mine, unit: unit).block
    }
    return (blocks, notes, origins)
  }

  /// The blocks of curves: one for each unit, in the order of the metrics.
  static func curves(
    _ request: FigureRequest, _ source: FigureSource
  ) throws(StatisticsError) -> Drawing {
    let (points, notes, origins) = try source.curves(request)
    let blocks = unitGroups(request, source).compactMap { unit, metrics -> FigureBlock? in
      let mine = points.filter { metrics.contains($0.metric) }
      guard !mine.isEmpty else { return nil }
      return CurveBlock(request, source, points: mine, unit: unit).block
    }
    return (blocks, notes, origins)
  }

  /// The block of a map.
  static func maps(_ request: FigureRequest, _ source: FigureSource) -> Drawing {
    let (fields, notes, origins) = source.map(request)
    let blocks = fields.isEmpty ? [] : [HeatmapBlock(request, source, fields: fields).block]
    return (blocks, notes, origins)
  }

  private static func unitGroups(
    _ request: FigureRequest, _ source: FigureSource
  ) -> [(unit: String, metrics: [String])] {
    var groups: [(unit: String, metrics: [String])] = []
    for metric in request.metrics {
      let unit = source.index.metrics[metric]?.unit ?? "1"
      if let place = groups.firstIndex(where: { $0.unit == unit }) {
        groups[place].metrics.append(metric)
      } else {
        groups.append((unit, [metric]))
      }
    }
    return groups
  }

  /// Puts layers into panels.
  init(
    layout: FigureLayout, series: FigureSeries, rows: [JSONValue], layers: [JSONValue],
    encoding: [String: JSONValue]
  ) {
    self.layout = layout
    self.series = series
    let view: [String: JSONValue] = [
      "encoding": .sorted(encoding), "height": .integer(layout.height), "layer": .array(layers),
      "width": .integer(layout.width),
    ]
    members = ["data": .sorted(["values": .array(rows + Self.emptyPanels(layout, rows))])]
    guard let columns = layout.columns else {
      members.merge(view) { first, _ in first }
      return
    }
    members["spec"] = .sorted(view)
    if layout.wraps {
      members["columns"] = .integer(layout.panelsInRow)
      members["facet"] = Self.facet(columns, field: "column")
    } else {
      var facet = ["column": Self.facet(columns, field: "column")]
      if let rows = layout.rows { facet["row"] = Self.facet(rows, field: "row", isRow: true) }
      members["facet"] = .sorted(facet)
    }
  }

  /// A row without a value for each panel that has none; without it the renderer would leave the
  /// panel out and shift all that follow.
  private static func emptyPanels(_ layout: FigureLayout, _ rows: [JSONValue]) -> [JSONValue] {
    guard let columns = layout.columns, let lines = layout.rows,
      case .object(let pattern)? = rows.first
    else { return [] }
    let drawn = Set(rows.map { Self.panel($0) })
    var empty: [JSONValue] = []
    for line in lines.values {
      for column in columns.values where !drawn.contains([column, line]) {
        var fields: [String: JSONValue] = ["column": .string(column), "row": .string(line)]
        // The names of places and series stay, so that no axis gets a place of its own for it.
        for member in pattern where fields[member.key] == nil {
          if case .string = member.value { fields[member.key] = member.value }
        }
        empty.append(.sorted(fields))
      }
    }
    return empty
  }

  /// The column and the row of the panel that a row of data belongs to.
  private static func panel(_ row: JSONValue) -> [String] {
    guard case .object(let members) = row else { return [] }
    return ["column", "row"].map { key in
      guard case .string(let text)? = members.first(where: { $0.key == key })?.value else {
        return ""
      }
      return text
    }
  }

  private static func facet(_ key: PanelKey, field: String, isRow: Bool = false) -> JSONValue {
    let title = FigureWords.title(ofKey: key.key)
    var header: [String: JSONValue] = [
      "labelExpr": .string("'\(title.filter { $0 != "'" && $0 != "\\" }) ' + datum.value"),
      "title": .null,
    ]
    if isRow {
      header["labelOrient"] = .string("right")
      header["labelAngle"] = .integer(90)
    }
    return .sorted([
      "field": .string(field), "header": .sorted(header),
      "sort": .array(key.values.map { .string($0) }), "type": .string("nominal"),
    ])
  }

  /// The fields of a row that say into which panel it belongs.
  static func panelFields(_ layout: FigureLayout, _ panels: [String]) -> [String: JSONValue] {
    var fields: [String: JSONValue] = [:]
    if let columns = layout.columns { fields["column"] = .string(panels[columns.place]) }
    if let rows = layout.rows { fields["row"] = .string(panels[rows.place]) }
    return fields
  }

  /// The keys by which a figure is really cut: at most two, each with more than one value.
  static func panelKeys(_ request: FigureRequest, _ source: FigureSource) -> [PanelKey] {
    request.panels.enumerated().compactMap { place, key in
      let values = source.values(of: key)
      return values.count > 1 ? PanelKey(place: place, key: key, values: values) : nil
    }
  }
}
