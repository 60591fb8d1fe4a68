// The verbs that find, encode and search texts and vectors, seen from the shell.

import ArrayFiles
import FoundationEssentials
import LabCore
import Testing

@Suite struct `Verbs of search` {
  /// Three tests in two languages, and what the verbs print of them.
  private static let swift = """
    import Testing

    enum Net { @Test func `a lost connection is tried again`() { connect(retries: 3) } }
    enum Old { @Test func `a date before 1970 is negative`() { #expect(date < 0) } }
    """
  private static let python = """
    def test_matrix_product_is_associative():
        assert a @ (b @ c) == (a @ b) @ c
    """

  /// A desk with a folder of sources.
  private func desk() throws -> Desk {
    let desk = try Desk()
    try FileManager.default.createDirectory(
      atPath: "\(desk.path)/sources", withIntermediateDirectories: false)
    _ = try desk.write(Self.swift, to: "sources/NetTests.swift")
    _ = try desk.write(Self.python, to: "sources/test_algebra.py")
    return desk
  }

  @Test func `a corpus is a line of JSON for each test, on standard output or in a file`() throws {
    let desk = try desk()
    let shown = try Desk.call(["corpus", "\(desk.path)/sources"])
    #expect(shown.code == 0)
    #expect(shown.output.split(separator: "\n").count == 3)
    #expect(shown.errors.contains("3 tests in 2 files"))
    let kept = try Desk.call(["corpus", "\(desk.path)/sources", "--out", "\(desk.path)/t.jsonl"])
    #expect((kept.code, kept.output) == (0, ""))
    #expect(try desk.read("t.jsonl") == shown.output)
    let nowhere = try Desk.call(["corpus", "\(desk.path)/nowhere"])
    #expect(nowhere.code == 2)
    #expect(nowhere.errors.contains("a folder of sources was expected"))
  }

  @Test func `texts become a matrix, and the second time come from the cache`() throws {
    let desk = try desk()
    let texts = try desk.write("\"one\"\n{\"text\": \"two\"}\n\"one\"\n", to: "t.jsonl")
    let arguments = [
      "encode", "--in", texts, "--out", "\(desk.path)/E.npy", "--encoder", "hashing",
      "--cache", "\(desk.path)/cache",
    ]
    let first = try Desk.call(arguments)
    #expect((first.code, first.output) == (0, ""), "\(first.errors)")
    #expect(first.errors.contains("hashing-384:0: 0 from the cache, 2 encoded"))
    #expect(try Desk.call(arguments).errors.contains("3 from the cache, 0 encoded"))
    let rows = try VectorFile.readRows("\(desk.path)/E.npy", limit: 1 << 20)
    #expect(rows.count == 3 && rows.allSatisfy { $0.count == 384 })
    #expect(rows[0] == rows[2] && rows[0] != rows[1])
  }

