// The tables `measurements.csv` and `observations.csv`.

import LabManifest

extension Measurement {
  /// The table of the rows, in their order.
  static func table(of rows: [Measurement]) -> [UInt8] {
    var writer = CSVWriter(columns: RecordFile.measurementColumns)
    for row in rows {
      writer.append([
        row.experiment, row.cell, row.arm, "\(row.repetition)", row.block?.description ?? "",
        row.order?.description ?? "", row.seed, row.metric.name, row.metric.metricClass.rawValue,
        row.metric.unit, row.metric.direction.rawValue, row.step?.description ?? "",
        row.value?.text ?? "", row.status.rawValue,
      ])
    }
    return writer.bytes
  }

  /// Reads what ``table(of:)`` wrote.
  ///
  /// - Parameters:
  ///   - metrics: The metrics that the run kept; a row of another one is an error.
  ///   - cells: The identities of the run's cells; a row of another one is an error.
  static func read(
    _ bytes: [UInt8], path: String, metrics: [MetricDescription], cells: Set<String>
  ) throws(RecordError) -> [Measurement] {
    var reader = try CSVReader(bytes, path: path)
    try reader.expect(RecordFile.measurementColumns)
    let metrics = Dictionary(metrics.map { ($0.name, $0) }) { first, _ in first }
    var rows: [Measurement] = []
    while let row = try reader.next() {
      var fields = FieldReader(row, of: reader)
      rows.append(try read(&fields, metrics: metrics, cells: cells))
    }
    return rows
  }

  private static func read(
    _ fields: inout FieldReader, metrics: [String: MetricDescription], cells: Set<String>
  ) throws(RecordError) -> Measurement {
    let experiment = try fields.name()
    let cell = try fields.name()
    // The set's own copy, so that a thousand rows of a cell share one text.
    guard let place = cells.firstIndex(of: cell) else {
      throw fields.error(cell, "a cell of cells.csv")
    }
    let arm = try fields.name()
    guard let repetition = try fields.count() else { throw fields.error("", "a repetition") }
    let block = try fields.count()
    let order = try fields.count()
    let seed = try fields.name()
    guard seed.utf8.count == 16, UInt64(seed, radix: 16) != nil else {
      throw fields.error(seed, "sixteen hexadecimal digits")
    }
    let metric = try metric(&fields, among: metrics)
    let step = try fields.count()
    let text = fields.text()
    let value = text.isEmpty ? nil : MeasuredValue(text: text, unit: metric.unit)
    guard text.isEmpty || value != nil else {
      throw fields.error(text, "a value in the unit '\(metric.unit)'")
    }
    let status = try fields.word(TrialStatus.self)
    guard (value != nil) == (status == .ok) else {
      throw fields.error(status.rawValue, value == nil ? "a status that is not ok" : "ok")
    }
    return Measurement(
      experiment: experiment, cell: cells[place], arm: arm, repetition: repetition, block: block,
      order: order, seed: seed, metric: metric, step: step, value: value, status: status)
  }

  private static func metric(
    _ fields: inout FieldReader, among metrics: [String: MetricDescription]
  ) throws(RecordError) -> MetricDescription {
    let name = try fields.name()
    guard let metric = metrics[name] else { throw fields.error(name, "a metric of run.json") }
    let metricClass = try fields.word(MetricClass.self)
    guard metricClass == metric.metricClass else {
      throw fields.error(metricClass.rawValue, metric.metricClass.rawValue)
    }
    let unit = fields.text()
    guard unit == metric.unit else { throw fields.error(unit, metric.unit) }
    let direction = try fields.word(MetricDirection.self)
    guard direction == metric.direction else {
      throw fields.error(direction.rawValue, metric.direction.rawValue)
    }
    return metric
  }
}
