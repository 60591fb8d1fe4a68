// Maps of how often one arm's mean holds another's.

import LabGate
import LabManifest
import LabRecord

/// One field of a map.
struct MapField: Hashable {
  /// The text of the value on the horizontal axis.
  var x: String
  /// The text of the value on the vertical axis.
  var y: String
  /// The values of the panel keys.
  var panels: [String]
  /// The mean of the arm over that of the other.
  var ratio: Double
  /// The 95 % interval of the ratio over trials that met the same chances; `nil` where the values
  /// do not differ or are too few.
  var interval: ClosedRange<Double>?
  /// Whether all that is known of the ratio lies at or above the multiple that the figure asks for.
  var isReached: Bool
  /// The place of what it comes from among the origins; `nil` in a figure without interaction.
  var origin: Int?
}

extension FigureSource {
  /// The ratios of two arms in each place of a map, and what is not shown.
  ///
  /// A place is judged as a criterion of that bar would be.
  func map(
    _ request: FigureRequest
  ) -> (fields: [MapField], notes: [String], origins: [FigureOrigin]) {
    guard let crossing = request.crossings.first, let metric = request.metrics.first else {
      return ([], [], [])
    }
    let judge = Judge(experiment: manifest.id, cells: cells, index: index)
    let keys = [request.x, request.y] + request.panels
    var seen: Set<[String]> = []
    var fields: [MapField] = []
    var origins: [FigureOrigin] = []
    var absent = 0
    for cell in cells {
      let values = keys.map { cell[$0] ?? "" }
      guard seen.insert(values).inserted else { continue }
      let criterion = Criterion(
        id: "\(request.id)/\(values.joined(separator: "/"))", text: request.title, metric: metric,
        arm: crossing.arm,
        selection: zip(keys, values).map { .init(key: $0, values: [$1]) }, statistic: .mean,
        scope: .pooled, bar: .atLeastTimes(crossing.times, arm: crossing.other),
        control: .init(text: "", arm: nil, settings: [:]))
      let found = judge.outcome(of: criterion).subject
      guard let ratio = found.figure, ratio.isFinite else {
        absent += 1
        continue
      }
      let mine = cells.filter { other in zip(keys, values).allSatisfy { other[$0] == $1 } }
      fields.append(
        MapField(
          x: values[0], y: values[1], panels: Array(values.dropFirst(2)), ratio: ratio,
          interval: found.interval, isReached: found.verdict == .pass,
          origin: note(mine, arm: crossing.arm, metric: metric, in: &origins)))
    }
    let notes = absent == 0 ? [] : ["\(absent) places have no ratio, as values are missing"]
    return (fields, notes, origins)
  }
}

/// Builds the block of a map.
struct HeatmapBlock {
  private let request: FigureRequest
  private let fields: [MapField]
  private let layout: FigureLayout
  private let xTexts: [String]
  private let yTexts: [String]
  private let interaction: FigureInteraction?

  /// The ratios at which the colour changes.
  private static let steps = [0.67, 0.95, 1.05, 1.5, 2, 3, 5, 10]
  /// Brown where the first arm is the smaller, grey where they are equal, blue where it is the
  /// larger.
  ///
  /// > Source: Brewer and Harrower, *ColorBrewer 2.0*, the schemes BrBG and Blues.
  private static let colours = [
    "#bf812d", "#dfc27d", "#f5f5f5", "#deebf7", "#c6dbef", "#9ecae1", "#6baed6", "#2171b5",
    "#08306b",
  ]
  /// From which ratio on words are white.
  private static let darkness = 5.0
  /// The height of a field with two lines of words, and with one, in pixels.
  private static let (tall, low) = (38, 24)
  /// The width of a colour with its words in the legend, in pixels.
  private static let widthOfStep = 100
  /// The width that a field needs for an interval, in pixels.
  private static let widthOfIntervals = 76

  init(_ request: FigureRequest, _ source: FigureSource, fields: [MapField]) {
    self.request = request
    self.fields = fields
    interaction = source.interaction
    let (drawnX, drawnY) = (Set(fields.map(\.x)), Set(fields.map(\.y)))
    xTexts = source.values(of: request.x).filter { drawnX.contains($0) }
    yTexts = source.values(of: request.y).filter { drawnY.contains($0) }
    layout = FigureLayout(
      keys: FigureBlock.panelKeys(request, source), columns: xTexts.count, rows: yTexts.count,
      fieldWidth: Self.widthOfIntervals, tall: Self.tall, low: Self.low)
  }

  /// Between which ratios a colour stands.
  private static func words(ofStep step: Int) -> String {
    let bounds = steps.map { FigureText.number($0) }
    guard step > 0 else { return "< \(bounds[0])" }
    return step < bounds.count ? "\(bounds[step - 1])–\(bounds[step])" : "≥ \(bounds[step - 1])"
  }

