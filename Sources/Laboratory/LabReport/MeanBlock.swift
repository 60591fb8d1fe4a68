// Lines and bars of means with their intervals.

import LabGate
import LabManifest

/// Builds one block of means.
struct MeanBlock {
  private let request: FigureRequest
  private let points: [FigurePoint]
  private let series: FigureSeries
  private let layout: FigureLayout
  private let unit: AxisUnit
  private let xTexts: [String]
  private let scale: SweptScale
  private let interaction: FigureInteraction?

  init(_ request: FigureRequest, _ source: FigureSource, points: [FigurePoint], unit: String) {
    self.request = request
    self.points = points
    interaction = source.interaction
    let drawnArms = Set(points.map(\.arm))
    let drawnMetrics = Set(points.map(\.metric))
    series = FigureSeries(
      arms: source.series(request).enumerated().filter { drawnArms.contains($1.name) }
        .map { (place: $0, name: $1.name) },
      metrics: request.metrics.filter { drawnMetrics.contains($0) })
    let drawnX = Set(points.map(\.x))
    xTexts =
      drawnX == [""] ? [""] : source.axisTexts(request, drawn: drawnX)
    let marks = request.mark == .bar ? xTexts.count * series.colourCount * series.metrics.count : 0
    layout = FigureLayout(
      keys: FigureBlock.panelKeys(request, source), needed: marks * 16 + xTexts.count * 12)
    scale =
      request.mark == .line
      ? .forLine(
        xTexts, logarithmic: request.logarithmic.contains(.x), width: layout.width)
      : .categorical
    self.unit = AxisUnit(
      unit: unit,
      largest: points.map { max(abs($0.mean), abs($0.interval.upperBound)) }.max() ?? 0)
  }

  /// Bars stand on zero, which a logarithmic axis does not have.
  private var drawsBars: Bool { request.mark == .bar && !request.logarithmic.contains(.y) }

  /// Whether intervals reach 0 on a logarithmic axis, which has none.
  private var cutsIntervals: Bool {
    request.logarithmic.contains(.y) && points.allSatisfy { $0.mean > 0 }
      && points.contains { $0.interval.lowerBound <= 0 }
  }

  /// Where such intervals end instead.
  private var foot: Double {
    guard cutsIntervals else { return -.infinity }
    let shown = points.flatMap { [$0.mean, $0.interval.lowerBound] }.filter { $0 > 0 }
    return (shown.min() ?? 1) / 2
  }

  var block: FigureBlock {
    var block = FigureBlock(
      layout: layout, series: series, rows: rows, layers: layers, encoding: encoding)
    if cutsIntervals {
      block.notes.append("Intervals that reach 0 end at the foot of the logarithmic axis")
    }
    block.notes += crossings.notes
    return block
  }

  private var rows: [JSONValue] {
    points.map { point in
      var fields = FigureBlock.panelFields(layout, point.panels)
      fields["x"] = .string(point.x)
      switch scale {
      case .categorical: break
      case .linear(let amounts), .logarithmic(let amounts):
        let place = xTexts.firstIndex(of: point.x) ?? 0
        fields["at"] = .number(amounts[place])
      }
      fields["high"] = .number(point.interval.upperBound / unit.divisor)
      fields["low"] = .number(max(point.interval.lowerBound, foot) / unit.divisor)
      fields["mean"] = .number(point.mean / unit.divisor)
      fields["series"] = .string(series.series(arm: point.arm, metric: point.metric))
      if series.dashesMetrics { fields["metric"] = .string(FigureWords.plain(point.metric)) }
      if let origin = point.origin {
        fields["origin"] = .integer(origin)
        fields["figure"] = .string(
          FigureText.figure(
            point.mean / unit.divisor, interval: scaled(point.interval), unit: unit.name))
      }
      return .sorted(fields)
    }
  }

  /// An interval in the unit of the axis; `nil` where there is none.
  private func scaled(_ interval: ClosedRange<Double>) -> ClosedRange<Double>? {
    guard interval.lowerBound < interval.upperBound else { return nil }
    return interval.lowerBound / unit.divisor...interval.upperBound / unit.divisor
  }

  private var encoding: [String: JSONValue] {
    var encoding = ["color": series.colour(width: layout.totalWidth, isFilled: drawsBars), "x": x]
    if request.mark == .bar, series.colourCount > 1 {
      encoding["xOffset"] = .sorted([
        "field": .string("series"),
        "scale": .sorted(["paddingInner": .number(drawsBars ? 0.08 : 0.4)]),
        "sort": .null, "type": .string("nominal"),
      ])
    }
    return encoding
  }

