// The verbs that let agents learn, seen from the shell.

import FoundationEssentials
import LabCore
import Testing

@Suite struct `Verbs of learning` {
  /// A folder of four JUnit documents of five tests, of which one fails in every cycle.
  private func desk() throws -> Desk {
    let desk = try Desk()
    try FileManager.default.createDirectory(
      atPath: "\(desk.path)/reports", withIntermediateDirectories: false)
    for cycle in 0..<4 {
      let cases = (0..<5).map { test in
        "<testcase classname='c' name='t\(test)' time='1.5'>"
          + (test == 3 ? "<failure/>" : "") + "</testcase>"
      }
      _ = try desk.write(
        "<testsuite>\(cases.joined())</testsuite>", to: "reports/\(cycle).xml")
    }
    return desk
  }

  @Test func `an own history is ordered beside heuristics, the same each time`() throws {
    let desk = try desk()
    let arguments = [
      "learn", "prioritise", "\(desk.path)/reports", "--agent", "retecs-tableau", "actor-critic",
      "--seeds", "2", "--format", "csv",
    ]
    let shown = try Desk.call(arguments)
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.errors.contains("20 runs of 5 tests in 4 cycles; 4 runs failed, in 4 cycles"))
    let rows = shown.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows.first?.first == "order")
    #expect(
      rows.dropFirst().map { $0[0] } == [
        "random", "last-failed-first", "failure-rate", "related-failure-rate", "bound",
        "retecs-tableau", "actor-critic",
      ])
    // The failing test stands first of five: 1 - 1/5 + 1/10.
    #expect(rows.first { $0[0] == "bound" }?[1] == "0.9000")
    #expect(try Desk.call(arguments).output == shown.output)
  }

  @Test func `what cannot be read or learnt from is refused with a way out`() throws {
    let desk = try desk()
    let nowhere = try Desk.call(["learn", "prioritise", "\(desk.path)/none.csv"])
    #expect(nowhere.code == 2 && nowhere.errors.contains("there is no such file"))
    let table = try desk.write("Name;Duration;Verdict;Cycle\na;NaN;0;1\n", to: "h.csv")
    let bad = try Desk.call(["learn", "prioritise", table])
    #expect(bad.code == 2 && bad.errors.contains("h.csv:2:3: error: the duration is 'NaN'"))
    let passing = try desk.write("Name;Duration;Verdict;Cycle\na;1;0;1\n", to: "p.csv")
    let dull = try Desk.call(["learn", "prioritise", passing])
    #expect(dull.code == 2 && dull.errors.contains("a failed run at least was expected"))
    let unknown = try Desk.call(["learn", "prioritise", table, "--agent", "nobody"])
    #expect(unknown.code == 64 && unknown.errors.contains("retecs-tableau"))
    #expect(try Desk.call(["learn", "prioritise", table, "--budget", "2"]).code == 64)
  }
}
