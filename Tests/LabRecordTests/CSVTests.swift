// Tables: what is written is read back, and nothing else is.

import LabCore
import LabRecord
import Testing

@Suite struct `CSV table` {
  private func read(_ text: String, limits: CSVLimits = CSVLimits()) throws -> [[String]] {
    var reader = try CSVReader(Array(text.utf8), path: "t.csv", limits: limits)
    var rows = [reader.columns]
    while let row = try reader.next() { rows.append(row.fields) }
    return rows
  }

  private func problem(_ text: String, limits: CSVLimits = CSVLimits()) -> RecordError? {
    do {
      _ = try read(text, limits: limits)
      return nil
    } catch { return error as? RecordError }
  }

  @Test func `fields with commas, quotes and line ends are read back`() throws {
    let rows = [
      ["a", "b"], ["x,y", "say \"hi\""], ["two\nlines", ""], ["\r", "ü€😀"], ["", " "],
    ]
    var writer = CSVWriter(columns: rows[0])
    for row in rows.dropFirst() { writer.append(row) }
    #expect(try read(String(decoding: writer.bytes, as: UTF8.self)) == rows)
  }

  @Test(arguments: 0..<50)
  func `any table is read back`(seed: UInt64) throws {
    var random = Seed(seed).child("csv").stream()
    let alphabet: [Character] = ["a", ",", "\"", "\n", "\r", " ", "é", "0", "-"]
    let width = 1 + random.below(5)
    var rows = [(0..<width).map { "c\($0)" }]
    for _ in 0..<random.below(20) {
      rows.append(
        (0..<width).map { _ in
          String((0..<random.below(6)).map { _ in alphabet[random.below(alphabet.count)] })
        })
    }
    var writer = CSVWriter(columns: rows[0])
    for row in rows.dropFirst() { writer.append(row) }
    #expect(try read(String(decoding: writer.bytes, as: UTF8.self)) == rows, "seed \(seed)")
  }

  @Test func `plain fields are not quoted and rows end in LF`() {
    var writer = CSVWriter(columns: ["a", "b"])
    writer.append(["1", "x y"])
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "a,b\n1,x y\n")
  }

  @Test func `a row with too many or too few fields is an error with its line`() {
    let expected = RecordError.Problem.fieldCount(expected: 2, found: 3)
    #expect(
      problem("a,b\n1,2\n1,2,3\n") == RecordError(path: "t.csv", line: 3, expected))
    #expect(problem("a,b\n1\n")?.problem == .fieldCount(expected: 2, found: 1))
    #expect(problem("a,b\n\n")?.problem == .fieldCount(expected: 2, found: 1))
  }

  @Test(arguments: [
    "a,b\n1,x\"y\n", "a,b\n1,\"x\"y\n", "a,b\n1,\"x\n", "a,b\r\n1,2\r\n", "a,b\n1,2", "",
    "a,b\n\"", "a,b\n1,\"2\"", "a,b\n1,",
  ])
  func `bad quoting, carriage returns and torn ends are refused`(text: String) {
    guard case .malformed = problem(text)?.problem else {
      Issue.record("\(text.debugDescription) was taken or refused for another reason")
      return
    }
  }

  @Test func `the line of an error counts the lines inside quoted fields`() {
    #expect(problem("a,b\n\"1\n2\n3\",x\ny\n")?.line == 5)
    #expect(problem("a,b\n1,\"open\nmore\n")?.line == 2)
  }

  @Test func `a repeated column is refused`() {
    #expect(problem("a,a\n")?.problem == .unexpectedColumn("a"))
  }

  @Test func `missing and unknown columns are named`() throws {
    let reader = try CSVReader(Array("a,b,c\n".utf8), path: "t.csv")
    func problem(_ columns: [String], open: Bool = false) -> RecordError.Problem? {
      do throws(RecordError) {
        try reader.expect(columns, open: open)
        return nil
      } catch { return error.problem }
    }
    #expect(problem(["a", "b", "c"]) == nil)
    #expect(problem(["a", "d"]) == .missingColumn("d"))
    #expect(problem(["a", "b"]) == .unexpectedColumn("c"))
    #expect(problem(["a", "b"], open: true) == nil)
    #expect(problem(["b", "a", "c"]) == .unexpectedColumn("a"))
  }

  @Test func `over-long files, fields and rows are refused`() {
    let long = String(repeating: "x", count: 100)
    let limits = CSVLimits(file: 1000, field: 50, columns: 3)
    #expect(
      problem("a\n\(long)\n", limits: limits)?.problem == .tooLong(what: "a field", limit: 50))
    #expect(
      problem("a\n\"\(long)\"\n", limits: limits)?.problem == .tooLong(what: "a field", limit: 50))
    #expect(
      problem(String(repeating: "a\n", count: 600), limits: limits)?.problem
        == .tooLong(what: "the table", limit: 1000))
    guard case .malformed = problem("a,b,c,d\n", limits: limits)?.problem else {
      Issue.record("a row of four fields was taken where three are the limit")
      return
    }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    do throws(RecordError) {
      var reader = try CSVReader(Array("a\n".utf8) + [0xff, 0x0a], path: "t.csv")
      _ = try reader.next()
      Issue.record("a row that is no text was taken")
    } catch {
      #expect(error.problem == .notText)
    }
  }

  @Test(arguments: 0..<200)
  func `mutated tables are read or refused, never trapped on`(seed: UInt64) {
    var random = Seed(seed).child("mutation").stream()
    var bytes = Array("a,b,c\n1,\"x,\"\"y\"\"\",3\n4,\"5\n6\",7\n".utf8)
    for _ in 0...random.below(4) {
      bytes[random.below(bytes.count)] = UInt8(random.below(256))
    }
    do throws(RecordError) {
      var reader = try CSVReader(bytes, path: "t.csv")
      while try reader.next() != nil {}
    } catch {
      #expect(!error.description.isEmpty)
    }
  }
}
