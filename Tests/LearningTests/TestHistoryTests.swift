import FoundationEssentials
import LabCore
import Testing

@testable import Learning

@Suite struct `A history of tests` {
  private static let heading = "Id;Name;Duration;LastRun;LastResults;Verdict;Cycle\n"

  @Test func `that is drawn has the runs that its table has`() throws {
    let made = SyntheticHistory(cycles: 12, tests: 30, weak: 5, seed: Seed(3))
    let (drawn, read) = (made.history, try made.read())
    #expect(drawn.tests == read.tests && drawn.cycles == read.cycles)
    #expect(drawn.executions.map(\.hasFailed) == read.executions.map(\.hasFailed))
    #expect(drawn.executions.map(\.past) == read.executions.map(\.past))
    #expect(drawn.failures > 0)
  }

  @Test func `has a fingerprint that every run takes part in`() {
    var made = SyntheticHistory(cycles: 3, tests: 14, weak: 3, seed: Seed(4))
    let fingerprint = made.history.fingerprint
    #expect(made.history.fingerprint == fingerprint)
    made.cycles[2][13].hasFailed.toggle()
    #expect(made.history.fingerprint != fingerprint)
    made.cycles[2][13].hasFailed.toggle()
    made.cycles[0][0].seconds += 1
    #expect(made.history.fingerprint != fingerprint)
  }

  @Test func `with shuffled pasts has the same runs and the same pasts in each cycle`() {
    let history = SyntheticHistory(cycles: 8, tests: 30, weak: 6, seed: Seed(5)).history
    let shuffled = history.shufflingPasts(seed: Seed(6))
    #expect(shuffled != history && shuffled == history.shufflingPasts(seed: Seed(6)))
    #expect(shuffled.executions.map(\.hasFailed) == history.executions.map(\.hasFailed))
    for cycle in history.cycles.indices {
      let pasts = { (one: TestHistory) in
        one.executions(of: cycle).map { "\($0.past)" }.sorted()
      }
      #expect(pasts(shuffled) == pasts(history))
    }
  }

  @Test func `is the same from a table in any pieces and from documents`() throws {
    let made = SyntheticHistory(cycles: 12, tests: 30, weak: 5, seed: Seed(3))
    let whole = try made.read()
    #expect(try TestHistory(table: made.table, piece: 7) == whole)
    #expect(try TestHistory(table: made.table.replacing("\n", with: "\r\n")) == whole)
    let documents = try TestHistory(documents: made.cycles.indices.map { made.document(of: $0) })
    #expect(documents.tests == whole.tests && documents.cycles == whole.cycles)
    for (left, right) in zip(documents.executions, whole.executions) {
      var left = left
      left.lastRunSeconds = right.lastRunSeconds
      #expect(left == right)
    }
    #expect(whole.cycles.count == 12 && whole.executions.count == 360 && whole.failures > 0)
    let failing = made.cycles.count { $0.contains { $0.hasFailed } }
    #expect(whole.failingCycles == failing)
  }

  @Test func `rebuilds what came of a test before, from earlier cycles alone`() throws {
    let rows = "1;a;1;;[];1;1\n2;a;1;;[];0;1\n3;b;1;;[];0;1\n4;a;1;;[];0;2\n5;c;1;;[];1;2\n"
    let history = try TestHistory(table: Self.heading + rows)
    // Two runs of one test in a cycle do not know of each other.
    #expect(history.executions(of: 0).allSatisfy { $0.past.count == 0 })
    let again = history.executions(of: 1)[3].past
    #expect(again.count == 2 && again.failures == 1 && again[0] == false && again[1] == true)
    #expect(history.executions(of: 1)[4].past.count == 0)
  }

  @Test func `takes last results from the file where it has them, the newest first`() throws {
    let history = try TestHistory(table: Self.heading + "1;a;1;;[1, 0, 0];0;1\n2;b;1;;[];0;1\n")
    let past = history.executions[0].past
    #expect(past.count == 3 && past[0] == true && past[1] == false && past[3] == nil)
    #expect(history.executions[1].past.count == 0)
  }