  @Test
  func `texts that cannot be encoded are told with their line, and weights with their script`()
    throws
  {
    let desk = try Desk()
    let bad = try desk.write("\"one\"\n[2]\n", to: "bad.jsonl")
    let out = ["--out", "\(desk.path)/E.npy"]
    let wrong = try Desk.call(["encode", "--in", bad, "--encoder", "hashing"] + out)
    #expect(wrong.code == 2)
    #expect(wrong.errors.contains("bad.jsonl:2:1: error: "), "\(wrong.errors)")
    let good = try desk.write("\"one\"\n", to: "good.jsonl")
    let missing = try Desk.call(["encode", "--in", good, "--model", "\(desk.path)/no"] + out)
    #expect(missing.code == 2)
    #expect(missing.errors.contains("run ./Scripts/weights"))
    #expect(!FileManager.default.fileExists(atPath: "\(desk.path)/E.npy"))
    #expect(
      try Desk.call(["encode", "--in", "\(desk.path)/no", "--threads", "0"] + out).code == 64)
  }

  @Test func `a question finds the test that shares its words, with file and line`() throws {
    let desk = try desk()
    let arguments = [
      "search", "is the connection lost", "\(desk.path)/sources", "--encoder", "hashing",
      "--no-cache", "--format", "csv",
    ]
    let found = try Desk.call(arguments)
    #expect(found.code == 0, "\(found.errors)")
    let lines = found.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == "score,where,test")
    #expect(lines[1].hasSuffix("sources/NetTests.swift:3,a lost connection is tried again"))
    #expect(found.errors.contains("3 tests, 0 from the cache, 3 encoded"))
    let one = try Desk.call(arguments + ["--k", "1"])
    #expect(one.output.split(separator: "\n") == Array(lines[..<2]))
  }

  @Test func `a search without a question, tests or weights says what is missing`() throws {
    let desk = try desk()
    let folder = "\(desk.path)/sources"
    #expect(try Desk.call(["search", " ", folder]).code == 64)
    #expect(try Desk.call(["search", "a", folder, "--k", "0"]).code == 64)
    let empty = try Desk.call(["search", "a", desk.results, "--encoder", "hashing"])
    #expect(empty.code == 2 && empty.errors.contains("there is no test below"))
    let missing = try Desk.call(["search", "a", folder, "--model", "\(desk.path)/no"])
    #expect(missing.code == 2 && missing.errors.contains("run ./Scripts/weights"))
  }

  @Test func `search data is made once, from texts or by a law`() throws {
    let desk = try desk()
    let texts = "\(desk.path)/t.jsonl"
    #expect(try Desk.call(["corpus", "\(desk.path)/sources", "--out", texts]).code == 0)
    let ofTests = [
      "vectors", "data", "--kind", "tests", "--corpus", texts, "--encoder", "hashing",
      "--no-cache", "--count", "2", "--queries", "1", "--out", "\(desk.path)/tests",
    ]
    let made = try Desk.call(ofTests)
    #expect(made.code == 0, "\(made.errors)")
    #expect(try desk.read("tests/about.json").contains("\"kind\": \"hashed\""))
    let again = try Desk.call(ofTests)
    #expect(again.code == 2 && again.errors.contains("is there already"))
    let more = try Desk.call(
      ofTests.dropLast() + ["\(desk.path)/more", "--count", "3"])
    #expect(more.code == 2 && more.errors.contains("at least 4 were expected"), "\(more.errors)")
    for kind in ["clustered", "gaussian"] {
      let folder = "\(desk.path)/\(kind)"
      let law = ["vectors", "data", "--kind", kind, "--count", "9", "--dimensions", "4"]
      #expect(try Desk.call(law + ["--out", folder]).code == 0)
      #expect(try VectorFile.readRows("\(folder)/base.npy", limit: 1 << 20).count == 9)
      #expect(try Desk.call(law + ["--out", "\(folder)-2", "--corpus", texts]).code == 64)
    }
  }

  @Test func `a manifest without its weights is passed over in a folder and refused by name`()
    throws
  {
    let desk = try Desk()
    let path = try desk.write(
      """
      fleetlab: 1
      title: Agreement
      question: Is it the same?
      experiment: encoder-agreement
      parameters: {weights: nowhere}
      """, to: "experiments/agreement.yaml")
    let passedOver = try desk.call("run")
    #expect(passedOver.code == 0, "\(passedOver.errors)")
    #expect(passedOver.errors.contains("agreement is skipped, it has no record"))
    #expect(passedOver.errors.contains("run ./Scripts/weights"))
    let refused = try desk.call("run", path)
    #expect(refused.code == 2)
    #expect(refused.errors.contains("agreement cannot run: there is no file 'nowhere/"))
  }

  @Test func `the gate leaves out what this machine cannot run, and misses what it can`() throws {
    let desk = try Desk()
    let baselines = ["--baselines", "\(desk.path)/baselines"]
    let folders = ["--experiments", "\(desk.path)/experiments", "--results", desk.results]
    #expect(try desk.call("run", try desk.ask("quick")).code == 0)
    let kept = try Desk.call(["baseline", "update"] + folders + baselines)
    #expect(kept.code == 0, "\(kept.errors)")
    try FileManager.default.removeItem(atPath: "\(desk.results)/quick")
    #expect(try Desk.call(["gate"] + folders + baselines).code == 4)
    _ = try desk.write(
      """
      fleetlab: 1
      title: Agreement
      question: Is it the same?
      experiment: encoder-agreement
      parameters: {weights: nowhere}
      """, to: "experiments/quick.yaml")
    let leftOut = try Desk.call(["gate"] + folders + baselines)
    #expect(leftOut.code == 0, "\(leftOut.errors)")
    #expect(leftOut.errors.contains("quick is left out, it has no record: there is no file"))
    #expect(try Desk.call(["gate", "quick"] + folders + baselines).code == 4)
  }
}
