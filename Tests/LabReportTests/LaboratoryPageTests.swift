// The page for a browser, as far as text goes; Scripts/test-browser clicks through it.

import Foundation
import LabGate
import LabRecord
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct LaboratoryPageTests {
  private func report(_ small: SmallRecord = SmallRecord()) throws -> RunReport {
    try RunReport(manifest: small.manifest, record: small.record)
  }

  private func page(_ report: RunReport, library: String = "var vegaEmbed;") throws -> String {
    try LaboratoryPage(
      [.init(report: report, standing: .fresh)], claims: [], library: library
    ).html
  }

  @Test func `a page asks for nothing from elsewhere`() throws {
    let html = try page(report())
    #expect(!html.contains("src="))
    #expect(!html.contains("href=\"http"))
    #expect(!html.contains("url("))
    #expect(!html.contains("@import"))
  }

  @Test func `words from outside stay words`() throws {
    var manifest = SmallRecord().manifest
    manifest.question = "</script><script>alert(1)</script> & \"so\""
    manifest.figures[0].title = "<b onload='x'>"
    var record = SmallRecord().record
    record.run.experiment.title = "</title><img>"
    let html = try page(RunReport(manifest: manifest, record: record))
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img>"))
    #expect(!html.contains("<b onload"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so&quot;"))
  }

  @Test func `a library cannot end its script`() throws {
    let report = try report()
    let html = try page(report, library: "x = '</script><!--'")
    #expect(html.contains("x = '<\\/script><\\!--'"))
    #expect(html.components(separatedBy: "</script>").count == 3 + report.figures.count)
  }

  @Test func `every criterion stands in the page with its verdict and control`() throws {
    let html = try page(report())
    for outcome in try report().outcomes {
      #expect(html.contains("<code>\(outcome.criterion.id)</code>"))
      #expect(html.contains(HTML.text(outcome.criterion.control.text)))
      #expect(html.contains(HTML.badge(outcome.verdict.rawValue)))
    }
  }

  @Test func `each mark names its arm, its cell and its seeds`() throws {
    let small = SmallRecord()
    let figure = try PageFigure(small.figures[0], of: report())
    let json = try #require(figure.json)
    let root = try #require(
      JSONSerialization.jsonObject(with: Data(json.line.utf8)) as? [String: Any])
    let origins = try #require(root["origins"] as? [[String: String]])
    #expect(origins.count == small.sizes.count * small.losses.count * small.arms.count)
    #expect(Set(origins.map { $0["cell"] ?? "" }).count == 6)
    #expect(origins.allSatisfy { small.arms.contains($0["arm"] ?? "") })
    #expect(
      origins.allSatisfy {
        $0["seeds"] == Array(repeating: "000000000000002a", count: 3).joined(separator: ", ")
      })
    #expect(json.line.contains("\"tooltip\""))
    #expect(figure.filters.map(\.key) == ["network.link.loss", "event-size"])
    #expect(figure.filters.map(\.values) == [small.losses, small.sizes])
  }

  @Test func `too many curves are pooled, and the figure says so`() throws {
    var small = SmallRecord()
    small.sizes = (1...60).map { "\($0)B" }
    small.losses = ["0%"]
    let figure = try PageFigure(small.figures[2], of: report(small))
    #expect(figure.notes.contains { $0.contains("pools all cells") })
    #expect(figure.filters.isEmpty)
    let json = try #require(figure.json)
    #expect(json.line.contains("and 54 more"))
    let rows = json.line.components(separatedBy: "\"share\":").count - 1
    #expect(rows < PageFigure.rowLimit)
  }

  @Test func `a picture knows nothing of interaction`() throws {
    for figure in try report().figures {
      #expect(!figure.text.contains("tooltip"))
      #expect(!figure.text.contains("origin"))
    }
  }

  @Test func `a renderer without the library is an error with its words`() throws {
    try withTemporaryFolder { root in
      let script = "\(root)/fails.sh"
      try "cat >/dev/null; echo 'no such module' >&2; exit 3\n".write(
        toFile: script, atomically: true, encoding: .utf8)
      #expect(throws: ReportError.noLibrary(reason: "no such module")) {
        try FigureRenderer(interpreter: "/bin/sh", script: script).library()
      }
      try "cat >/dev/null\n".write(toFile: script, atomically: true, encoding: .utf8)
      #expect(throws: ReportError.noLibrary(reason: "the renderer gave no text")) {
        try FigureRenderer(interpreter: "/bin/sh", script: script).library()
      }
    }
  }

  @Test func `a page that cannot be written is an error and leaves nothing`() throws {
    try withTemporaryFolder { root in
      let page = try LaboratoryPage([], claims: [], library: "")
      #expect(throws: ReportError.self) { try page.write(to: "\(root)/none/page.html") }
      try page.write(to: "\(root)/page.html")
      #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["page.html"])
    }
  }
}
