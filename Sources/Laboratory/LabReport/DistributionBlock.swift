// Cumulative distributions.

import LabGate
import LabManifest

/// Builds one block of cumulative distributions.
struct DistributionBlock {
  private let request: FigureRequest
  private let points: [DistributionPoint]
  private let series: FigureSeries
  private let layout: FigureLayout
  private let unit: AxisUnit
  private let interaction: FigureInteraction?

  init(
    _ request: FigureRequest, _ source: FigureSource, points: [DistributionPoint], unit: String
  ) {
    self.request = request
    self.points = points
    interaction = source.interaction
    let drawnArms = Set(points.map(\.arm))
    let drawnMetrics = Set(points.map(\.metric))
    series = FigureSeries(
      arms: source.series(request).enumerated().filter { drawnArms.contains($1.name) }
        .map { (place: $0, name: $1.name) },
      metrics: request.metrics.filter { drawnMetrics.contains($0) })
    layout = FigureLayout(keys: FigureBlock.panelKeys(request, source), needed: 0)
    // The unit suits the bulk of the values, not the longest tail.
    let bulk = points.filter { $0.share <= 0.9 }.map { abs($0.value) }.max() ?? 0
    self.unit = AxisUnit(unit: unit, largest: bulk)
  }

  var block: FigureBlock {
    FigureBlock(
      layout: layout, series: series, rows: rows, layers: [line] + hoverTargets,
      encoding: ["color": series.colour(width: layout.totalWidth), "x": x, "y": y])
  }

  private var rows: [JSONValue] {
    points.map { point in
      var fields = FigureBlock.panelFields(layout, point.panels)
      fields["series"] = .string(series.series(arm: point.arm, metric: point.metric))
      fields["share"] = .number(point.share)
      fields["value"] = .number(point.value / unit.divisor)
      if series.dashesMetrics { fields["metric"] = .string(FigureWords.plain(point.metric)) }
      if let origin = point.origin { fields["origin"] = .integer(origin) }
      return .sorted(fields)
    }
  }

  private var x: JSONValue {
    let axis = ValueAxis(
      logarithmic: request.logarithmic.contains(.x), isZeroBased: false,
      values: points.map { $0.value / unit.divisor }, tickCount: max(3, layout.width / 80))
    let title = FigureWords.title(of: series.metrics, unit: unit.name, length: layout.width)
    return .sorted([
      "axis": axis.ticks, "field": .string("value"), "scale": axis.scale,
      "title": .string(axis.isTwoSided ? "\(title), logarithmic around 0" : title),
      "type": .string("quantitative"),
    ])
  }

  private var y: JSONValue {
    .sorted([
      "axis": .sorted(["format": .string("%"), "tickCount": .integer(5)]),
      "field": .string("share"),
      "scale": .sorted(["domain": .array([.integer(0), .integer(1)])]),
      "title": .string("share of values at most this"), "type": .string("quantitative"),
    ])
  }

  private var line: JSONValue {
    .sorted([
      "encoding": .sorted(lineEncoding),
      "mark": .sorted(["clip": .bool(true), "type": .string("line")]),
    ])
  }

  /// An unseen line that is wider than the seen one.
  private var hoverTargets: [JSONValue] {
    guard let interaction else { return [] }
    var encoding = lineEncoding
    encoding["strokeDash"] = nil
    encoding["tooltip"] = interaction.tooltip(figure: nil)
    return [
      .sorted([
        "encoding": .sorted(encoding),
        "mark": .sorted([
          "clip": .bool(true), "opacity": .integer(0), "strokeWidth": .integer(14),
          "type": .string("line"),
        ]),
      ])
    ]
  }

  private var lineEncoding: [String: JSONValue] {
    var encoding: [String: JSONValue] = [
      "order": .sorted(["field": .string("share"), "type": .string("quantitative")])
    ]
    if series.dashesMetrics { encoding["strokeDash"] = series.dash }
    if interaction != nil {
      encoding["detail"] = .sorted(["field": .string("origin"), "type": .string("nominal")])
    }
    return encoding
  }
}
