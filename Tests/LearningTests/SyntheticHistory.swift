// Drawn histories as the files that tests read.

@testable import Learning

extension SyntheticHistory {
  /// The history in the form of RETECS.
  var table: String {
    var text = "Id;Name;BuildId;Duration;CalcPrio;LastRun;Verdict;Cycle;LastResults\n"
    var id = 0
    for (cycle, runs) in cycles.enumerated() {
      let day = cycle % 28 + 1
      for run in runs {
        id += 1
        text += "\(id);\(run.name);\(cycle);\(run.seconds);0;2026-01-\(day < 10 ? "0" : "")\(day) "
        text += "04:45:01.571;\(run.hasFailed ? 1 : 0);\(cycle);[]\n"
      }
    }
    return text
  }

  /// The JUnit document of a cycle.
  func document(of cycle: Int) -> String {
    let cases = cycles[cycle].map { run in
      let parts = run.name.split(separator: ".")
      let content = run.hasFailed ? "<failure message=\"no\">a &lt; b</failure>" : ""
      return "  <testcase classname=\"\(parts[0])\" name=\"\(parts[1])\" time=\"\(run.seconds)\">"
        + content + "</testcase>"
    }
    return "<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"all\">\n"
      + cases.joined(separator: "\n") + "\n</testsuite></testsuites>\n"
  }

  /// The history as it is read from the table.
  func read() throws -> TestHistory { try TestHistory(table: table) }
}

extension TestHistory {
  /// Reads a table from memory, in pieces of a size.
  init(
    table text: String, limits: TestHistoryLimits = TestHistoryLimits(), piece: Int = 1 << 16
  ) throws(TestHistoryError) {
    let builder = TestHistoryBuilder()
    var table = RetecsTable(path: "h.csv", limits: limits, adding: builder)
    let bytes = Array(text.utf8)
    for first in stride(from: 0, to: bytes.count, by: piece) {
      try table.take(bytes[first..<min(first + piece, bytes.count)])
    }
    try table.finish()
    self = builder.finish()
  }

  /// Reads documents from memory, a cycle each.
  init(
    documents: [String], limits: TestHistoryLimits = TestHistoryLimits()
  ) throws(TestHistoryError) {
    let builder = TestHistoryBuilder()
    for (cycle, text) in documents.enumerated() {
      try JUnitReport.read(
        Array(text.utf8), path: "\(cycle).xml", limits: limits, cycle: cycle, adding: builder)
    }
    self = builder.finish()
  }
}