  private var x: JSONValue {
    let title =
      request.x.isEmpty || xTexts == [""] ? JSONValue.null : .string(xTitle)
    switch scale {
    case .categorical:
      let words = FigureWords.withoutCommonFolder(xTexts)
      let widest = words.map(FigureWords.pixels).max() ?? 0
      let slot = Double(layout.width) / Double(max(xTexts.count, 1))
      var axis: [String: JSONValue] = ["labelAngle": .integer(widest > slot ? -40 : 0)]
      if words != xTexts {
        let (full, short) = (Self.list(xTexts), Self.list(words))
        axis["labelExpr"] = .string("\(short)[indexof(\(full), datum.value)]")
      }
      if xTexts == [""] { axis = ["labels": .bool(false), "ticks": .bool(false)] }
      let padding: [String: JSONValue] =
        request.mark == .bar
        ? ["paddingInner": .number(0.3), "paddingOuter": .number(0.15), "type": .string("band")]
        : ["padding": .number(0.5), "type": .string("point")]
      return .sorted([
        "axis": .sorted(axis), "field": .string("x"), "scale": .sorted(padding),
        "sort": .array(xTexts.map { .string($0) }), "title": title, "type": .string("ordinal"),
      ])
    case .linear(let amounts): return quantitative(amounts, type: "linear", title: title)
    case .logarithmic(let amounts): return quantitative(amounts, type: "log", title: title)
    }
  }

  private static func list(_ words: [String]) -> String {
    JSONValue.array(words.map { .string($0) }).line
  }

  /// Where few values are swept, each has its tick with its own text; many have ticks of the axis.
  private func quantitative(_ amounts: [Double], type: String, title: JSONValue) -> JSONValue {
    var axis: [String: JSONValue] = [:]
    if amounts.count <= SweptScale.labelLimit {
      let texts = Self.list(xTexts)
      let values = JSONValue.array(amounts.map { .number($0) })
      axis["labelExpr"] = .string("\(texts)[indexof(\(values.line), datum.value)]")
      axis["values"] = values
    }
    var scale: [String: JSONValue] = [
      "nice": .bool(false), "padding": .integer(SweptScale.edge), "type": .string(type),
    ]
    // A logarithmic axis has no zero to leave out.
    if type == "linear" { scale["zero"] = .bool(false) }
    return .sorted([
      "axis": .sorted(axis), "field": .string("at"),
      "scale": .sorted(scale),
      "title": title, "type": .string("quantitative"),
    ])
  }

  private var xTitle: String {
    let title = FigureWords.title(ofKey: request.x)
    guard scale != .categorical, xTexts.count > SweptScale.labelLimit, let first = xTexts.first
    else { return title }
    return switch SweptQuantity(first)?.kind {
    case .bytes: "\(title) (B)"
    case .seconds: "\(title) (s)"
    case .percent: "\(title) (%)"
    case .number, nil: title
    }
  }

  private func y(_ field: String) -> JSONValue {
    .sorted(["field": .string(field), "type": .string("quantitative")])
  }

  private var titledMean: JSONValue {
    let values = points.flatMap {
      [$0.mean, max($0.interval.lowerBound, foot), $0.interval.upperBound]
    }
    let low = values.min() ?? 0
    let high = values.max() ?? 0
    // A line may leave zero out only where that would waste most of the height.
    let isZeroBased = drawsBars || (low <= 0 && high >= 0) || abs(low) < abs(high) * 0.6
    let axis = ValueAxis(
      logarithmic: request.logarithmic.contains(.y), isZeroBased: isZeroBased,
      values: values.map { $0 / unit.divisor }, tickCount: layout.height >= 250 ? 6 : 4)
    let title = FigureWords.title(of: series.metrics, unit: unit.name, length: layout.height)
    return .sorted([
      "axis": axis.ticks, "field": .string("mean"), "scale": axis.scale,
      "title": .string(axis.isTwoSided ? "\(title), logarithmic around 0" : title),
      "type": .string("quantitative"),
    ])
  }

  private var layers: [JSONValue] {
    switch request.mark {
    case .line, .distribution, .curve, .heatmap: lineLayers
    case .bar: drawsBars ? [bars] + zeros + whiskers : whiskers + [dots]
    }
  }