  @Test(arguments: [[0, 1, 2], [2, 1, 0]])
  func `takes from last results nothing of the same cycle, and nothing after the first`(
    order: [Int]
  ) throws {
    // Three runs of a test in a cycle, whose last results count the runs before them.
    let first = ["1;a;1;;[0];1;1\n", "2;a;1;;[1, 0];0;1\n", "3;a;1;;[0, 1, 0];0;1\n"]
    // In the next cycle the file states what is not so.
    let next = "4;a;1;;[1, 1, 1, 1, 1];0;2\n"
    let rows = order.map { first[$0] }.joined() + next
    let history = try TestHistory(table: Self.heading + rows)
    for run in history.executions(of: 0) {
      #expect(run.past == PastVerdicts(newestFirst: [false]))
    }
    let inCycle = order.map { $0 == 0 }
    #expect(history.executions[3].past == PastVerdicts(newestFirst: inCycle.reversed() + [false]))
  }

  @Test func `knows how long a run was to be expected to take, from earlier cycles alone`() throws {
    let rows =
      ["a;4;0;1", "b;2;0;1", "c;0;1;1", "c;9;1;2", "d;7;0;2", "a;5;0;2", "a;0;1;3"]
      + ["b;1;0;3", "d;1;0;3", "a;1;0;4", "e;1;0;4"]
    let text = "Name;Duration;Verdict;Cycle\n" + rows.map { $0 + "\n" }.joined()
    let expected = try TestHistory(table: text).executions.map(\.expectedDuration)
    // Nothing is known at first; then c has no duration that was measured, and d none at all: the
    // mean of 4 and 2 s stands for both.
    #expect(expected[0..<3].allSatisfy { $0 == .zero })
    #expect(expected[3..<6] == [.seconds(3), .seconds(3), .seconds(4)])
    #expect(expected[6..<9] == [.seconds(5), .seconds(2), .seconds(7)])
    // The zero of the third cycle was no measurement; e is new: 4, 2, 9, 7, 5, 1 and 1 s.
    #expect(expected[9] == .seconds(5))
    #expect(abs(expected[10].seconds - 29.0 / 7) < 1e-9)
  }

  @Test func `keeps fifty verdicts of a test and forgets older ones`() {
    var past = PastVerdicts()
    past.append(hasFailed: true)
    for _ in 0..<49 { past.append(hasFailed: false) }
    #expect(past.count == 50 && past.failures == 1 && past[49] == true)
    past.append(hasFailed: false)
    #expect(past.count == 50 && past.failures == 0 && past[50] == nil && past[-1] == nil)
    let long = PastVerdicts(newestFirst: (0..<80).map { $0 % 2 == 0 })
    #expect(long.count == 50 && long.failures == 25)
  }

  @Test func `puts cycles in the order of their numbers, and runs in that of the file`() throws {
    let rows = "1;a;1;;[];0;7\n2;b;2;;[];1;3\n3;c;3;;[];0;7\n4;d;4;;[];0;3\n"
    let history = try TestHistory(table: Self.heading + rows)
    #expect(history.cycles == [0..<2, 2..<4])
    #expect(history.executions.map { history.tests[Int($0.test)] } == ["b", "d", "a", "c"])
  }

  @Test func `numbers tests as people sort names`() throws {
    let rows = ["t10", "t9", "t009a", "s"].map { "1;\($0);1;;[];0;1\n" }.joined()
    #expect(try TestHistory(table: Self.heading + rows).tests == ["s", "t9", "t009a", "t10"])
    // Names that differ in zeros alone have an order too, so that no listing is in doubt.
    #expect(NameOrder.precedes("t01", "t1") && !NameOrder.precedes("t1", "t01"))
    #expect(!NameOrder.precedes("t1", "t1") && NameOrder.precedes("t", "t1"))
  }

  @Test func `reads quoted fields, a mark of byte order, and dates`() throws {
    let text =
      "\u{feff}Name;Verdict;Cycle;Duration;LastRun\n\"a;\"\"b\";1;1;0.5;2020-03-01 00:00:01\n"
    let history = try TestHistory(table: text)
    #expect(history.tests == ["a;\"b"] && history.executions[0].hasFailed)
    #expect(history.executions[0].duration == .milliseconds(500))
    // 2020 was a leap year: 18,322 days after 1970.
    #expect(history.executions[0].lastRunSeconds == 18_322 * 86_400 + 1)
    #expect(CivilTime.seconds("1970-01-01") == 0)
    #expect(CivilTime.seconds("1969-12-31T23:59:59") == -1)
    #expect(CivilTime.seconds("soon") == nil && CivilTime.seconds("2020-13-01") == nil)
  }

