// Histories in the form of RETECS: a table with a run on each line.

import LabCore

/// Reads a table line by line:
/// `Id;Name;BuildId;Duration;CalcPrio;LastRun;Verdict;Cycle;LastResults`.
///
/// Needed are `Name`, `Duration` in seconds, `Verdict` with 1 for a failure, and `Cycle` (or
/// `BuildId` where there is none); `LastRun`, a date or nothing, and `LastResults` (the newest
/// first) are used where they are there, and other columns are passed over. Columns may stand in
/// any order.
///
/// Where a test is run several times in a cycle, published tables count its first verdict among the
/// `LastResults` of the next run, although both are ordered at once. The published protocol uses
/// the column as it stands. Here it tells what came before the file, and of that only what the
/// test's run with the fewest verdicts in its first cycle states; all later pasts are gathered from
/// earlier cycles of the file, so that no run knows of its own cycle.
/// - Complexity: O(bytes); it holds one line and the runs.
/// > Reference: Spieker, Gotlieb, Marijan and Mossige, *Reinforcement Learning for Automatic Test
/// > Case Prioritization and Selection in Continuous Integration*, ISSTA 2017.
struct RetecsTable {
  /// Where the columns that count stand.
  private struct Columns {
    var name, duration, verdict, cycle: Int
    var lastRun, lastResults: Int?
    var count: Int
  }

  /// A field of the line: its content, and the column at which it begins, from 1.
  private struct Field {
    var text: String
    var column: Int
  }

  private let path: String
  private let limits: TestHistoryLimits
  private var line = 0
  /// The beginning of a line whose end has not come yet.
  private var rest: [UInt8] = []
  private var columns: Columns?
  private let builder: TestHistoryBuilder

  /// Begins a table; the path stands in errors only.
  init(path: String, limits: TestHistoryLimits, adding builder: TestHistoryBuilder) {
    self.path = path
    self.limits = limits
    self.builder = builder
  }

  /// Takes the next bytes.
  mutating func take(_ bytes: ArraySlice<UInt8>) throws(TestHistoryError) {
    var first = bytes.startIndex
    while let end = bytes[first...].firstIndex(of: UInt8(ascii: "\n")) {
      if rest.isEmpty {
        try read(bytes[first..<end])
      } else {
        rest += bytes[first..<end]
        let whole = rest
        rest.removeAll(keepingCapacity: true)
        try read(whole[...])
      }
      first = end + 1
    }
    rest += bytes[first...]
    if rest.count > limits.lineBytes {
      line += 1
      throw excess
    }
  }

  /// Takes the last line and checks that there was something.
  mutating func finish() throws(TestHistoryError) {
    if !rest.isEmpty {
      let last = rest
      rest = []
      try read(last[...])
    }
    guard columns != nil else {
      line = 1
      throw problem(
        1, "the table is empty; a line with the columns' names was expected; name another")
    }
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) throws(TestHistoryError) {
    line += 1
    guard bytes.count <= limits.lineBytes else { throw excess }
    var bytes = bytes
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if line == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    guard !bytes.isEmpty else { return }
    let fields = try split(bytes)
    if let columns { try readRun(fields, columns) } else { try readHeading(fields) }
  }

  private mutating func readHeading(_ fields: [Field]) throws(TestHistoryError) {
    func place(_ names: String...) -> Int? {
      for name in names {
        if let index = fields.firstIndex(where: { $0.text == name }) { return index }
      }
      return nil
    }
    func needed(_ index: Int?, _ name: String) throws(TestHistoryError) -> Int {
      if let index { return index }
      let found = fields.map { "'\($0.text)'" }.joined(separator: ", ")
      throw problem(
        1,
        "there is no column '\(name)' among \(found); the columns Name, Duration, Verdict and "
          + "Cycle were expected, with ';' between them; name or add the column")
    }
    columns = Columns(
      name: try needed(place("Name"), "Name"), duration: try needed(place("Duration"), "Duration"),
      verdict: try needed(place("Verdict"), "Verdict"),
      cycle: try needed(place("Cycle", "BuildId"), "Cycle"), lastRun: place("LastRun"),
      lastResults: place("LastResults"), count: fields.count)
  }

