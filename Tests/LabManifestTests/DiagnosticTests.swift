import Testing

@testable import LabManifest

@Suite struct DiagnosticTests {
  private func diagnostic(_ line: Int, _ column: Int, _ message: String) -> Diagnostic {
    Diagnostic(
      place: SourcePlace(path: "a.yaml", line: line, column: column), code: "manifest.test",
      message: message)
  }

  @Test func `a problem prints as compilers do`() {
    #expect(
      diagnostic(14, 5, "unknown key 'x'; did you mean 'y'?").description
        == "a.yaml:14:5: error: unknown key 'x'; did you mean 'y'?")
  }

  @Test func `problems stand in the order of their places and once`() {
    let problems = ManifestProblems(
      [diagnostic(9, 1, "c"), diagnostic(2, 7, "b"), diagnostic(2, 3, "a"), diagnostic(2, 7, "b")])
    #expect(problems.diagnostics.map(\.message) == ["a", "b", "c"])
    #expect(problems.description.split(separator: "\n").count == 3)
  }

  @Test func `the JSON form has stable codes and escapes text`() throws {
    let json = ManifestProblems([diagnostic(1, 2, "say \"x\"\n")], omitted: 3).json
    #expect(
      json == """
        {
          "problems": [
            {"path": "a.yaml", "line": 1, "column": 2, "code": "manifest.test", \
        "message": "say \\"x\\"\\n"}
          ],
          "omitted": 3
        }

        """)
  }

  @Test func `after a hundred problems the others are counted`() {
    let log = ProblemLog()
    for line in 1...250 { log.report(diagnostic(line, 1, "x")) }
    #expect(log.problems.diagnostics.count == 100)
    #expect(log.problems.description.hasSuffix("and 150 more"))
  }

  @Test(arguments: [
    ("efsearch", "ef-search"), ("paramters", "parameters"), ("Loss", "loss"), ("los", "loss"),
    ("repetitons", "repetitions"), ("swep", "sweep"), ("lsos", "loss"),
  ])
  func `the name that was meant is found`(written: String, meant: String) {
    let names = ["ef-search", "parameters", "loss", "repetitions", "sweep", "seed", "delay"]
    #expect(nearestName(to: written, among: names) == meant)
  }

  @Test func `a name that is far from all has no suggestion`() {
    #expect(nearestName(to: "banana", among: ["loss", "delay", "queue"]) == nil)
    #expect(nearestName(to: "x", among: ["y"]) == nil)
  }

  @Test func `swapped neighbours count as one edit`() {
    #expect(editDistance(Array("abcd".utf8), Array("abdc".utf8)) == 1)
    #expect(editDistance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(editDistance([], Array("abc".utf8)) == 3)
  }
}
