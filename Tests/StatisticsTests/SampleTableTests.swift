import Foundation
import Statistics
import Testing

@Suite struct SampleTableTests {
  private func load(
    _ text: String, _ column: String = "rtt",
    limits: SortedSample.TableLimits = .init()
  ) throws(SampleFileError) -> [Double] {
    try SortedSample(table: Array(text.utf8), column: column, limits: limits).values
  }

  @Test func `a named column is loaded and sorted`() throws {
    let text = "from,rtt,to\na,3.5,b\nb,-1e2,c\nc, 7 ,d\n"
    #expect(try load(text) == [-100, 3.5, 7])
  }

  @Test func `quotes, CRLF, a byte order mark, empty lines and a missing last line end are read`()
    throws
  {
    let text = "\u{feff}\"rtt\",\"a \"\"b\"\", c\"\r\n\r\n\"2\",x\r\n1,\"two\nlines\"\r\n3,"
    #expect(try load(text) == [1, 2, 3])
    #expect(try SortedSample(table: Array("a\"\"b,\"q\"\n1,5".utf8), column: "q").values == [5])
  }

  @Test func `a missing column names those that are there`() {
    #expect(throws: SampleFileError.missingColumn(name: "rtt", known: ["a", "b"])) {
      try load("a,b\n1,2\n")
    }
    #expect(throws: SampleFileError.ambiguousColumn(name: "rtt")) { try load("rtt,rtt\n1,2\n") }
  }

  @Test(arguments: ["nan", "inf", "-infinity", "", "12ms", "1,5", "1e999", "--1"])
  func `a cell that is no finite number is refused with its line`(cell: String) {
    #expect(throws: SampleFileError.notANumber(line: 3, cell: cell)) {
      try load("rtt,x\n1,0\n\"\(cell)\",0\n")
    }
  }

  @Test func `empty tables, ragged rows and open quotes are refused`() {
    #expect(throws: SampleFileError.noHeader) { try load("") }
    #expect(throws: SampleFileError.noHeader) { try load("\n\r\n") }
    #expect(throws: SampleFileError.noRows) { try load("rtt\n") }
    #expect(throws: SampleFileError.raggedRow(line: 3, cells: 1, expected: 2)) {
      try load("rtt,x\n1,2\n3\n")
    }
    #expect(throws: SampleFileError.badQuote(line: 2)) { try load("rtt\n\"1") }
    #expect(throws: SampleFileError.badQuote(line: 2)) { try load("rtt\n\"") }
    #expect(throws: SampleFileError.badQuote(line: 2)) { try load("rtt\n\"1\"2\n") }
    #expect(throws: SampleFileError.badQuote(line: 1)) { try load("\"") }
  }

  @Test func `tables beyond their bounds are refused`() {
    #expect(throws: SampleFileError.tooManyRows(limit: 2)) {
      try load("rtt\n1\n2\n3\n", limits: .init(rows: 2))
    }
    #expect(throws: SampleFileError.tooLarge(limit: 5)) {
      try load("rtt\n1\n2\n", limits: .init(bytes: 5))
    }
  }

  @Test func `no cut and no changed byte of a table traps`() {
    let text = Array("rtt,\"a\"\"\"\r\n1,\"x,y\"\r\n\"2\",\"\"\n".utf8)
    for length in 0...text.count {
      _ = try? SortedSample(table: text[..<length], column: "rtt")
    }
    for position in text.indices {
      for byte: UInt8 in [0x22, 0x2c, 0x0a, 0x0d, 0x00, 0xff] {
        var changed = text
        changed[position] = byte
        _ = try? SortedSample(table: changed, column: "rtt")
      }
    }
  }

  @Test func `a file is read within its bound, and a missing one is an error`() throws {
    let file = URL.temporaryDirectory.appending(path: "sample-table-\(UUID().uuidString).csv")
    try Data("rtt\n2\n1\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let path = file.path(percentEncoded: false)
    #expect(try SortedSample(tableAt: path, column: "rtt").values == [1, 2])
    #expect(throws: SampleFileError.tooLarge(limit: 4)) {
      try SortedSample(tableAt: path, column: "rtt", limits: .init(bytes: 4))
    }
    #expect(throws: SampleFileError.self) { try SortedSample(tableAt: path + "x", column: "rtt") }
    #expect(throws: SampleFileError.self) { try SortedSample(tableAt: "/", column: "rtt") }
  }
}
