// The figure of a paired comparison: the ratios of its blocks in the order of time.

import Glibc
public import LabGate
public import LabRecord

/// A comparison as a Vega-Lite specification of version 5 with its data.
///
/// One dot is the mean ratio of a block, one colour the head and one the control; the strip is the
/// margin, the line and the band beside the dots the head's estimate and its interval.
/// - Determinism: A pure function of the blocks and the judgement.
public struct ComparisonFigure: Hashable, Sendable {
  /// The specification as JSON with sorted keys.
  public let text: String

  private static let names = (head: "head / base", control: "base / base (control)")

  /// Draws a comparison.
  ///
  /// - Parameters:
  ///   - title: What is compared, in words.
  ///   - judgement: `nil` when there were too few blocks for one; then the dots stand alone.
  public init(title: String, blocks: [ComparisonBlock], judgement: ComparisonJudgement?) {
    let layers = Self.strips(judgement, blocks: blocks.count) + [Self.dots(blocks)]
    text =
      JSONValue.sorted([
        "$schema": .string(FigureSpecification.schema), "config": FigureTheme.configuration,
        "description": .string(title), "height": .integer(300), "layer": .array(layers),
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

  private static func dots(_ blocks: [ComparisonBlock]) -> JSONValue {
    func row(_ block: ComparisonBlock, _ name: String, _ logarithms: [Double]) -> JSONValue {
      let mean = logarithms.reduce(0, +) / Double(max(1, logarithms.count))
      return .sorted([
        "block": .integer(block.index + 1), "ratio": .number(exp(mean)), "series": .string(name),
      ])
    }
    let rows = blocks.flatMap { block in
      [
        row(block, names.head, ShiftEstimate.pairRatios(block)),
        row(block, names.control, ShiftEstimate.controlRatios(block)),
      ]
    }
    // At most a dozen whole numbers have labels.
    let marks = stride(from: 1, through: max(1, blocks.count), by: 1 + blocks.count / 13)
    let series = [JSONValue.string(names.head), .string(names.control)]
    func channel(_ range: [String]) -> JSONValue {
      .sorted([
        "field": .string("series"),
        "scale": .sorted(["domain": .array(series), "range": .array(range.map { .string($0) })]),
        "type": .string("nominal"),
      ])
    }
    return .sorted([
      "data": .sorted(["values": .array(rows)]),
      "encoding": .sorted([
        "color": channel([FigureTheme.colour(1), FigureTheme.colour(0)]),
        "shape": channel([FigureTheme.shapes[1], FigureTheme.shapes[0]]),
        "x": .sorted([
          "axis": .sorted(["values": .array(marks.map { .integer($0) })]),
          "field": .string("block"),
          "scale": .sorted(["nice": .bool(false), "padding": .integer(14), "zero": .bool(false)]),
          "title": .string("block"), "type": .string("quantitative"),
        ]),
        "y": .sorted([
          "field": .string("ratio"), "scale": .sorted(["zero": .bool(false)]),
          "title": .string("ratio of processor times"), "type": .string("quantitative"),
        ]),
      ]),
      "mark": .sorted([
        "filled": .bool(true), "opacity": .number(0.8), "size": .integer(42),
        "type": .string("point"),
      ]),
    ])
  }

  /// The margin around 1, the head's interval and the two ratios as lines.
  private static func strips(_ judgement: ComparisonJudgement?, blocks: Int) -> [JSONValue] {
    guard let judgement else { return [line(at: 1, colour: "#8c8c8c")] }
    let margin = (1 / (1 + judgement.margin))...(1 + judgement.margin)
    return [
      strip(margin, colour: "#8c8c8c"),
      strip(judgement.head.interval, colour: FigureTheme.colour(1)),
      line(at: 1, colour: "#8c8c8c"), line(at: judgement.head.ratio, colour: FigureTheme.colour(1)),
    ]
  }

  private static func strip(_ range: ClosedRange<Double>, colour: String) -> JSONValue {
    .sorted([
      "data": .sorted(["values": .array([.sorted(["at": .integer(0)])])]),
      "encoding": .sorted([
        "y": .sorted(["datum": .number(range.lowerBound)]),
        "y2": .sorted(["datum": .number(range.upperBound)]),
      ]),
      "mark": .sorted([
        "color": .string(colour), "opacity": .number(0.16), "type": .string("rect"),
      ]),
    ])
  }

  private static func line(at ratio: Double, colour: String) -> JSONValue {
    .sorted([
      "data": .sorted(["values": .array([.sorted(["at": .integer(0)])])]),
      "encoding": .sorted(["y": .sorted(["datum": .number(ratio)])]),
      "mark": .sorted(["color": .string(colour), "type": .string("rule")]),
    ])
  }
}