  @Test(arguments: [
    ("", "h.csv:1:1: error: the table is empty"),
    ("Id;Name;Verdict;Cycle\n", "h.csv:1:1: error: there is no column 'Duration' among 'Id'"),
    ("Name;Duration;Verdict\n", "no column 'Cycle'"),
    ("Name;Duration;Verdict;Cycle\na;NaN;0;1\n", "h.csv:2:3: error: the duration is 'NaN'"),
    ("Name;Duration;Verdict;Cycle\na;-1;0;1\n", "h.csv:2:3: error: the duration is '-1'"),
    ("Name;Duration;Verdict;Cycle\na;1;nan;1\n", "h.csv:2:5: error: the verdict is 'nan'"),
    ("Name;Duration;Verdict;Cycle\na;1;0.5;1\n", "0 for passed or 1 for failed was expected"),
    ("Name;Duration;Verdict;Cycle\na;1;0;inf\n", "h.csv:2:7: error: the cycle is 'inf'"),
    ("Name;Duration;Verdict;Cycle\n;1;0;1\n", "h.csv:2:1: error: the name is ''"),
    ("Name;Duration;Verdict;Cycle\na;1;0\n", "h.csv:2:5: error: the line has 3 fields; 4"),
    ("Name;Duration;Verdict;Cycle\n\"a;1;0;1\n", "h.csv:2:1: error: a quoted field does not end"),
    ("Name;Duration;Verdict;Cycle\n\"a\"b;1;0;1\n", "h.csv:2:4: error: something follows"),
    ("Name;Duration;Verdict;Cycle;LastResults\na;1;0;1;[2]\n", "h.csv:2:9: error: a last result"),
    ("Name;Duration;Verdict;Cycle;LastRun\na;1;0;1;soon\n", "h.csv:2:9: error: the last run"),
  ])
  func `is refused with the place and the way out`(text: String, message: String) {
    let error = #expect(throws: TestHistoryError.self) { try TestHistory(table: text) }
    let said = error.map { "\($0)" } ?? ""
    #expect(said.contains(message), "\(said)")
    #expect(said.split(separator: "; ").count >= 3, "\(said)")
  }

