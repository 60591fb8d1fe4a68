// Reading which metrics a manifest gates, and by which margins.

/// Reads the `gate` of a manifest.
struct GateReader {
  /// Finds metrics that are kept.
  let criteria: CriterionReader

  /// The policy; `nil` after a report.
  func policy(_ reader: StrictReader) -> GatePolicy? {
    let log = criteria.log
    let before = log.count
    guard let fields = reader.fields(ManifestKeys.gate) else { return nil }
    let metrics = fields["metrics"].map { $0.list { criteria.metric($0) } ?? [] }
    if let metrics, metrics.isEmpty, fields["metrics"]?.tree.items?.isEmpty ?? false {
      fields["metrics"]?.report(
        "manifest.empty-list", "no metric is gated; at least one was expected; add one")
    }
    let plain = GatePolicy()
    let margin = fields.read("margin", default: plain.margin) { self.margin($0, of: nil) }
    let margins = fields.read("margins", default: [:]) { self.margins($0) }
    guard log.count == before, let margin, let margins else { return nil }
    return GatePolicy(metrics: metrics?.map(\.name), margin: margin, margins: margins)
  }

  private func margins(_ reader: StrictReader) -> [String: GatePolicy.Margin]? {
    guard let entries = reader.entries() else { return nil }
    var margins: [String: GatePolicy.Margin] = [:]
    for (name, place, reader) in entries {
      let key = StrictReader(YAMLTree.scalar(name, at: place), log: criteria.log)
      guard let metric = criteria.metric(key), let margin = margin(reader, of: metric) else {
        continue
      }
      guard metric.metricClass == .sampled else {
        key.report(
          "manifest.margin",
          "'\(metric.name)' is \(metric.metricClass.rawValue), and only sampled metrics have a "
            + "margin; a sampled metric was expected; remove it")
        continue
      }
      margins[metric.name] = margin
    }
    return margins
  }

  /// A share such as `1%`, or an amount in the unit of the metric.
  private func margin(
    _ reader: StrictReader, of metric: MetricDescription?
  ) -> GatePolicy.Margin? {
    guard let text = reader.scalar(expected: "a margin", example: "1%") else { return nil }
    let fits: Bool
    let quantity = Quantity(text)
    switch quantity?.kind {
    case .number?, .ratio?: fits = true
    case .duration?: fits = metric.map { ["s", "histogram"].contains($0.unit) } ?? false
    case .size?: fits = metric?.unit == "B"
    case .rate?: fits = metric?.unit == "bit/s"
    case nil: fits = false
    }
    guard fits, let quantity, quantity.measured >= 0, quantity.measured.isFinite else {
      let amount = metric.map { "an amount in '\($0.unit)'" } ?? "a plain number"
      reader.report(
        "manifest.margin",
        "'\(shortened(text))' is no margin here; a percentage of the baseline's mean or \(amount) "
          + "of at least 0 was expected; write it like '2.5%'")
      return nil
    }
    return quantity.kind == .ratio ? .relative(quantity.measured) : .absolute(quantity.measured)
  }
}
