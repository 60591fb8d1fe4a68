import Testing

@testable import LabReport

@Suite struct MarkdownTextTests {
  @Test(arguments: [
    ("a | b", #"a \| b"#), ("two\nlines", "two lines"), ("two\r\nlines", "two lines"),
    ("<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
    ("$51,000 of $60,000", #"\$51,000 of \$60,000"#),
    ("*bold* _it_ `code`", #"\*bold\* \_it\_ \`code\`"#), ("[a](b)", #"\[a\](b)"#),
    (#"a\|b"#, #"a\\\|b"#), ("<!-- fleetlab:end claims -->", "&lt;!-- fleetlab:end claims --&gt;"),
  ])
  func `what means something to Markdown is made plain`(text: String, expected: String) {
    #expect(MarkdownText.plain(text) == expected)
  }

  @Test func `code in a table keeps its cell`() {
    #expect(MarkdownText.code("a|b`c\nd") == #"`a\|b'c d`"#)
    #expect(MarkdownText.code("a|b", inTable: false) == "`a|b`")
    #expect(MarkdownText.code("") == "")
  }

  @Test func `a block's fence is longer than any within`() {
    #expect(MarkdownText.block("x") == "```\nx\n```\n")
    #expect(MarkdownText.block("a\n````\nb\n").hasPrefix("`````\n"))
  }

  @Test func `an address holds no space and no bracket`() {
    #expect(MarkdownText.path("Results/a b/(c).svg") == "Results/a%20b/%28c%29.svg")
  }

  @Test func `a table has one rule a column`() {
    var table = MarkdownTable(columns: ["a", "b"], numeric: [1])
    table.append(["x", "1"])
    #expect(table.markdown == "| a | b |\n| --- | ---: |\n| x | 1 |\n")
  }
}