  @Test func `is refused beyond its bounds`() {
    var limits = TestHistoryLimits()
    limits.executions = 2
    limits.lineBytes = 100
    let rows = (0..<3).map { "\($0);a;1;;[];0;1\n" }.joined()
    #expect(throws: TestHistoryError.self) {
      try TestHistory(table: Self.heading + rows, limits: limits)
    }
    #expect(throws: TestHistoryError.self) {
      try TestHistory(table: String(repeating: "x", count: 101), limits: limits)
    }
    let document = SyntheticHistory(cycles: 1, tests: 3, weak: 0, seed: Seed(1)).document(of: 0)
    #expect(throws: TestHistoryError.self) {
      try TestHistory(documents: [document], limits: limits)
    }
  }

  @Test(arguments: [7, 64, 1 << 16])
  func `is refused for a long line and read up to that length, in any pieces`(piece: Int) throws {
    var limits = TestHistoryLimits()
    limits.lineBytes = 100
    let text = { (length: Int) in
      "Name;Duration;Verdict;Cycle\n" + String(repeating: "x", count: length - 6)
        + ";1;0;1\na;1;0;1\n"
    }
    let read = try TestHistory(table: text(100), limits: limits, piece: piece)
    #expect(read.executions.count == 2)
    let error = #expect(throws: TestHistoryError.self) {
      try TestHistory(table: text(101), limits: limits, piece: piece)
    }
    #expect(
      error.map { "\($0)" }?.hasPrefix("h.csv:2:1: error: the line has more than 100") == true)
  }

  @Test func `of many rows is read to its end, and holds forty bytes a run`() throws {
    #expect(MemoryLayout<TestExecution>.stride == 40)
    var text = "Name;Duration;Verdict;Cycle\n"
    for row in 0..<200_000 { text += "t\(row % 500);1.5;\(row % 97 == 0 ? 1 : 0);\(row / 500)\n" }
    let history = try TestHistory(table: text)
    #expect(history.executions.count == 200_000 && history.cycles.count == 400)
    #expect(history.failures == (200_000 + 96) / 97)
    #expect(history.executions.capacity <= 2 * history.executions.count)
  }

  @Test(arguments: [
    ("<testsuite><testcase name='a' time='x'/></testsuite>", "the time of 'a' is 'x'"),
    ("<testsuite><testcase name='a' time='NaN'/></testsuite>", "the time of 'a' is 'NaN'"),
    ("<testsuite><testcase name='a' time='0,123'/></testsuite>", "the time of 'a' is '0,123'"),
    ("<testsuite><testcase name='a' time='1,23'/></testsuite>", "the time of 'a' is '1,23'"),
    ("<testsuite><testcase name='a' time='1234,567'/></testsuite>", "is '1234,567'"),
    ("<testsuite><testcase name='a' time='1,234,'/></testsuite>", "is '1,234,'"),
    ("<testsuite><testcase name='a' time='1,234.5,6'/></testsuite>", "is '1,234.5,6'"),
    ("<testsuite><testcase time='1'/></testsuite>", "a testcase has no name"),
    ("<testsuite><testcase name='a'", "no well-formed XML"),
    ("<testsuite/>", "holds no 'testcase'"),
    ("<testsuite><testcase name='a'/></testsuite>x", "no well-formed XML"),
    ("<testsuite><testcase name='a'></testsuite>", "no well-formed XML"),
    ("<testsuite><testcase name='&no;'/></testsuite>", "no well-formed XML"),
    (
      "<?xml version='1.0'?><!-- > --> <!DOCTYPE t [<!ENTITY e 'x'>]>"
        + "<testsuite><testcase name='&e;'/></testsuite>",
      "the document declares its type"
    ),
    (
      "<!DOCTYPE t [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
        + "<testsuite><testcase name='a'>&e;</testcase></testsuite>",
      "the document declares its type"
    ),
    (
      String(repeating: "<x>", count: 70) + String(repeating: "</x>", count: 70),
      "more than 64 deep"
    ),
  ])
  func `from a document is refused with its place`(text: String, message: String) {
    let error = #expect(throws: TestHistoryError.self) { try TestHistory(documents: [text]) }
    let said = error.map { "\($0)" } ?? ""
    #expect(said.hasPrefix("0.xml:1:") && said.contains(message), "\(said)")
  }

  @Test func `leaves out skipped tests, counts errors, and forgives a lack of times`() throws {
    let history = try TestHistory(documents: [
      "<testsuite><testcase name='a'><skipped/></testcase><testcase name='b'><error/></testcase>"
        + "<testcase name='c' time='1,234.5'/><testcase name='d' time='12,345,678'/></testsuite>"
    ])
    #expect(history.tests == ["b", "c", "d"])
    #expect(history.executions.map(\.hasFailed) == [true, false, false])
    #expect(history.executions[0].duration == .zero)
    #expect(history.executions[1].duration == .milliseconds(1_234_500))
    #expect(history.executions[2].duration == .seconds(12_345_678))
  }

  @Test func `comes from files and folders, and says what is missing`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "history-\(Seed(9).value)")
    let path = folder.path
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: TestHistoryError.nothing(path: path)) { try TestHistory(contentsOf: path) }
    let made = SyntheticHistory(cycles: 12, tests: 20, weak: 4, seed: Seed(5))
    for cycle in 0..<12 {
      let file = folder.appending(path: "build-\(cycle).xml")
      try Data(made.document(of: cycle).utf8).write(to: file)
    }
    try Data(made.table.utf8).write(to: folder.appending(path: "h.csv"))
    let documents = try TestHistory(contentsOf: path)
    let table = try TestHistory(contentsOf: "\(path)/h.csv")
    #expect(documents.cycles == table.cycles && documents.failures > 0)
    // The tenth build comes after the ninth, and not after the first.
    #expect(documents.executions.map(\.hasFailed) == table.executions.map(\.hasFailed))
    #expect(documents.executions.map(\.past) == table.executions.map(\.past))
    let error = #expect(throws: TestHistoryError.self) {
      try TestHistory(contentsOf: "\(path)/none.csv")
    }
    #expect(error.map { "\($0)" }?.contains("there is no such file") == true)
  }
}
