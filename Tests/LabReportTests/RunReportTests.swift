import LabGate
import LabRecord
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct RunReportTests {
  private func markdown(
    _ small: SmallRecord = SmallRecord(), picture: PictureState = .current
  ) throws -> String {
    try RunReport(manifest: small.manifest, record: small.record).markdown { _ in picture }
  }

  @Test func `a report of a small record is what it was`() throws {
    var small = SmallRecord()
    small.failing = ["cell-5%-1kB corrected 2"]
    try expectGolden(markdown(small), "report.md")
  }

  @Test func `one record gives one report, byte for byte`() throws {
    #expect(try markdown() == markdown())
  }

  @Test func `another record gives another report`() throws {
    var small = SmallRecord()
    small.repetitions = 4
    #expect(try markdown() != markdown(small))
  }

  @Test func `criteria stand with figure, bar, worst cell and control`() throws {
    let text = try markdown()
    #expect(text.contains("| **delivers**: every event reaches a handler | **inconclusive** |"))
    #expect(text.contains(#"the corrected transport delivers \| without loss"#))
    #expect(text.contains("0, flipped"))
    #expect(text.contains("≥ 0.9"))
  }

  @Test func `an outdated picture is named as such`() throws {
    #expect(try markdown(picture: .stale).contains("older than its specification"))
    #expect(try !markdown().contains("older than its specification"))
  }

  @Test func `an absent picture leaves no broken image`() throws {
    let text = try markdown(picture: .absent)
    #expect(text.contains("There is no picture yet"))
    #expect(!text.contains("!["))
    #expect(text.contains("(figures/delivered.vl.json)"))
  }

  @Test func `failed trials stand with the command that replays them`() throws {
    var small = SmallRecord()
    small.failing = ["cell-0%-64B literal 0"]
    let text = try markdown(small)
    #expect(text.contains("1 trial did not end well"))
    #expect(text.contains("replay: fleetlab replay Experiments/transport/literal-transport.yaml"))
    #expect(text.contains("(1 of 3 missing)"))
    #expect(text.contains("**missing**"))
  }

  @Test func `many failures are counted and not all shown`() throws {
    var small = SmallRecord()
    let ids = small.record.cells.map(\.id)
    small.failing = Set(
      ids.flatMap { id in
        ["literal", "corrected"].flatMap { arm in (0..<3).map { "\(id) \(arm) \($0)" } }
      })
    #expect(try markdown(small).contains("16 more stand in [timings.csv](timings.csv)"))
  }

  @Test func `a table ends after sixty rows and says how many more there are`() throws {
    var small = SmallRecord()
    small.sizes = (1...40).map { "\($0)B" }
    let text = try markdown(small)
    #expect(text.contains("100 more rows stand in [measurements.csv](measurements.csv)"))
    let rows = text.split(separator: "\n").filter {
      $0.hasPrefix("| 0% |") || $0.hasPrefix("| 5% |")
    }
    #expect(rows.count == 60)
  }

  @Test func `a path of this machine is not shown`() throws {
    let small = SmallRecord()
    var record = small.record
    record.run.manifest.path = "/somewhere/else/x.yaml"
    let text = try RunReport(manifest: small.manifest, record: record).markdown { _ in .current }
    #expect(!text.contains("/somewhere"))
    #expect(text.contains("fleetlab run x.yaml --size standard --seed 42"))
  }

  @Test func `quoted text cannot break a table or a heading`() throws {
    let small = SmallRecord()
    var manifest = small.manifest
    manifest.question = "one\n## two <script>"
    let text = try RunReport(manifest: manifest, record: small.record).markdown { _ in .current }
    #expect(text.contains(##"> one \#\# two &lt;script&gt;"##))
  }
}
