// How every figure looks.

import LabGate

/// The one look of all figures: white ground, quiet axes, colours that colour-blind readers tell
/// apart.
enum FigureTheme {
  /// The palette of Okabe and Ito without its yellow, which is too pale on white, and behind it the
  /// same colours half as strong.
  ///
  /// > Source: Okabe and Ito, *Color Universal Design*, 2008.
  static let palette = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
    "#80B9D9", "#EAAF80", "#80CFB9", "#E6BCD3", "#F3D080", "#ABDAF4", "#808080",
  ]
  /// The marks that go with the colours, so that print without colours still tells series apart.
  static let shapes = [
    "circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "stroke",
  ]
  /// The dashes that tell metrics apart where colours tell arms apart.
  static let dashes: [[Int]] = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 6], [1, 3]]

  /// The colour of a place in a list; the palette begins anew behind its end.
  static func colour(_ place: Int) -> String { palette[place % palette.count] }

  private static let ink = "#333333"
  private static let quiet = "#8c8c8c"

  /// The configuration of a specification.
  static var configuration: JSONValue {
    .sorted([
      "axis": .sorted([
        "domainColor": .string(quiet), "gridColor": .string("#e8e8e8"),
        "labelColor": .string(ink), "labelFontSize": .integer(12),
        "labelOverlap": .string("greedy"), "tickColor": .string(quiet),
        "titleColor": .string(ink), "titleFontSize": .integer(13),
        "titleFontWeight": .string("normal"), "titlePadding": .integer(10),
      ]),
      "axisX": .sorted(["grid": .bool(false)]),
      "background": .string("#ffffff"),
      "facet": .sorted(["spacing": .integer(24)]),
      "font": .string("Helvetica, Arial, sans-serif"),
      "header": .sorted([
        "labelColor": .string(ink), "labelFontSize": .integer(12), "labelPadding": .integer(6),
      ]),
      "legend": .sorted([
        "columnPadding": .integer(20), "direction": .string("horizontal"),
        "labelColor": .string(ink), "labelFontSize": .integer(12), "labelLimit": .integer(360),
        "offset": .integer(14), "orient": .string("top"), "symbolOpacity": .integer(1),
        "symbolSize": .integer(80), "symbolStrokeWidth": .integer(2), "title": .null,
      ]),
      "line": .sorted(["strokeWidth": .number(2.25)]),
      "padding": .integer(16),
      "title": .sorted([
        "anchor": .string("start"), "color": .string("#1a1a1a"), "fontSize": .integer(15),
        "fontWeight": .string("bold"), "frame": .string("group"), "lineHeight": .integer(19),
        "offset": .integer(14),
      ]),
      "view": .sorted(["stroke": .null]),
    ])
  }
}
