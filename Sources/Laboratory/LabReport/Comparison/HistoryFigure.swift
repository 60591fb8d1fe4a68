// The drawing of a metric's history.

import Journal
import LabGate
import Statistics

extension MetricHistory {
  /// The history as a Vega-Lite specification: a line for each cell and arm over the runs, a band
  /// of the interval, a rule at each step, and hollow dots for runs of another version or size.
  ///
  /// - Determinism: A pure function of the history.
  public var specification: String {
    var rows: [JSONValue] = []
    for one in series {
      for (place, point) in one.points.enumerated() {
        rows.append(
          .sorted([
            "comparable": .bool(point.mark.isEmpty), "figure": .number(point.figure),
            "high": .number(point.interval?.upperBound ?? point.figure),
            "low": .number(point.interval?.lowerBound ?? point.figure),
            "run": .string("\(point.time) \(point.label)"),
            "series": .string("\(one.arm), \(one.place)"),
            "step": .bool(one.changes.places.contains(place)),
          ]))
      }
    }
    let figure = Self.field("figure", "quantitative", title: FigureWords.plain(metric))
    let rule = JSONValue.sorted([
      "mark": .sorted([
        "strokeDash": .array([.integer(4), .integer(3)]), "strokeWidth": .number(1.5),
        "type": .string("rule"),
      ]),
      "transform": .array([.sorted(["filter": .string("datum.step")])]),
    ])
    let layers: [JSONValue] = [
      .sorted([
        "encoding": .sorted([
          "y": Self.field("low", "quantitative"), "y2": .sorted(["field": .string("high")]),
        ]), "mark": .sorted(["opacity": .number(0.16), "type": .string("area")]),
      ]),
      rule,
      .sorted(["encoding": .sorted(["y": figure]), "mark": .sorted(["type": .string("line")])]),
      .sorted([
        "encoding": .sorted([
          "fillOpacity": .sorted([
            "condition": .sorted(["test": .string("datum.comparable"), "value": .integer(1)]),
            "value": .integer(0),
          ]), "y": figure,
        ]),
        "mark": .sorted([
          "filled": .bool(true), "size": .integer(52), "strokeWidth": .number(1.5),
          "type": .string("point"),
        ]),
      ]),
    ]
    let title = "\(FigureWords.plain(metric)) over kept runs; rules stand where it steps"
    return JSONValue.sorted([
      "$schema": .string(FigureSpecification.schema), "config": FigureTheme.configuration,
      "data": .sorted(["values": .array(rows)]), "description": .string(title),
      "encoding": .sorted([
        "color": .sorted([
          "field": .string("series"),
          "legend": series.count > 1
            ? .sorted(["columns": .integer(1), "labelLimit": .integer(700)]) : .null,
          "scale": .sorted(["range": .array(FigureTheme.palette.map { .string($0) })]),
          "type": .string("nominal"),
        ]),
        "x": .sorted([
          "axis": .sorted(["labelAngle": .integer(-40), "labelLimit": .integer(180)]),
          "field": .string("run"), "title": .null, "type": .string("ordinal"),
        ]),
      ]),
      "height": .integer(320), "layer": .array(layers),
      "title": .array(FigureWords.lines(title, width: 84).map { .string($0) }),
      "width": .integer(700),
    ]).text
  }

  private static func field(_ name: String, _ type: String, title: String? = nil) -> JSONValue {
    .sorted([
      "field": .string(name), "scale": .sorted(["zero": .bool(false)]),
      "title": .optional(title), "type": .string(type),
    ])
  }
}

extension FigureRenderer {
  /// Draws one specification that stands in no record.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)`` with what the renderer says.
  public func draw(_ specification: String, to picture: String) throws(ReportError) {
    let file = "\(picture).vl.json"
    do {
      try AtomicFile.write(specification, to: file)
    } catch {
      throw .unwritable(path: file, reason: "\(error)")
    }
    let stamp = PictureState.stamp(of: specification)
    let problems = render([Job(specification: file, picture: picture, stamp: stamp)])
    if let problem = problems.first { throw .unwritable(path: picture, reason: problem) }
  }
}
