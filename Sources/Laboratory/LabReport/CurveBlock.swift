// Curves of one metric against another.

import LabGate
import LabManifest
import LabRecord
import Statistics

/// One cell of a curve.
struct CurvePoint: Hashable {
  /// What the colour stands for: the arm, or the arm and a swept value.
  var arm: String
  /// The metric on the vertical axis.
  var metric: String
  /// The values of the panel keys.
  var panels: [String]
  /// The place in the order of the sweep.
  var place: Int
  /// The mean of the metric on the horizontal axis.
  var x: Double
  /// The mean of the metric on the vertical axis.
  var y: Double
  /// The place of what it comes from among the origins; `nil` in a figure without interaction.
  var origin: Int?
}

extension FigureSource {
  /// The means of two metrics in each cell, and what is not shown.
  func curves(_ request: FigureRequest) throws(StatisticsError) -> (
    points: [CurvePoint], notes: [String], origins: [FigureOrigin]
  ) {
    var points: [CurvePoint] = []
    var origins: [FigureOrigin] = []
    var absence = FigureAbsence()
    for metric in request.metrics {
      for series in series(request) {
        for (place, cell) in cells.enumerated() {
          if let key = request.series, cell[key] != series.value { continue }
          let across = numbers(metric: request.x, arm: series.arm, cells: [cell], &absence)
          let up = numbers(metric: metric, arm: series.arm, cells: [cell], &absence)
          guard !across.isEmpty, !up.isEmpty else { continue }
          points.append(
            CurvePoint(
              arm: series.name, metric: metric, panels: request.panels.map { cell[$0] ?? "" },
              place: place, x: try MeanInterval(across).mean, y: try MeanInterval(up).mean,
              origin: note([cell], arm: series.arm, metric: metric, in: &origins)))
        }
      }
    }
    return (points, absence.notes, origins)
  }
}

/// Builds one block of curves.
struct CurveBlock {
  private let request: FigureRequest
  private let points: [CurvePoint]
  private let series: FigureSeries
  private let layout: FigureLayout
  private let acrossUnit: AxisUnit
  private let upUnit: AxisUnit
  private let interaction: FigureInteraction?

  init(_ request: FigureRequest, _ source: FigureSource, points: [CurvePoint], unit: String) {
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
    acrossUnit = AxisUnit(
      unit: source.index.metrics[request.x]?.unit ?? "1",
      largest: points.map { abs($0.x) }.max() ?? 0)
    upUnit = AxisUnit(unit: unit, largest: points.map { abs($0.y) }.max() ?? 0)
  }

  var block: FigureBlock {
    FigureBlock(
      layout: layout, series: series, rows: rows, layers: [line, dots],
      encoding: ["color": series.colour(width: layout.totalWidth), "x": x, "y": y])
  }

  private var rows: [JSONValue] {
    points.map { point in
      var fields = FigureBlock.panelFields(layout, point.panels)
      fields["series"] = .string(series.series(arm: point.arm, metric: point.metric))
      fields["place"] = .integer(point.place)
      fields["x"] = .number(point.x / acrossUnit.divisor)
      fields["y"] = .number(point.y / upUnit.divisor)
      if series.dashesMetrics { fields["metric"] = .string(FigureWords.plain(point.metric)) }
      if let origin = point.origin {
        fields["origin"] = .integer(origin)
        fields["figure"] = .string(
          FigureText.figure(point.y / upUnit.divisor, interval: nil, unit: upUnit.name))
      }
      return .sorted(fields)
    }
  }

  private var x: JSONValue {
    axis(
      "x", values: points.map { $0.x / acrossUnit.divisor },
      isLogarithmic: request.logarithmic.contains(.x), tickCount: max(3, layout.width / 80),
      title: FigureWords.title(FigureWords.plain(request.x), unit: acrossUnit.name))
  }

  private var y: JSONValue {
    axis(
      "y", values: points.map { $0.y / upUnit.divisor },
      isLogarithmic: request.logarithmic.contains(.y), tickCount: 6,
      title: FigureWords.title(of: series.metrics, unit: upUnit.name, length: layout.height))
  }

  private func axis(
    _ field: String, values: [Double], isLogarithmic: Bool, tickCount: Int, title: String
  ) -> JSONValue {
    let axis = ValueAxis(
      logarithmic: isLogarithmic, isZeroBased: false, values: values, tickCount: tickCount)
    return .sorted([
      "axis": axis.ticks, "field": .string(field), "scale": axis.scale,
      "title": .string(axis.isTwoSided ? "\(title), logarithmic around 0" : title),
      "type": .string("quantitative"),
    ])
  }

  private var line: JSONValue {
    var encoding = ["order": order]
    if series.dashesMetrics { encoding["strokeDash"] = series.dash }
    return .sorted(["encoding": .sorted(encoding), "mark": .sorted(["type": .string("line")])])
  }

  private var order: JSONValue {
    .sorted(["field": .string("place"), "type": .string("quantitative")])
  }

  private var dots: JSONValue {
    var encoding = ["shape": series.shape(width: layout.totalWidth)]
    if let interaction { encoding["tooltip"] = interaction.tooltip(figure: "mean") }
    return .sorted([
      "encoding": .sorted(encoding),
      "mark": .sorted([
        "filled": .bool(true), "opacity": .integer(1), "size": .integer(52),
        "type": .string("point"),
      ]),
    ])
  }
}