  private var lineLayers: [JSONValue] {
    var line: [String: JSONValue] = ["y": titledMean]
    if series.dashesMetrics { line["strokeDash"] = series.dash }
    let band: [String: JSONValue] = ["y": y("low"), "y2": .sorted(["field": .string("high")])]
    let parting = (series.dashesMetrics ? ["metric"] : []) + (interaction?.lineFields ?? [])
    var details: [String: JSONValue] = [:]
    if !parting.isEmpty {
      let fields = parting.map {
        JSONValue.sorted(["field": .string($0), "type": .string("nominal")])
      }
      details["detail"] = fields.count == 1 ? fields[0] : .array(fields)
      if interaction != nil { line["detail"] = details["detail"] }
    }
    var layers: [JSONValue] = [
      .sorted([
        "encoding": .sorted(line),
        "mark": .sorted(["type": .string("line")]),
      ]),
      dots,
    ]
    if xTexts.count > 1 {
      let area = JSONValue.sorted([
        "encoding": .sorted(band.merging(details) { first, _ in first }),
        "mark": .sorted(["opacity": .number(0.16), "type": .string("area")]),
      ])
      layers.insert(area, at: 0)
    } else {
      layers.insert(contentsOf: whiskers, at: 0)
    }
    return layers + crossings.layers + hoverTargets
  }

  private var crossings: CrossingMarks {
    let amounts: [Double] =
      switch scale {
      case .categorical: []
      case .linear(let amounts), .logarithmic(let amounts): amounts
      }
    return CrossingMarks(
      request.crossings, points: points, metric: request.metrics.first ?? "",
      places: Dictionary(zip(xTexts, amounts)) { first, _ in first })
  }

  /// What a mark says when a pointer rests on it.
  private var tooltip: [String: JSONValue] {
    interaction.map { ["tooltip": $0.tooltip(figure: "mean")] } ?? [:]
  }

  /// Unseen dots that are larger than the seen ones, for fingers and tired hands.
  private var hoverTargets: [JSONValue] {
    guard interaction != nil else { return [] }
    return [
      .sorted([
        "encoding": .sorted(tooltip.merging(["y": titledMean]) { first, _ in first }),
        "mark": .sorted([
          "filled": .bool(true), "opacity": .integer(0), "size": .integer(320),
          "type": .string("point"),
        ]),
      ])
    ]
  }

  private var dots: JSONValue {
    let encoding = ["shape": series.shape(width: layout.totalWidth), "y": titledMean]
    return .sorted([
      "encoding": .sorted(encoding.merging(tooltip) { first, _ in first }),
      "mark": .sorted([
        "filled": .bool(true), "opacity": .integer(1), "size": .integer(52),
        "type": .string("point"),
      ]),
    ])
  }

  private var bars: JSONValue {
    .sorted([
      "encoding": .sorted(tooltip.merging(["y": titledMean]) { first, _ in first }),
      "mark": .sorted(["type": .string("bar")]),
    ])
  }

  /// A stroke on the axis for each mean of 0, where a bar would not be seen.
  private var zeros: [JSONValue] {
    guard points.contains(where: { $0.mean == 0 }) else { return [] }
    return [
      .sorted([
        "encoding": .sorted(tooltip.merging(["y": y("mean")]) { first, _ in first }),
        "mark": .sorted([
          "opacity": .integer(1), "orient": .string("horizontal"), "size": .integer(14),
          "thickness": .integer(3), "type": .string("tick"),
        ]),
        "transform": .array([.sorted(["filter": .string("datum.mean === 0")])]),
      ])
    ]
  }

  /// A rule with two short ends, where there is an interval.
  private var whiskers: [JSONValue] {
    guard points.contains(where: { $0.interval.lowerBound < $0.interval.upperBound }) else {
      return []
    }
    let filter = JSONValue.array([.sorted(["filter": .string("datum.low < datum.high")])])
    let ink = JSONValue.sorted(["value": .string("#333333")])
    func end(_ field: String) -> JSONValue {
      .sorted([
        "encoding": .sorted(["color": ink, "y": y(field)]),
        "mark": .sorted([
          "orient": .string("horizontal"), "size": .integer(7), "thickness": .number(1.3),
          "type": .string("tick"),
        ]),
        "transform": filter,
      ])
    }
    return [
      .sorted([
        "encoding": .sorted([
          "color": ink, "y": y("low"), "y2": .sorted(["field": .string("high")]),
        ]),
        "mark": .sorted(["strokeWidth": .number(1.3), "type": .string("rule")]),
        "transform": filter,
      ]), end("low"), end("high"),
    ]
  }
}
