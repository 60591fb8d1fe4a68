import LabReport
import Testing

@Suite struct MarkedDocumentTests {
  private let text = """
    # Title

    by hand
    <!-- fleetlab:begin claims -->
    old
    <!-- fleetlab:end claims -->
    more by hand\t
    <!-- fleetlab:begin summary -->
    <!-- fleetlab:end summary -->
    end
    """

  @Test func `only what stands between markers is replaced`() throws {
    let result = try MarkedDocument(text)
      .replacing([("claims", "new\nlines\n"), ("summary", "sum")])
    #expect(
      result == """
        # Title

        by hand
        <!-- fleetlab:begin claims -->

        new
        lines

        <!-- fleetlab:end claims -->
        more by hand\t
        <!-- fleetlab:begin summary -->

        sum

        <!-- fleetlab:end summary -->
        end
        """)
  }

  @Test func `replacing twice changes nothing`() throws {
    let contents = [("claims", "new"), ("summary", "sum")]
    let once = try MarkedDocument(text).replacing(contents)
    #expect(try MarkedDocument(once).replacing(contents) == once)
  }

  @Test func `a missing part is named`() throws {
    let document = try MarkedDocument("nothing")
    #expect(throws: MarkedDocument.MarkerError.missing(name: "claims")) {
      try document.replacing([("claims", "x")])
    }
  }

  @Test func `a part that nothing is generated for is an error`() throws {
    let document = try MarkedDocument(text)
    #expect(
      throws: MarkedDocument.MarkerError.unknown(name: "summary", line: 8, known: ["claims"])
    ) { try document.replacing([("claims", "x")]) }
  }

  @Test func `a part that is there twice is an error with both lines`() {
    let twice = text + "\n<!-- fleetlab:begin claims -->\n<!-- fleetlab:end claims -->"
    #expect(
      throws: MarkedDocument.MarkerError.duplicate(name: "claims", first: 4, second: 11)
    ) { try MarkedDocument(twice) }
  }

  @Test func `a part within a part is an error`() {
    let nested = "<!-- fleetlab:begin a -->\n<!-- fleetlab:begin b -->\n<!-- fleetlab:end b -->"
    #expect(throws: MarkedDocument.MarkerError.nested(name: "b", line: 2, within: "a")) {
      try MarkedDocument(nested)
    }
  }

  @Test func `an end without a beginning is an error`() {
    #expect(throws: MarkedDocument.MarkerError.unopened(name: "a", line: 2)) {
      try MarkedDocument("x\n<!-- fleetlab:end a -->")
    }
    #expect(throws: MarkedDocument.MarkerError.unopened(name: "b", line: 2)) {
      try MarkedDocument("<!-- fleetlab:begin a -->\n<!-- fleetlab:end b -->")
    }
  }

  @Test func `a beginning without an end is an error`() {
    #expect(throws: MarkedDocument.MarkerError.unclosed(name: "a", line: 1)) {
      try MarkedDocument("<!-- fleetlab:begin a -->\nx")
    }
  }

  @Test func `markers within fenced code are text`() throws {
    let fenced = "```\n<!-- fleetlab:begin a -->\n```\n" + text
    #expect(try MarkedDocument(fenced).names == ["claims", "summary"])
  }

  @Test func `a document with the line ends of Windows keeps them`() throws {
    let windows = "a\r\n<!-- fleetlab:begin claims -->\r\n<!-- fleetlab:end claims -->\r\nb\r\n"
    let result = try MarkedDocument(windows).replacing([("claims", "x")])
    #expect(result.hasPrefix("a\r\n<!-- fleetlab:begin claims -->\r\n"))
    #expect(result.hasSuffix("<!-- fleetlab:end claims -->\r\nb\r\n"))
  }

  @Test func `every error says what is wrong, what was expected and what to do`() {
    let errors: [MarkedDocument.MarkerError] = [
      .missing(name: "a"), .duplicate(name: "a", first: 1, second: 2),
      .nested(name: "a", line: 1, within: "b"), .unopened(name: "a", line: 1),
      .unclosed(name: "a", line: 1), .unknown(name: "a", line: 1, known: ["b"]),
    ]
    for error in errors {
      #expect(error.description.split(separator: ";").count == 3, "\(error)")
    }
  }
}
