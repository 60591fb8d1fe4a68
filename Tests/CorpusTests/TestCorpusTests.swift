import Foundation
import Testing

@testable import Corpus

@Suite struct `a corpus of tests` {
  /// A folder that is there for the length of a body, with files by path.
  private func withFolder(_ files: [String: String], _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "corpus-\(ProcessInfo.processInfo.globallyUniqueString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try body(folder)
  }

  private static let files = [
    "b/test_b.py": "def test_one(): pass\ndef test_two(): pass\n",
    "a/test_a.py": "def test_one(): pass\n",
    "a-b/A.swift": "import Testing\n@Test func one() {}\n",
    "x.test.ts": "it('one', () => {})\n",
    ".hidden/test_h.py": "def test_hidden(): pass\n",
    "node_modules/m/m.test.js": "it('module', () => {})\n",
    "notes.txt": "def test_text(): pass\n",
  ]

  @Test func `has every test once, in the order of paths and lines`() throws {
    try withFolder(Self.files) { folder in
      let corpus = try TestCorpus(folder: folder.path)
      #expect(
        corpus.functions.map { "\($0.file):\($0.line) \($0.name)" } == [
          "a-b/A.swift:2 one", "a/test_a.py:1 test_one", "b/test_b.py:1 test_one",
          "b/test_b.py:2 test_two", "x.test.ts:1 one",
        ])
      #expect(corpus.filesRead == 4 && corpus.filesSkipped.isEmpty)
      #expect(corpus.unique.count == 4)
    }
  }

  @Test func `has a digest that every change of a test changes`() throws {
    var digests: Set<String> = []
    var changed = Self.files
    for text in ["def test_one(): pass\n", "def test_one(): 1\n", "\ndef test_one(): pass\n"] {
      changed["a/test_a.py"] = text
      try withFolder(changed) { folder in
        let functions = try TestCorpus(folder: folder.path).functions
        let digest = TestCorpus.digest(of: functions)
        digests.insert(digest)
        #expect(digest.count == 64)
      }
    }
    #expect(digests.count == 3)
    try withFolder(changed.merging(["notes.txt": "other"]) { $1 }) { folder in
      digests.insert(TestCorpus.digest(of: try TestCorpus(folder: folder.path).functions))
    }
    #expect(digests.count == 3)
  }

  @Test func `passes over files that are too large and names them`() throws {
    let large = String(repeating: "#", count: SourceTree.fileBytesMax) + "\n"
    try withFolder(["test_l.py": large]) { folder in
      let skipped = try TestCorpus(folder: folder.path).filesSkipped
      #expect(skipped == ["test_l.py"])
    }
  }

  @Test func `follows no symbolic link`() throws {
    try withFolder(Self.files) { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "again"), withDestinationURL: folder)
      let functions = try TestCorpus(folder: folder.path).functions
      #expect(functions.count == 5)
    }
  }

  @Test func `of no folder says so`() {
    #expect(throws: CorpusError.self) { try TestCorpus(folder: "no-such-folder") }
  }

  @Test func `of this package's tests counts what begins a line with the attribute`() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    // The texts in the tests of this room hold tests themselves.
    let functions = try TestCorpus(folder: tests.path).functions
      .filter { !$0.file.hasPrefix("CorpusTests/") && $0.framework == .swiftTesting }
    var expected = 0
    for case let file as URL in FileManager.default.enumerator(
      at: tests, includingPropertiesForKeys: nil) ?? .init()
    where file.pathExtension == "swift" && !file.path.contains("/CorpusTests/") {
      expected += try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        .count { line in
          let text = line.drop { $0 == " " }
          return text.hasPrefix("@Test ") || text.hasPrefix("@Test(") || text == "@Test"
        }
    }
    #expect(functions.count == expected)
    #expect(expected > 300)
  }

  @Test func `writes a line of JSON for each test, with its text`() throws {
    let function = TestFunction(
      name: "a", body: "b\n\"/", documentation: "", language: .swift, framework: .xctest,
      file: "f/g.swift", line: 3)
    let text = String(decoding: TestCorpus.lines(of: [function]), as: UTF8.self)
    #expect(
      text == #"{"body":"b\n\"/","documentation":"","file":"f/g.swift","framework":"xctest","#
        + #""language":"swift","line":3,"name":"a","text":"a\nb\n\"/"}"# + "\n")
  }
}