  private var showsIntervals: Bool {
    layout.width >= xTexts.count * Self.widthOfIntervals
      && fields.contains { $0.interval != nil }
  }

  /// What the colours stand for.
  private var name: String {
    guard let crossing = request.crossings.first else { return "" }
    return "\(FigureWords.plain(request.metrics[0])), \(crossing.arm) / \(crossing.other)"
  }

  var block: FigureBlock {
    FigureBlock(
      layout: layout, series: FigureSeries(arms: [], metrics: request.metrics), rows: rows,
      layers: [ground, frames] + words,
      encoding: ["x": axis("x", request.x, xTexts), "y": axis("y", request.y, yTexts)])
  }

  private var rows: [JSONValue] {
    fields.map { field in
      var row = FigureBlock.panelFields(layout, field.panels)
      row["x"] = .string(field.x)
      row["y"] = .string(field.y)
      row["ratio"] = .number(field.ratio)
      row["step"] = .string(Self.words(ofStep: Self.steps.count { $0 <= field.ratio }))
      row["reached"] = .bool(field.isReached)
      row["words"] = .string(FigureText.number(field.ratio, digits: 3))
      if let interval = field.interval {
        row["interval"] = .string(
          "\(FigureText.number(interval.lowerBound, digits: 3))–"
            + FigureText.number(interval.upperBound, digits: 3))
        row["high"] = .number(interval.upperBound)
        row["low"] = .number(interval.lowerBound)
      }
      if let origin = field.origin {
        row["origin"] = .integer(origin)
        row["figure"] = .string(
          FigureText.figure(field.ratio, interval: field.interval, unit: "×"))
      }
      return .sorted(row)
    }
  }

  private func axis(_ field: String, _ key: String, _ texts: [String]) -> JSONValue {
    .sorted([
      "axis": .sorted([
        "domain": .bool(false), "grid": .bool(false), "labelAngle": .integer(0),
        "ticks": .bool(false),
      ]),
      "field": .string(field), "scale": .sorted(["padding": .number(0.03)]),
      "sort": .array(texts.map { .string($0) }), "title": .string(FigureWords.title(ofKey: key)),
      "type": .string("ordinal"),
    ])
  }

  private var ground: JSONValue {
    var encoding: [String: JSONValue] = [
      "color": .sorted([
        "field": .string("step"),
        "legend": .sorted([
          "columns": .integer(max(1, layout.totalWidth / Self.widthOfStep)),
          "symbolType": .string("square"), "title": .string(name),
          "titleFontWeight": .string("normal"), "titleLimit": .integer(layout.totalWidth),
        ]),
        "scale": .sorted([
          "domain": .array(Self.colours.indices.map { .string(Self.words(ofStep: $0)) }),
          "range": .array(Self.colours.map { .string($0) }),
        ]),
        "type": .string("nominal"),
      ])
    ]
    if let interaction { encoding["tooltip"] = interaction.tooltip(figure: "ratio") }
    return .sorted([
      "encoding": .sorted(encoding), "mark": .sorted(["type": .string("rect")]),
    ])
  }

  /// A frame around each field where the multiple is reached.
  private var frames: JSONValue {
    .sorted([
      "mark": .sorted([
        "fillOpacity": .integer(0), "stroke": .string(FigureTheme.colour(1)),
        "strokeWidth": .integer(3), "type": .string("rect"),
      ]),
      "transform": .array([.sorted(["filter": .string("datum.reached")])]),
    ])
  }

  private var words: [JSONValue] {
    guard showsIntervals else { return [text("words", size: 13, lift: 0, where: nil)] }
    return [
      text("words", size: 13, lift: 0, where: "!datum.interval"),
      text("words", size: 13, lift: -7, where: "datum.interval"),
      text("interval", size: 10, lift: 9, where: "datum.interval"),
    ]
  }

  private func text(_ field: String, size: Int, lift: Int, where test: String?) -> JSONValue {
    var layer: [String: JSONValue] = [
      "encoding": .sorted([
        "color": .sorted([
          "condition": .sorted([
            "test": .string("datum.ratio >= \(FigureText.number(Self.darkness))"),
            "value": .string("#ffffff"),
          ]),
          "value": .string("#1a1a1a"),
        ]),
        "text": .sorted(["field": .string(field), "type": .string("nominal")]),
      ]),
      "mark": .sorted([
        "dy": .integer(lift), "fontSize": .integer(size), "type": .string("text"),
      ]),
    ]
    if let test { layer["transform"] = .array([.sorted(["filter": .string(test)])]) }
    return .sorted(layer)
  }
}
