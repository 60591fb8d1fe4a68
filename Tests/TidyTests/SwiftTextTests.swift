// The reading of Swift files that the rules rest on.
import Testing

@Suite struct `a Swift text` {
  private func code(_ text: String) -> [String] {
    SwiftText(path: "a.swift", text).code.map(\.trimmed)
  }

  @Test(arguments: [
    (#"let a = "{ print( } \(b(")")) // c" + d"#, #"let a = ""                          + d"#),
    (##"let a = #"\("# + "}""##, ##"let a = ""     + """##),
    ("f(/[\"{]/) // end }", "f(\"\"    )"),
    ("let a = b / c / d", "let a = b / c / d"),
    ("a /* { /* } */ { */ b", "a                   b"),
    ("func `a { b`() {}", "func  a___b () {}"),
    (#"let é = "ü" + ö"#, #"let é = ""   + ö"#),
  ])
  func `loses the inside of strings and comments and keeps its columns`(
    text: String, expected: String
  ) {
    #expect(code(text) == [expected])
  }

  @Test func `loses strings of several lines and keeps its lines`() {
    let text = "let a = \"\"\"\n  { \" \\(f(\"}\"))\n  \"\"\" + \"{\"\n}"
    #expect(code(text) == ["let a = \"\"", "", "+ \"\"", "}"])
  }

  @Test func `tells comments that stand alone from those behind code`() {
    let text = SwiftText(path: "a.swift", "  // one\nlet a = \"//\" // two\n/// three")
    #expect(text.comments.map(\.text) == ["// one", "// two", "/// three"])
    #expect(text.comments.map(\.standsAlone) == [true, false, true])
    #expect(text.comments.map(\.line) == [1, 2, 3])
  }

  @Test func `has words, signs and strings as tokens`() {
    let text = SwiftText(path: "a.swift", "a.b_1(\"x\")\n  + 2")
    #expect(text.tokens.map(\.text) == ["a", ".", "b_1", "(", "\"\"", ")", "+", "2"])
    #expect(text.tokens.map(\.line) == [1, 1, 1, 1, 1, 1, 2, 2])
  }
}

@Suite struct `the measure of functions` {
  private func functions(_ text: String) -> [FunctionMeasure.Function] {
    FunctionMeasure.functions(in: SwiftText(path: "a.swift", text).tokens)
  }

  @Test func `counts from the first word to the closing brace`() {
    let found = functions("@inlinable\nfunc a(\n  b: Int\n) -> Int {\n  if b { }\n\n}\nlet c = 1")
    #expect(found == [.init(name: "a", line: 2, lines: 6)])
  }

  @Test func `sees initialisers, deinitialisers, subscripts, operators and inner functions`() {
    let text = """
      init(a: Int) {}
      init?<T>(a: T) where T: B
      {}
      deinit {}
      subscript(a: Int) -> Int { 0 }
      static func < (a: A, b: A) -> Bool {
        func inner() {}
      }
      func `a name`() {}
      """
    #expect(
      functions(text).map(\.name) == [
        "init", "init", "deinit", "subscript", "<", "inner", "a_name",
      ])
    #expect(functions(text).map(\.lines) == [1, 2, 1, 1, 3, 1, 1])
  }

  @Test func `passes over calls and over functions without a body`() {
    let text = """
      protocol A {
        func b() throws -> Int
        init(c: Int)
        func d<E>(e: E) where E: F
        var g: Int { get }
      }
      let h = I.init(j: 1) ?? { 2 }
      """
    #expect(functions(text).isEmpty)
  }

  @Test func `is not confused by braces in strings, comments and default values`() {
    let text = "func a(b: () -> Int = { 1 }, c: String = \"}\") { // }\n  let d = \"}\"\n}"
    #expect(functions(text) == [.init(name: "a", line: 1, lines: 3)])
  }
}
