// Which colour, mark and dash stand for which arm and metric.

import LabGate

/// The series of one block of a figure: metrics of one unit for several arms.
///
/// A colour stands for an arm, and for the same arm in all figures of a manifest. Only where a
/// single arm is drawn do colours tell metrics apart. Where both differ, a dash stands for the
/// metric.
struct FigureSeries {
  /// The arms of the manifest that have values, with their places among all arms.
  var arms: [(place: Int, name: String)]
  /// The metrics that have values, in the order of the request.
  var metrics: [String]

  /// Whether colours stand for metrics.
  var coloursMetrics: Bool { arms.count == 1 && metrics.count > 1 }
  /// Whether dashes stand for metrics.
  var dashesMetrics: Bool { arms.count > 1 && metrics.count > 1 }
  /// How many entries the legend of colours has.
  var colourCount: Int { coloursMetrics ? metrics.count : arms.count }

  /// The name under which the colour of an arm's metric stands in the legend.
  func series(arm: String, metric: String) -> String {
    coloursMetrics ? FigureWords.plain(metric) : arm
  }

  /// What the legend of colours says, to tell whether two blocks can share it.
  var legendKey: [String] { zip(places, names).map { "\($0) \($1)" } }

  private var names: [String] {
    coloursMetrics ? metrics.map(FigureWords.plain) : arms.map(\.name)
  }

  private var places: [Int] { coloursMetrics ? Array(metrics.indices) : arms.map(\.place) }

  /// The legend's entry for colours and marks; `null` where there is nothing to tell apart.
  private func legend(width: Int, isFilled: Bool = false) -> JSONValue {
    guard names.count > 1 else { return .null }
    let widest = names.map(FigureWords.pixels).max() ?? 0
    var legend = ["columns": JSONValue.integer(max(1, Int(Double(width) / (widest + 48))))]
    if isFilled { legend["symbolType"] = .string("square") }
    return .sorted(legend)
  }

  /// The encoding of colours.
  ///
  /// - Parameter isFilled: Whether areas have the colours, so that squares stand in the legend.
  func colour(width: Int, isFilled: Bool = false) -> JSONValue {
    .sorted([
      "field": .string("series"), "legend": legend(width: width, isFilled: isFilled),
      "type": .string("nominal"),
      "scale": .sorted([
        "domain": .array(names.map { .string($0) }),
        "range": .array(places.map { .string(FigureTheme.colour($0)) }),
      ]),
    ])
  }

  /// The encoding of marks, which shares the legend of colours.
  func shape(width: Int) -> JSONValue {
    let shapes = FigureTheme.shapes
    return .sorted([
      "field": .string("series"), "type": .string("nominal"), "legend": legend(width: width),
      "scale": .sorted([
        "domain": .array(names.map { .string($0) }),
        "range": .array(
          // Behind the last colour other marks go with the first ones.
          places.map { .string(shapes[($0 + $0 / shapes.count) % shapes.count]) }),
      ]),
    ])
  }

  /// The encoding of dashes.
  var dash: JSONValue {
    let dashes = FigureTheme.dashes
    return .sorted([
      "field": .string("metric"), "type": .string("nominal"),
      "legend": .sorted([
        "orient": .string("bottom"), "symbolSize": .integer(300),
        "symbolType": .string("stroke"),
      ]),
      "scale": .sorted([
        "domain": .array(metrics.map { .string(FigureWords.plain($0)) }),
        "range": .array(
          metrics.indices.map { place in
            .array((dashes[place % dashes.count]).map { .integer($0) })
          }),
      ]),
    ])
  }
}
