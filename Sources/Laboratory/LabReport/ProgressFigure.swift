// The figure of something that grows as a count does: a curve with a point for each reading.

import LabGate

/// One quantity over a count, as a Vega-Lite specification of version 5 with its data.
///
/// - Determinism: A pure function of the points.
public struct ProgressFigure: Hashable, Sendable {
  /// The specification as JSON with sorted keys.
  public let text: String

  /// Draws a curve.
  ///
  /// - Parameters:
  ///   - title: What is shown, in words.
  ///   - axes: What the count and the quantity are called.
  ///   - points: The count and the quantity of each reading, in order.
  ///   - goal: Where a line is drawn across.
  public init(
    title: String, axes: (count: String, quantity: String), points: [(Int, Double)], goal: Double?
  ) {
    func encoding(_ field: String, _ name: String) -> JSONValue {
      .sorted([
        "field": .string(field), "scale": .sorted(["zero": .bool(false)]),
        "title": .string(name), "type": .string("quantitative"),
      ])
    }
    let rows = points.map { JSONValue.sorted(["count": .integer($0.0), "value": .number($0.1)]) }
    let curve = JSONValue.sorted([
      "data": .sorted(["values": .array(rows)]),
      "encoding": .sorted([
        "x": encoding("count", axes.count), "y": encoding("value", axes.quantity),
      ]),
      "mark": .sorted([
        "color": .string(FigureTheme.colour(1)), "point": .bool(true), "type": .string("line"),
      ]),
    ])
    let line = goal.map { goal in
      JSONValue.sorted([
        "data": .sorted(["values": .array([.sorted(["at": .integer(0)])])]),
        "encoding": .sorted(["y": .sorted(["datum": .number(goal)])]),
        "mark": .sorted(["color": .string("#8c8c8c"), "type": .string("rule")]),
      ])
    }
    text =
      JSONValue.sorted([
        "$schema": .string(FigureSpecification.schema), "config": FigureTheme.configuration,
        "description": .string(title), "height": .integer(300),
        "layer": .array([line, curve].compactMap { $0 }),
        "title": .array(FigureWords.lines(title, width: 62).map { .string($0) }),
        "width": .integer(520),
      ]).text
  }

  /// Writes the specification, and the picture where there is a renderer.
  ///
  /// - Parameter path: The path of both without its ending.
  /// - Returns: What must be said when there is no new picture.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public func write(to path: String, renderer: FigureRenderer?) throws(ReportError) -> [String] {
    try FigureRenderer.write(text, to: path, renderer)
  }
}
