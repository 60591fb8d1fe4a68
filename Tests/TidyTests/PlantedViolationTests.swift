// Every rule is held against small texts that break it and small texts that keep it: a rule that
// cannot fail would hold nothing.
import Foundation
import Testing

@Suite struct `a planted violation` {
  /// A text that breaks a rule, and what the finding must say.
  struct Plant: Sendable, CustomTestStringConvertible {
    let path: String
    let text: String
    /// The finding's line and a part of its words; nothing where the text keeps the rule.
    let finding: (line: Int, what: String)?

    init(_ text: String, in path: String = "Sources/Ground/LabCore/A.swift") {
      (self.path, self.text, finding) = (path, text, nil)
    }

    init(
      _ text: String, in path: String = "Sources/Ground/LabCore/A.swift", line: Int = 1,
      gives what: String
    ) {
      (self.path, self.text, finding) = (path, text, (line, what))
    }

    var testDescription: String {
      "\(path): \(text.prefix(60).split(separator: "\n").joined(separator: " | "))"
    }
  }

  private func check(
    _ plant: Plant, _ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let lines = findings.map { "\($0.line): \($0.what)" }
    guard let expected = plant.finding else {
      #expect(lines == [], sourceLocation: sourceLocation)
      return
    }
    #expect(findings.count == 1, "\(lines)", sourceLocation: sourceLocation)
    #expect(findings.first?.line == expected.line, sourceLocation: sourceLocation)
    #expect(
      findings.first?.what.contains(expected.what) == true, "\(lines)",
      sourceLocation: sourceLocation)
  }

  private func swift(_ plant: Plant) -> SwiftText { SwiftText(path: plant.path, plant.text) }

  // MARK: Arrows

  private static let subject = "Sources/Subjects/Transport/A.swift"
  private static let world = "Sources/Worlds/Simulation/A.swift"

  @Test(arguments: [
    Plant("\nimport Simulation", in: subject, line: 2, gives: "Transport imports Simulation"),
    Plant("public import Network", in: subject, gives: "Transport imports Network"),
    Plant("@testable import Statistics", in: subject, gives: "imports Statistics"),
    Plant("import struct Yams.Node", in: subject, gives: "imports Yams"),
    Plant("import Transport", in: world, gives: "Simulation imports Transport"),
    Plant("import NIOCore", in: world, gives: "Simulation imports NIOCore"),
    Plant("import LabRecord", in: "Sources/Worlds/Sockets/A.swift", gives: "imports LabRecord"),
    Plant("import LabRunner", in: "Sources/Laboratory/LabRecord/A.swift", gives: "LabRunner"),
    Plant("import LabRunner", in: "Sources/Laboratory/LabGate/A.swift", gives: "LabRunner"),
    Plant("import CGSL", in: "Sources/Ground/Network/A.swift", gives: "Network imports CGSL"),
    Plant("import Testing", in: "Sources/Experiments/A.swift", gives: "imports Testing"),
    Plant("import Yams", in: "Tests/TransportTests/A.swift", gives: "imports Yams"),
    Plant("import CGSL", in: "Tests/NetworkTests/A.swift", gives: "imports CGSL"),
    Plant("import fleetlab", in: "Sources/Experiments/A.swift", gives: "imports fleetlab"),
    Plant("let a = 1", in: "Sources/Ground/Other/A.swift", gives: "no known target"),
    Plant("public import LabCore\nimport Foundation", in: subject),
    Plant("import NIOPosix\nimport Network", in: "Sources/Worlds/Sockets/Node/A.swift"),
    Plant("let a = \"\"\"\n  import Yams\n  \"\"\"", in: subject),
    Plant("@testable import Transport\nimport Testing", in: "Tests/TransportTests/A.swift"),
    Plant("import CGSL", in: "Tests/StatisticsTests/A.swift"),
    Plant("import LabRunner", in: "Tests/Fixtures/TrialWorker/A.swift"),
    Plant("import ArgumentParser\nimport LabReport", in: "Sources/fleetlab/A.swift"),
  ])
  func `is found among the imports`(plant: Plant) {
    check(plant, Arrows.findings(in: swift(plant)))
  }

  private static let place = #""path": "Sources/Subjects/Transport""#

  @Test(arguments: [
    Plant(
      #"{"name": "Transport", "type": "library", \#(place), "target_dependencies": ["Journal"]}"#,
      gives: "'Transport' depends on 'Journal'"),
    Plant(
      #"{"name": "Transport", "type": "library", \#(place), "product_dependencies": ["Yams"]}"#,
      gives: "'Transport' depends on 'Yams'"),
    Plant(
      #"{"name": "Other", "type": "library", "path": "Sources/Ground/Other"}"#,
      gives: "'Other' is new"),
    Plant(
      #"{"name": "Transport", "type": "library", "path": "Sources/Worlds/Transport"}"#,
      gives: "stands in Sources/Worlds/Transport"),
    Plant(
      #"{"name": "JournalTests", "type": "test", "path": "", "product_dependencies": ["NIOCore"]}"#,
      gives: "'JournalTests' depends on 'NIOCore'"),
    Plant(
      #"{"name": "Transport", "type": "library", \#(place), "target_dependencies": ["LabCore"]}"#),
    Plant(
      #"{"name": "TransportTests", "type": "test", "path": "", "target_dependencies": ["Hunt"]}"#),
  ])
  func `is found among the targets`(plant: Plant) throws {
    let json = Data(#"{"targets": [\#(plant.text)]}"#.utf8)
    let package = try JSONDecoder().decode(Arrows.Package.self, from: json)
    check(plant, Arrows.findings(in: package))
  }

  @Test func `cannot be hidden in a circle: the table of arrows has none`() {
    for (target, below) in Arrows.targets {
      var reached = below
      while true {
        let further = reached.union(reached.flatMap { Arrows.targets[$0] ?? [] })
        if further == reached { break }
        reached = further
      }
      #expect(!reached.contains(target), "\(target) reaches itself")
      #expect(
        reached.allSatisfy { Arrows.targets[$0] != nil }, "\(target) has an edge to no target")
    }
  }

  // MARK: Sizes

  private static let long = String(repeating: "a\n", count: 600)
  private static let body = String(repeating: "  a()\n", count: 69)

  @Test(arguments: [
    Plant("// A.\n" + long, line: 601, gives: "601 lines"),
    Plant("// A.\n// " + String(repeating: "b", count: 98), line: 2, gives: "101 columns"),
    Plant("// A.\nfunc a() {\n" + body + "}\n", line: 2, gives: "a has 71 lines"),
    Plant("// A.\n", in: "Sources/fleetlab/StringUtils.swift", gives: "ends in Utils"),
    Plant("// A.\n", in: "Sources/fleetlab/Common.swift", gives: "ends in Common"),
    Plant("// A.\n", in: "Sources/fleetlab/RunManager+A.swift"),
    Plant("// A.\n", in: "Sources/fleetlab/RunManager.swift", gives: "ends in Manager"),
    Plant("import LabCore\n\nstruct A {}\n", line: 3, gives: "begins without a word"),
    Plant("import LabCore\n\n/// An A.\nstruct A {}\n"),
    Plant("// A.\nfunc a() {\n" + body.dropLast(6) + "}\n"),
  ])
  func `is found among the sizes`(plant: Plant) {
    check(plant, Sizes.findings(in: swift(plant)))
  }

  @Test(arguments: [
    Plant("#\n# " + String(repeating: "é", count: 99), in: "Scripts/a", line: 2, gives: "101"),
    Plant(long + "a\n", in: "Scripts/a.py", line: 601, gives: "601 lines"),
    Plant(long, in: "Experiments/peers/a.cpp"),
    Plant(String(repeating: "b", count: 300), in: "README.md"),
  ])
  func `is found among the sizes of scripts and peers`(plant: Plant) {
    check(plant, Sizes.findings(inCode: plant.text, path: plant.path))
  }

  // MARK: Banned calls

  @Test(arguments: [
    Plant("let a = Date()", gives: "Date()"),
    Plant("let a = 1\nlet b = Foundation.Date()", line: 2, gives: "Date()"),
    Plant("ContinuousClock.now", gives: "ContinuousClock"),
    Plant("let a = DispatchTime.now()", gives: "DispatchTime"),
    Plant("clock_gettime(CLOCK_MONOTONIC, &a)", gives: "clock_gettime"),
    Plant("gettimeofday(&a, nil)", gives: "gettimeofday"),
    Plant("let a = time(nil)", gives: "time(nil"),
    Plant("var a = SystemRandomNumberGenerator()", gives: "SystemRandomNumberGenerator"),
    Plant("let a = Int.random(in: 0..<f(using: 3).b)", gives: "without 'using:'"),
    Plant("let a = Bool.random()", gives: "without 'using:'"),
    Plant("let a = b.shuffled()", gives: "without 'using:'"),
    Plant("let a = b.randomElement()", gives: "without 'using:'"),
    Plant("let a = arc4random()", gives: "arc4random"),
    Plant("let a = drand48()", gives: "drand48"),
    Plant("var a = Hasher()", gives: "Hasher("),
    Plant("let a = b.hashValue", gives: ".hashValue"),
    Plant("let a = UUID()", gives: "UUID("),
    Plant("print(a)", gives: "print("),
    Plant("Swift.print(a)", gives: "print("),
    Plant("debugPrint(a)", gives: "debugPrint("),
    Plant("dump(a)", gives: "dump("),
    Plant("Task {\n}", gives: "Task{"),
    Plant("Task.detached {\n}", gives: "Task.detached"),
    Plant("sleep(1)", gives: "sleep("),
    Plant("try await Task.sleep(for: a)", gives: "sleep("),
    Plant("Thread.sleep(forTimeInterval: 1)", gives: "sleep("),
    Plant("let a = \"print(b)\" // Date()"),
    Plant("let a = Int.random(in: 0..<3, using: &b) + c.shuffled(using: &b).count"),
    Plant("func dump() {}\nlet a = b.dump() + c.time(nil) + Date(timeIntervalSince1970: 0)"),
    Plant("func hash(into hasher: inout Hasher) {}\nlet a = StableHasher()"),
  ])
  func `is found among the calls`(plant: Plant) {
    check(plant, BannedCalls.findings(in: swift(plant), BannedCalls.inCores))
  }

  @Test func `of a sleep or a clock is found in a test, chance is not`() {
    let text = "sleep(1)\nlet a = ContinuousClock()\nlet b = UUID()\nprint(b)"
    let found = BannedCalls.findings(in: SwiftText(path: "", text), BannedCalls.inTests)
    #expect(Set(found.map(\.line)) == [1, 2])
  }

  // MARK: Documentation

  @Test(arguments: [
    Plant("public func a() {}", gives: "'a' has no doc comment"),
    Plant("/// It counts.\n\npublic var a = 1", line: 3, gives: "public var 'a'"),
    Plant("// It counts.\npublic let a = 1", line: 2, gives: "public let 'a'"),
    Plant("@inlinable public static func a() {}", gives: "public func 'a'"),
    Plant(
      "/// An A of many.\npublic class A {\n  open class func b() {}", line: 3, gives: "func 'b'"),
    Plant("public struct A {}", gives: "public struct 'A'"),
    Plant("public init(a: Int) {}", gives: "public init 'init(a'"),
    Plant("public private(set) var a = 1", gives: "public var 'a'"),
    Plant("public subscript(a: Int) -> Int { 0 }", gives: "public subscript"),
    Plant("public nonisolated(unsafe) let a = 1", gives: "public let 'a'"),
    Plant("/// Some states.\npublic enum A {\n  case b\n}", line: 3, gives: "case 'b'"),
    Plant(
      "/// Does it.\npublic protocol A {\n  func b()\n}\nfunc c() {}", line: 3, gives: "func 'b'"),
    Plant("/// The link delay.\npublic let linkDelay = 1", line: 2, gives: "repeats its name"),
    Plant("/// Returns the A.\npublic struct A {}", line: 2, gives: "repeats its name"),
    Plant("/// Delay of the link in the slow state.\npublic let linkDelay = 1"),
    Plant("/// It counts.\n@inlinable\n@available(*, deprecated)\npublic var a: Int { 1 }"),
    Plant(
      "/// States.\npublic enum A {\n  /// Calm.\n  case b\n  func c() { switch d { case e: f } }"
    ),
    Plant(
      "/// States.\npublic enum A {\n  var a: Int {\n    switch b {\n    case c: 1\n    }\n  }\n}"
    ),
    Plant("enum A {\n  case b\n}\nfunc a() {}\nprivate var b = 1\npublic(set) var c = 1"),
    Plant(
      "public static func == (a: A, b: A) -> Bool { true }\npublic var description: String { a }"),
    Plant("public import LabCore\nlet a = \"public let b\""),
    Plant("struct A: B<C>, D {\n  public func e() {}\n}\nprotocol D {\n  /// Ends.\n  func e()\n}"),
    Plant(
      "struct A {}\nextension A: B {\n  public init(c: Int) {}\n}\nprotocol B: D {}\n"
        + "protocol D {\n  /// Begins.\n  init(c: Int)\n}"),
    Plant(
      "struct A: D {\n  public func e() {}\n}\nprotocol D {\n  func e()\n}", line: 2,
      gives: "func 'e'"),
    Plant(
      "struct A {\n  public func e() {}\n}\nprotocol D {\n  /// Ends.\n  func e()\n}", line: 2,
      gives: "func 'e'"),
  ])
  func `is found among the doc comments`(plant: Plant) {
    check(plant, Documentation([swift(plant)]).findings())
  }

  // MARK: Links

  private static let paths: Set<String> = [
    "README.md", "Sources/A/A.docc/Idea.md", "Results/a/run.json", "Results/a/a b.svg",
  ]

  @Test(arguments: [
    Plant("see [a](missing.md)", in: "README.md", gives: "leads to no file"),
    Plant("\n![a](Results/b/delay.svg \"title\")", in: "README.md", line: 2, gives: "no file"),
    Plant("[a](../README.md)", in: "README.md", gives: "leads to no file"),
    Plant("[a](/README.md)", in: "README.md", gives: "is absolute"),
    Plant("# A b\n[a](#a-c)", in: "README.md", line: 2, gives: "leads to no heading"),
    Plant("[a]: Results/b/run.json", in: "README.md", gives: "leads to no file"),
    Plant("<img src=\"Results/b.svg\">", in: "README.md", gives: "leads to no file"),
    Plant("see <doc:Thought>", in: "README.md", gives: "names no article"),
    Plant("[a](Results/a/run.json), [b](Results/a/), [c](<Results/a/a%20b.svg>)", in: "README.md"),
    Plant(
      "[a](https://example.org/a#b) <doc:Idea> [b](README.md#an-a-b)\n## An `a` b!", in: "README.md"
    ),
    Plant("# A\n# A\n[a](#a-1)\n```\n[b](missing.md)\n```\n`[c](missing.md)`", in: "README.md"),
    Plant("[a](../../../Results/a/run.json)", in: "Sources/A/A.docc/Idea.md"),
  ])
  func `is found among the links`(plant: Plant) {
    check(plant, Links(pages: [plant.path: plant.text], paths: Self.paths).findings())
  }

  // MARK: Layout

  @Test(arguments: [
    Plant("", in: "notes/a.md", gives: "the root has an entry of its own"),
    Plant("", in: "Makefile", gives: "the root has an entry of its own"),
    Plant("", in: ".ci/run"),
    Plant("", in: "Results/a/run.json"),
  ])
  func `is found at the root`(plant: Plant) {
    check(plant, Layout.topLevel([plant.path]))
  }

  @Test func `of the size is found among the files`() {
    let sizes = [
      ("a", 512 * 1024), ("a", 512 * 1024 + 1), ("Results/a/b.csv", 4 * 1024 * 1024),
      ("Results/a/b.csv", 4 * 1024 * 1024 + 1),
    ]
    let files = sizes.map { path, bytes in
      Layout.File(path: path, bytes: bytes, isExecutable: false, opening: "")
    }
    let found = Layout.blobs(files).map(\.what)
    #expect(found == ["the file has 524289 bytes", "the file has 4194305 bytes"])
  }

  private static let opening = "#!/usr/bin/env bash\nset -euo pipefail\n"

  @Test(arguments: [
    Plant(opening, in: "Scripts/a", gives: "cannot be run"),
    Plant("#!/bin/sh\nset -euo pipefail", in: "Scripts/+x/a", gives: "no '#!/usr/bin/env bash'"),
    Plant("#!/usr/bin/env bash\n", in: "Scripts/+x/a", gives: "no 'set -euo pipefail'"),
    Plant("a = 1", in: "Scripts/+x/a.py", gives: "can be run"),
    Plant(opening, in: "Scripts/+x/a"),
    Plant("a = 1", in: "Scripts/a.py"),
    Plant("", in: "Sources/a"),
  ])
  func `is found among the scripts`(plant: Plant) {
    let isExecutable = plant.path.contains("+x")
    check(
      plant,
      Layout.scripts([
        .init(path: plant.path, bytes: 1, isExecutable: isExecutable, opening: plant.text)
      ]))
  }

  @Test(arguments: [
    Plant("# Changelog\n## 1.0\n", gives: "nothing is unreleased"),
    Plant("# Changelog\n## [Unreleased]\n"),
    Plant("# Changelog\n## Unreleased\n"),
  ])
  func `is found in the changelog`(plant: Plant) {
    check(plant, Layout.changelog(plant.text))
  }

  @Test(arguments: [
    Plant(
      ".package(url: \"https://a.org/b/swift-nio.git\", from: \"2.0.0\")", gives: "swift-nio"),
    Plant(".package(\n  url: \"https://example.org/b/Yams\", from: \"2.0.0\")", gives: "'Yams'"),
    Plant(".systemLibrary(name: \"CGSL\", pkgConfig: \"gsl\")", gives: "'gsl'"),
    Plant(".package(url: \"https://example.org/b/Swift-Crypto\", from: \"2.0.0\")"),
  ])
  func `is found among the dependencies`(plant: Plant) {
    check(plant, Layout.dependencies(of: plant.text, readme: "It uses swift-crypto."))
  }

  @Test func `of a document that is missing is found`() {
    let found = Layout.documents(["README.md", "REPORT.md", "CHANGELOG.md", ".gitignore"])
    #expect(found.map(\.path) == ["LICENSE"])
  }

  // MARK: Words

  @Test(arguments: [
    Plant("a\n// TO" + "DO: b", line: 2, gives: "TO" + "DO"),
    Plant("# FIX" + "ME", in: "a.py", gives: "FIX" + "ME"),
    Plant("XX" + "X", in: "README.md", gives: "XX" + "X"),
    Plant("HA" + "CK", in: "a.yaml", gives: "HA" + "CK"),
    Plant("let TO" + "DOLIST = HA" + "CKNEY"),
  ])
  func `is found among the words`(plant: Plant) {
    check(plant, Words.unfinished(in: plant.text, path: plant.path))
  }

  @Test(arguments: [
    Plant("a\nin /" + "tmp/a", in: "README.md", line: 2, gives: "/" + "tmp"),
    Plant("\"/" + "home/a\"", gives: "/" + "home"),
    Plant("(/" + "root)", gives: "/" + "root"),
    Plant("data: /" + "work/main", in: "a.yaml", gives: "/" + "work"),
    Plant("\"/" + "tmp/a\"", in: "Scripts/test"),
    Plant("the net/" + "workload, https://a.b/" + "home, ../" + "tmp and \\(root)/" + "work"),
  ])
  func `is found among the paths`(plant: Plant) {
    check(plant, Words.machinePaths(in: plant.text, path: plant.path))
  }

  @Test(arguments: [
    Plant("  // let a = b", gives: "let a = b"),
    Plant("// func a() -> B {", gives: "func a()"),
    Plant("// public static func a(b: C)", gives: "func a"),
    Plant("// import LabCore", gives: "import LabCore"),
    Plant("// if a == b {", gives: "if a == b {"),
    Plant("let a = 1\n// }", line: 2, gives: "}"),
    Plant("// return a.b(c)", gives: "return a.b(c)"),
    Plant("// a.b = c + 1", gives: "a.b = c + 1"),
    Plant("// a.b(c)", gives: "a.b(c)"),
    Plant(
      "// p = 1 - q, the law of the link; see {2}.\n/// func a() {\n// MARK: A\nlet a = 1 // }"),
    Plant("// The end of the run (see a) returns what was left."),
  ])
  func `is found among the comments`(plant: Plant) {
    check(plant, Words.commentedCode(in: swift(plant)))
  }
}