  private mutating func readRun(
    _ fields: [Field], _ columns: Columns
  ) throws(TestHistoryError) {
    guard fields.count == columns.count else {
      throw problem(
        fields.last?.column ?? 1,
        "the line has \(fields.count) fields; \(columns.count), as in the first line, were "
          + "expected; correct the line")
    }
    guard builder.count < limits.executions else {
      throw problem(
        1,
        "there are more than \(limits.executions) runs; fewer were expected; "
          + "cut old cycles off, or raise the limit")
    }
    let seconds = try number(fields[columns.duration], "the duration", 0...limits.seconds)
    let cycle = try number(fields[columns.cycle], "the cycle", -1e15...1e15)
    let verdict = try number(fields[columns.verdict], "the verdict", 0...1)
    guard verdict == 0 || verdict == 1 else {
      throw unexpected(fields[columns.verdict], "the verdict", "0 for passed or 1 for failed")
    }
    guard !fields[columns.name].text.isEmpty else {
      throw unexpected(fields[columns.name], "the name", "a name")
    }
    let execution = TestExecution(
      test: 0, duration: Duration(seconds: seconds) ?? .zero,
      lastRunSeconds: try lastRun(columns.lastRun.map { fields[$0] }),
      hasFailed: verdict == 1, past: try past(columns.lastResults.map { fields[$0] }))
    builder.append(execution, of: fields[columns.name].text, in: Int(cycle.rounded(.down)))
  }

  private func number(
    _ field: Field, _ what: String, _ range: ClosedRange<Double>
  ) throws(TestHistoryError) -> Double {
    guard let number = Double(field.text), number.isFinite, range.contains(number) else {
      let expected =
        "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
      throw unexpected(field, what, expected)
    }
    return number
  }

  /// The date of a field, or 0 for an empty one.
  private func lastRun(_ field: Field?) throws(TestHistoryError) -> Int64 {
    guard let field, !field.text.isEmpty else { return 0 }
    guard let seconds = CivilTime.seconds(field.text) else {
      throw unexpected(field, "the last run", "a date such as 2020-07-24 04:45:01, or nothing,")
    }
    return seconds
  }

  /// The verdicts of a field such as `[1, 0, 0]`.
  private func past(_ field: Field?) throws(TestHistoryError) -> PastVerdicts {
    guard let field, field.text.utf8.count > 2 else { return PastVerdicts() }
    let inner = field.text.drop { $0 == "[" || $0 == " " }.prefix { $0 != "]" }
    var verdicts: [Bool] = []
    for part in inner.split(separator: ",") {
      let word = part.drop { $0 == " " }.prefix { $0 != " " }
      guard word == "0" || word == "1" else {
        throw unexpected(field, "a last result", "0s and 1s such as [1, 0, 0]")
      }
      verdicts.append(word == "1")
    }
    return PastVerdicts(newestFirst: verdicts)
  }

  /// The fields of a line; one may stand in double quotes, doubled inside.
  private func split(_ bytes: ArraySlice<UInt8>) throws(TestHistoryError) -> [Field] {
    let (quote, separator) = (UInt8(ascii: "\""), UInt8(ascii: ";"))
    var fields: [Field] = []
    fields.reserveCapacity(columns?.count ?? 9)
    var place = bytes.startIndex
    while true {
      let column = place - bytes.startIndex + 1
      var content = bytes[place..<place]
      if place < bytes.endIndex && bytes[place] == quote {
        var unquoted: [UInt8] = []
        place += 1
        while true {
          guard let end = bytes[place...].firstIndex(of: quote) else {
            throw problem(
              column,
              "a quoted field does not end; a closing '\"' on the same line was expected; "
                + "add it")
          }
          unquoted += bytes[place..<end]
          place = end + 1
          guard place < bytes.endIndex && bytes[place] == quote else { break }
          unquoted.append(quote)
          place += 1
        }
        content = unquoted[...]
        guard place == bytes.endIndex || bytes[place] == separator else {
          throw problem(
            place - bytes.startIndex + 1,
            "something follows a quoted field; ';' or the line's end was expected; correct the line"
          )
        }
      } else {
        let end = bytes[place...].firstIndex(of: separator) ?? bytes.endIndex
        content = bytes[place..<end]
        place = end
      }
      guard let text = String(validating: content, as: UTF8.self) else {
        throw problem(column, "a field is no UTF-8; text in UTF-8 was expected; convert the file")
      }
      fields.append(Field(text: text, column: column))
      guard place < bytes.endIndex else { return fields }
      place += 1
    }
  }

  /// Why a line is too long.
  private var excess: TestHistoryError {
    problem(
      1,
      "the line has more than \(limits.lineBytes) bytes; one run of a test a line was expected; "
        + "name a table of RETECS' form")
  }

  private func unexpected(
    _ field: Field, _ what: String, _ expected: String
  ) -> TestHistoryError {
    problem(
      field.column,
      "\(what) is '\(field.text.prefix(40))'; \(expected) was expected; correct the line")
  }

  private func problem(_ column: Int, _ message: String) -> TestHistoryError {
    .malformed(path: path, line: line, column: column, message: message)
  }

  private static func text(_ number: Double) -> String { "\(Int(number))" }
}
