// Reading what a manifest wants drawn.

/// Reads the `figures` of a manifest.
struct FigureReader {
  let criteria: CriterionReader

  private var swept: [String] { criteria.sweep?.keys.map(\.name) ?? [] }

  /// A figure; `nil` after a report.
  func figure(_ reader: StrictReader) -> FigureRequest? {
    let log = criteria.log
    let before = log.count
    guard let fields = reader.fields(ManifestKeys.figure) else { return nil }
    let id = fields.read("id") { $0.name() }
    let title = fields.read("title") { $0.text() }
    let mark = fields.read("mark") { $0.choice(FigureRequest.Mark.self) }
    let x = fields.read("x", default: "") {
      switch mark {
      case .curve: self.numericMetric($0)
      case .line where $0.tree.text == FigureRequest.step: FigureRequest.step
      default: self.sweptKey($0)
      }
    }
    let y = fields.read("y", default: "") { self.sweptKey($0) }
    let metrics = fields.read("metrics") { $0.list { criteria.metric($0) } }
    let panels = fields.read("panels", default: []) { $0.list { self.sweptKey($0) } }
    let series = fields["series"].flatMap { self.sweptKey($0) }
    let axes = fields.read("log", default: []) { $0.list { $0.choice(FigureRequest.Axis.self) } }
    if let mark, mark != .distribution, fields["x"] == nil {
      reader.report(
        "manifest.missing-key",
        "the key 'x' is missing; a \(mark == .curve ? "metric" : "swept key") for the horizontal "
          + "axis was expected; add 'x: …'")
    }
    if let metrics, let mark {
      check(metrics, mark, fields["metrics"] ?? reader)
      if mark == .bar, criteria.arms.count > 1 || fields["series"] != nil {
        checkApart(metrics, fields["metrics"] ?? reader)
      }
    }
    let crossings = fields.read("crossings", default: []) { reader in
      reader.list { self.crossing($0, of: metrics?.first) }
    }
    if let mark { check(mark, fields, reader) }
    if let panels, panels.count > 2 {
      fields["panels"]?.report(
        "manifest.panels",
        "\(panels.count) keys cut the figure into panels; at most two were expected; remove some")
    }
    guard log.count == before, let id, let title, let mark, let x, let y, let metrics,
      let panels, let axes, let crossings
    else { return nil }
    return FigureRequest(
      id: id, title: title, mark: mark, x: x, y: y, metrics: metrics.map(\.name),
      panels: panels, series: series, logarithmic: Set(axes), crossings: crossings)
  }

  /// Reports keys that a mark does not have, and those that a map lacks.
  private func check(
    _ mark: FigureRequest.Mark, _ fields: StrictFields, _ reader: StrictReader
  ) {
    guard mark == .heatmap else {
      fields["y"]?.report(
        "manifest.figure",
        "'y' is given; it was expected in a heatmap alone; remove it or write 'mark: heatmap'")
      if mark != .line {
        fields["crossings"]?.report(
          "manifest.figure",
          "crossings are given; they were expected in a figure of lines or a heatmap alone; remove "
            + "them or write 'mark: line'")
      }
      return
    }
    if fields["y"] == nil {
      reader.report(
        "manifest.missing-key",
        "the key 'y' is missing; a swept key for the vertical axis was expected; add 'y: …'")
    }
    for key in ["crossings", "metrics"] where fields[key]?.tree.items?.count ?? 0 != 1 {
      // That metrics are missing is said where they are read.
      guard key == "crossings" || fields[key] != nil else { continue }
      (fields[key] ?? reader).report(
        "manifest.figure",
        "the heatmap has not one item in '\(key)'; exactly one was expected, as it shows one "
          + "ratio; write '\(key)' with one")
    }
    for key in ["series", "log"] {
      fields[key]?.report(
        "manifest.figure",
        "'\(key)' is given; a heatmap has none; remove it or choose another mark")
    }
  }

  private func crossing(
    _ reader: StrictReader, of metric: MetricDescription?
  ) -> FigureRequest.Crossing? {
    let before = criteria.log.count
    guard let fields = reader.fields(ManifestKeys.crossing) else { return nil }
    let arm = fields.read("arm") { criteria.runningArm($0) }
    let bar = metric.flatMap { metric in
      fields.read("bar") { BarReader(criteria, metric).bar($0, arm) }
    }
    guard criteria.log.count == before, let arm, let bar else { return nil }
    guard case .atLeastTimes(let times, let other) = bar else {
      reader.report(
        "manifest.bar",
        "the bar of a crossing names no other arm; '>= 2 times other-arm' was expected; write it so"
      )
      return nil
    }
    return FigureRequest.Crossing(arm: arm, times: times, other: other)
  }

  private func check(
    _ metrics: [MetricDescription], _ mark: FigureRequest.Mark, _ reader: StrictReader
  ) {
    if metrics.isEmpty, reader.tree.items?.isEmpty ?? false {
      reader.report(
        "manifest.empty-list", "the figure shows no metric; at least one was expected; add one")
    }
    for metric in metrics {
      let isHistogram = metric.unit == "histogram"
      if mark == .distribution ? !isHistogram : isHistogram || metric.unit == "hash" {
        reader.report(
          "manifest.figure",
          "the metric '\(metric.name)' has the unit '\(metric.unit)'; "
            + (mark == .distribution ? "a latency histogram" : "a number")
            + " was expected for '\(mark.rawValue)'; draw another metric or choose another mark")
      }
    }
  }

  /// Reports metrics that share an axis in bars whose colours stand for arms: nothing would tell
  /// them apart, and the bars would stand on each other.
  private func checkApart(_ metrics: [MetricDescription], _ reader: StrictReader) {
    for (unit, shared) in Dictionary(grouping: metrics, by: \.unit).sorted(by: { $0.key < $1.key })
    where shared.count > 1 {
      reader.report(
        "manifest.figure",
        "\(shared.count) metrics in '\(unit)' share the bars of several series, where colours "
          + "stand for the series; one metric of a unit was expected; write 'mark: line' or a "
          + "figure for each")
    }
  }

  /// The name of a metric that is a number.
  private func numericMetric(_ reader: StrictReader) -> String? {
    guard let metric = criteria.metric(reader) else { return nil }
    check([metric], .curve, reader)
    return metric.name
  }

  /// The name in coordinates of a swept key.
  private func sweptKey(_ reader: StrictReader) -> String? {
    guard let text = reader.text() else { return nil }
    let bare = text.hasPrefix("parameters.") ? String(text.dropFirst("parameters.".count)) : text
    if swept.contains(bare) { return bare }
    reader.report(
      "manifest.not-swept",
      "'\(shortened(text))' is not swept; a swept key was expected; "
        + suggestion(for: text, among: swept))
    return nil
  }
}
