// What differs between two records, and what a metric did over runs.

import LabGate
import LabRecord
import Statistics
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct RecordDifferenceTests {
  private let small = SmallRecord()

  private func difference(_ left: RunRecord, _ right: RunRecord) throws -> RecordDifference {
    try RecordDifference(left, right, criteria: small.criteria)
  }

  @Test func `a record does not differ from itself`() throws {
    let difference = try difference(small.record, small.record)
    #expect(difference.isEmpty)
    #expect(Set(difference.rows.map(\.kind)) == [.parameter, .provenance, .metric, .criterion])
  }

  @Test func `the run's name, its times and its load are no difference`() throws {
    var other = small.record
    other.run.run = "another"
    other.run.start = "2027-01-01T00:00:00Z"
    other.run.host.loadAfter = 9
    #expect(try difference(small.record, other).isEmpty)
  }

  @Test func `other code and another seed are named`() throws {
    var other = small.record
    other.run.code.commit = "fedcba"
    other.run.seed = 43
    let changed = try difference(small.record, other).rows.filter { !$0.isEqual }
    #expect(changed.map(\.name) == ["seed", "code.commit"])
    #expect(changed.map(\.right) == ["43", "fedcba"])
  }

  @Test func `one changed value changes its metric alone, and the verdict that it turns`() throws {
    var other = small.record
    let place = try #require(
      other.measurements.firstIndex {
        $0.metric.name == "delivered_share" && $0.arm == "corrected" && $0.cell == "cell-0%-64B"
      })
    other.measurements[place].value = .number(0.5)
    let changed = try difference(small.record, other).rows.filter { !$0.isEqual }
    #expect(changed.map(\.kind) == [.metric, .criterion])
    #expect(changed[0].name.hasPrefix("delivered_share arm=corrected cell-0%-64B"))
    #expect(changed.last?.name == "corrected-delivers")
  }

  @Test func `a cell of one record alone is named once`() throws {
    var fewer = small
    fewer.losses = ["0%"]
    let rows = try difference(small.record, fewer.record).rows.filter { $0.kind == .cell }
    #expect(rows.count == 3)
    #expect(rows.allSatisfy { $0.left == "there" && $0.right.isEmpty && !$0.isEqual })
  }

  @Test func `a metric is followed by place and arm, and its step is found`() throws {
    let runs = (0..<8).map { number in
      var record = small.record
      for place in record.measurements.indices
      where record.measurements[place].metric.name == "sent_bytes" && number >= 5 {
        record.measurements[place].value = .integer(7)
      }
      return MetricHistory.Run(label: "c\(number)", time: "t\(number)", record: record)
    }
    let history = try MetricHistory(
      metric: "sent_bytes", runs: runs, arm: "literal", cell: "event-size=64B")
    #expect(history.series.count == 2)
    #expect(history.series.allSatisfy { $0.changes.places == [5] })
    #expect(history.series[0].sparkline == "█████▁▁▁")
    #expect(history.specification.contains("\"step\": true"))
  }

  @Test func `a run of another version or size is marked`() throws {
    var old = small.record
    old.run.experiment.version = 1
    old.run.size = .smoke
    let history = try MetricHistory(
      metric: "sent_bytes",
      runs: [
        .init(label: "a", time: "1", record: old),
        .init(label: "b", time: "2", record: small.record),
      ])
    #expect(
      history.series.allSatisfy { $0.points.map(\.mark) == ["version 1, smoke size", ""] })
  }

  @Test func `a metric that no run has makes no series`() throws {
    let run = MetricHistory.Run(label: "a", time: "1", record: small.record)
    #expect(try MetricHistory(metric: "none", runs: [run]).series.isEmpty)
    #expect(try MetricHistory(metric: "sent_bytes", runs: []).series.isEmpty)
  }

  @Test func `a verdict is derived from rows, interval, bar and control`() throws {
    let report = try RunReport(manifest: small.manifest, record: small.record)
    let text = report.explanation(of: report.outcomes[1])
    for part in [
      "literal-transport/corrected-delivers is pass", "metric delivered_share, arm corrected",
      "values 0.98, 0.99, 1", "bar       ≥ 0.9", "control   the literal transport",
      "the control turns the verdict over",
    ] { #expect(text.contains(part), "\(text)") }
  }

  @Test func `a cell is explained with its seeds and its replay`() throws {
    let report = try RunReport(manifest: small.manifest, record: small.record)
    let explanation = try CellExplanation("cell-5%-1kB", of: report, planned: nil) { "again \($0)" }
    let text = try #require(explanation?.text)
    #expect(text.contains("network.link.loss=5% event-size=1kB"))
    #expect(text.contains("seeds   000000000000002a"))
    #expect(text.contains("replay  again corrected"))
    #expect(try CellExplanation("none", of: report, planned: nil) { $0 } == nil)
  }

  @Test func `a rerun is explained cell by cell`() throws {
    var broken = small
    broken.failing = ["cell-0%-64B literal 0"]
    var record = broken.record
    record.cells.append(RecordedCell(id: "old", coordinates: []))
    let cells = record.cells.dropLast().map {
      Cell(
        id: $0.id, coordinates: $0.coordinates, settings: Settings(parameters: [:]), control: nil,
        controls: nil, arms: small.arms)
    }
    let added = Cell(
      id: "fresh", coordinates: [], settings: Settings(parameters: [:]), control: nil,
      controls: nil, arms: small.arms)
    let plan = Plan(manifest: small.manifest, digest: "d", cells: cells + [added], trials: [])
    let explanation = RerunExplanation(record, plan: plan, code: .init(commit: "new"))
    let reasons = Dictionary(
      explanation.rows.map { ($0.cell, $0.reason) }, uniquingKeysWith: { first, _ in first })
    #expect(reasons["cell-0%-64B"] == .incomplete("1 of 6 trials did not end well"))
    #expect(reasons["cell-0%-1kB"] == .recorded)
    #expect(reasons["fresh"] == .new)
    #expect(reasons["old"] == .dropped)
    #expect(explanation.notes.contains { $0.contains("other code reruns nothing by itself") })
  }
}
