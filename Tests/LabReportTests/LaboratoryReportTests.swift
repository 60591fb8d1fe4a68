import LabGate
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct LaboratoryReportTests {
  private var claims: [Claim] {
    func claim(
      _ id: String, _ quote: String, asWritten: [String] = [], ours: [String] = [],
      condition: Claim.Condition? = nil, notTestable: String? = nil,
      experiment: String = "literal-transport"
    ) -> Claim {
      Claim(
        id: id, section: "3.2", quote: quote, criterion: "the share that reaches a handler",
        experiment: experiment, asWritten: asWritten, ours: ours, condition: condition,
        notTestable: notTestable)
    }
    let (bad, good) = (
      "literal-transport/never-delivers", "literal-transport/corrected-delivers"
    )
    return [
      claim("Q4", "events | are <delivered>", asWritten: [bad], ours: [good]),
      claim("Q5", "it delivers", asWritten: [good]),
      claim(
        "Q6", "it always delivers", asWritten: [bad],
        condition: .init(criterion: good, text: "loss is 0 %")),
      claim("Q7", "it is fast", asWritten: ["other/fast"], experiment: "other"),
      claim("cost-1", "saves $51,000 of $60,000", notTestable: "it is a plan"),
    ]
  }

  private func small() -> SmallRecord {
    var small = SmallRecord()
    small.losses = ["0%"]
    small.criteria[0].id = "never-delivers"
    return small
  }

  private func contents(_ standing: LaboratoryReport.Standing = .fresh) throws -> [String: String] {
    let small = small()
    let report = try RunReport(manifest: small.manifest, record: small.record)
    let laboratory = LaboratoryReport(
      entries: [.init(report: report, standing: standing)], claims: claims)
    let contents = laboratory.contents(results: "Results") { _, _ in .current }
    return Dictionary(uniqueKeysWithValues: contents.map { ($0.name, $0.text) })
  }

  @Test func `the claims table opens with verdict, number, control and what ours reaches`() throws {
    let table = try #require(try contents()["claims"])
    let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("| Q4 |") })
    #expect(row.contains(#"“events \| are &lt;delivered&gt;” (3.2) | **refuted** |"#))
    #expect(row.contains("`delivered_share` 0, bar ≥ 0.9"))
    #expect(row.contains("pass, 0.99 \\[0.9652, 1.015\\], flipped"))
    #expect(row.contains("| **pass**, 0.99"))
    #expect(row.hasSuffix("| [literal-transport](Results/literal-transport/report.md) |"))
  }

  @Test func `every verdict has its words`() throws {
    let table = try #require(try contents()["claims"])
    func row(_ id: String) -> Substring {
      table.split(separator: "\n").first { $0.hasPrefix("| \(id) |") } ?? ""
    }
    #expect(row("Q5").contains("| **supported** |"))
    #expect(row("Q6").contains("**holds-when**: loss is 0 %"))
    #expect(row("Q6").contains("under the condition `delivered_share`"))
    #expect(row("Q7").contains("**not-yet-tested**"))
    #expect(row("Q7").contains("*to be decided by* the share that reaches a handler"))
    #expect(row("Q7").contains("| other, no record yet |"))
    #expect(row("cost-1").contains("**not-testable**: it is a plan"))
    #expect(row("cost-1").contains(#"\$51,000 of \$60,000"#))
  }

  @Test func `the summary counts every claim once`() throws {
    let summary = try #require(try contents()["summary"])
    #expect(summary.contains("| **refuted** | 1 |"))
    #expect(summary.contains("| **inconclusive** | 0 |"))
    #expect(summary.contains("| all | 5 |"))
  }

  @Test func `experiments are listed with run, standing and links`() throws {
    let fresh = try #require(try contents()["experiments"])
    #expect(fresh.contains("[The transport as written](Results/literal-transport/report.md)"))
    #expect(fresh.contains("| standard | `20260102T030405Z-7f3a` | fresh |"))
    let kept = try #require(
      try contents(.kept(reason: "the data are not here"))["experiments"])
    #expect(kept.contains("**kept**: the data are not here"))
  }

  @Test func `the first figure of each experiment is shown`() throws {
    let figures = try #require(try contents()["figures"])
    #expect(figures.contains("](Results/literal-transport/figures/delivered.svg)"))
  }

  @Test func `the template has every generated part once`() throws {
    let document = try MarkedDocument(LaboratoryReport.template)
    #expect(document.names == LaboratoryReport.parts)
    #expect(try contents().keys.sorted() == LaboratoryReport.parts.sorted())
  }
}
