import Foundation
import LabGate
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct ReportFolderTests {
  private func entry(_ small: SmallRecord = SmallRecord()) throws -> LaboratoryReport.Entry {
    .init(
      report: try RunReport(manifest: small.manifest, record: small.record), standing: .fresh)
  }

  private func withReports(_ body: (ReportFolder, String) throws -> Void) throws {
    try withTemporaryFolder { root in
      try FileManager.default.createDirectory(
        atPath: "\(root)/Results/literal-transport", withIntermediateDirectories: true)
      try body(ReportFolder(report: "\(root)/REPORT.md", results: "\(root)/Results"), root)
    }
  }

  private func content(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  private func replace(_ path: String, _ old: String, _ new: String) throws {
    let text = try content(path)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `writing makes specifications, reports and the overview`() throws {
    try withReports { folder, root in
      let written = try folder.write([try entry()], claims: [], renderer: nil)
      let names = written.changed.map { $0.replacing("\(root)/", with: "") }
      #expect(
        names == [
          "Results/literal-transport/figures/delivered.vl.json",
          "Results/literal-transport/figures/bytes.vl.json",
          "Results/literal-transport/figures/latency.vl.json",
          "Results/literal-transport/report.md", "REPORT.md",
        ])
    }
  }

  @Test func `writing twice changes nothing`() throws {
    try withReports { folder, _ in
      _ = try folder.write([try entry()], claims: [], renderer: nil)
      #expect(try folder.write([try entry()], claims: [], renderer: nil).changed.isEmpty)
    }
  }

  @Test func `without a renderer the warning names the pictures and reports say so`() throws {
    try withReports { folder, root in
      let written = try folder.write([try entry()], claims: [], renderer: nil)
      #expect(written.warnings.count == 1)
      #expect(written.warnings[0].contains("figures/latency.svg"))
      #expect(
        try content("\(root)/Results/literal-transport/report.md")
          .contains("There is no picture yet"))
    }
  }

  @Test func `a picture of another specification stays and is called older`() throws {
    try withReports { folder, root in
      let picture = "\(root)/Results/literal-transport/figures/bytes.svg"
      try FileManager.default.createDirectory(
        atPath: "\(root)/Results/literal-transport/figures", withIntermediateDirectories: true)
      let old = "<svg/>\n<!-- fleetlab:specification 00000000000000000000000000000000 -->\n"
      try old.write(toFile: picture, atomically: true, encoding: .utf8)
      _ = try folder.write([try entry()], claims: [], renderer: nil)
      #expect(try content(picture) == old)
      #expect(
        try content("\(root)/Results/literal-transport/report.md")
          .contains("This picture is older than its specification"))
    }
  }

  @Test func `a renderer that fails is told with its own words`() throws {
    try withReports { folder, root in
      let script = "\(root)/fails.sh"
      try "cat >/dev/null; echo 'no such module' >&2; exit 3\n".write(
        toFile: script, atomically: true, encoding: .utf8)
      let written = try folder.write(
        [try entry()], claims: [],
        renderer: FigureRenderer(interpreter: "/bin/sh", script: script))
      #expect(
        written.warnings == [
          "a figure was not rendered: no such module; the picture stays as it was"
        ])
    }
  }

  @Test func `a renderer that is not there is told`() throws {
    try withReports { folder, root in
      let written = try folder.write(
        [try entry()], claims: [],
        renderer: FigureRenderer(interpreter: "\(root)/python", script: "x.py"))
      #expect(written.warnings.count == 1)
      #expect(written.warnings[0].contains("cannot be started"))
    }
  }

  /// The renderer of this machine, if the set-up has installed it.
  private static var renderer: FigureRenderer? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path(percentEncoded: false)
    return FigureRenderer.installed(
      root: root.hasSuffix("/") ? String(root.dropLast()) : root,
      environment: ProcessInfo.processInfo.environment)
  }

  @Test(.enabled(if: renderer != nil, "vl-convert-python is not installed"))
  func `pictures are rendered once and then current`() throws {
    try withReports { folder, root in
      let renderer = try #require(Self.renderer)
      let written = try folder.write([try entry()], claims: [], renderer: renderer)
      #expect(written.warnings.isEmpty)
      let pictures = written.changed.filter { $0.hasSuffix(".svg") }
      #expect(pictures.count == 3)
      #expect(try pictures.allSatisfy { try content($0).hasPrefix("<svg") })
      #expect(try folder.drift([try entry()], claims: []).isEmpty)
      #expect(try folder.write([try entry()], claims: [], renderer: renderer).changed.isEmpty)
      try replace(pictures[0], "</svg>", "</svg >")
      #expect(try folder.write([try entry()], claims: [], renderer: renderer).changed.isEmpty)
    }
  }

  @Test func `drift names the file and its first differing line and writes nothing`() throws {
    try withReports { folder, root in
      _ = try folder.write([try entry()], claims: [], renderer: nil)
      let report = "\(root)/Results/literal-transport/report.md"
      try replace(report, "seed 42", "seed 43")
      try FileManager.default.removeItem(
        atPath: "\(root)/Results/literal-transport/figures/bytes.vl.json")
      let before = try content(report)
      let drift = try folder.drift([try entry()], claims: [])
      let texts = drift.map(\.description)
      #expect(texts.contains { $0.contains("report.md:") && $0.contains("seed 43") })
      #expect(texts.contains { $0.contains("bytes.vl.json: error: there is no such file") })
      #expect(texts.contains { $0.contains("bytes.svg: error: there is no such picture") })
      #expect(!texts.contains { $0.contains("REPORT.md") })
      #expect(try content(report) == before)
    }
  }

  @Test func `a changed value drifts in specification, report and overview`() throws {
    try withReports { folder, _ in
      _ = try folder.write([try entry()], claims: [], renderer: nil)
      var other = SmallRecord()
      other.repetitions = 5
      let names = try folder.drift([try entry(other)], claims: []).map { drift in
        String(drift.path.split(separator: "/").last ?? "")
      }
      #expect(names.contains("delivered.vl.json"))
      #expect(names.contains("report.md"))
    }
  }

  @Test func `prose by hand is kept`() throws {
    try withReports { folder, root in
      let template = LaboratoryReport.template.replacing("# What", with: "By hand.\n\n# What")
      try template.write(toFile: "\(root)/REPORT.md", atomically: true, encoding: .utf8)
      _ = try folder.write([try entry()], claims: [], renderer: nil)
      let text = try content("\(root)/REPORT.md")
      #expect(text.hasPrefix("By hand.\n\n# What"))
      #expect(text.contains("Results/literal-transport/report.md"))
    }
  }

  @Test func `wrong markers stop everything before a file changes`() throws {
    try withReports { folder, root in
      try "<!-- fleetlab:begin claims -->\n".write(
        toFile: "\(root)/REPORT.md", atomically: true, encoding: .utf8)
      #expect(
        throws: ReportError.markers(
          path: "\(root)/REPORT.md", .unclosed(name: "claims", line: 1))
      ) { try folder.write([try entry()], claims: [], renderer: nil) }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/Results/literal-transport")
          .isEmpty)
    }
  }

  @Test func `a report that is no text is an error and stays`() throws {
    try withReports { folder, root in
      try Data([0xff, 0xfe]).write(to: URL(filePath: "\(root)/REPORT.md"))
      #expect(
        throws: ReportError.unreadable(path: "\(root)/REPORT.md", reason: "it is not UTF-8")
      ) { try folder.drift([try entry()], claims: []) }
    }
  }

  @Test func `the first difference is found at a changed, an added and a lost line`() {
    #expect(ReportFolder.difference(found: "a\nb", expected: "a\nb") == nil)
    #expect(ReportFolder.difference(found: "a\nb", expected: "a\nc")?.line == 2)
    #expect(ReportFolder.difference(found: "a", expected: "a\nc")?.line == 2)
    #expect(ReportFolder.difference(found: "a\nb", expected: "a")?.line == 2)
  }
}
