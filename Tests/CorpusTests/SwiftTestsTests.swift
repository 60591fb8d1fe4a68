import Testing

@testable import Corpus

@Suite struct `tests in Swift` {
  private func find(_ text: String) -> [TestFunction] {
    TestCorpus.functions(in: Array(text.utf8), path: "Tests/A.swift", .swift)
  }

  @Test func `of XCTest are methods without parameters in classes and extensions`() {
    let found = find(
      """
      import XCTest
      func testAtTheTop() {}
      final class ATests: XCTestCase {
        /// Checks one.
        ///  And more.
        @MainActor public override func testOne() async throws { f { "}" } }
        func testTwo(of x: Int) {}
        static func testThree() {}
        private func testFour() {}
        func helper() { func testFive() {} }
        struct Inner { func testSix() {} }
        class func testSeven() {}
        func testEight ( ) {}
        func testNine(
        ) -> Void {
        }
      }
      extension ATests { func testTen() { class B { func x() {} } } }
      """)
    #expect(found.map(\.name) == ["testOne", "testNine", "testTen"])
    #expect(found.map(\.line) == [6, 14, 18])
    #expect(found[0].documentation == "Checks one.\nAnd more.")
    #expect(found[0].body == #"func testOne() async throws { f { "}" } }"#)
    #expect(found[2].body == "func testTen() { class B { func x() {} } }")
    #expect(found.allSatisfy { $0.framework == .xctest && $0.language == .swift })
  }

  @Test func `of XCTest need its import`() {
    #expect(find("class A: B { func testOne() {} }").isEmpty)
    #expect(find("// import XCTest\nclass A: B { func testOne() {} }").isEmpty)
    #expect(find("@testable import XCTest\nclass A: B { func testOne() {} }").count == 1)
  }

  @Test func `of Swift Testing have the attribute, a title and any name`() {
    let found = find(
      #"""
      import Testing
      @Suite struct `a { suite` {
        /** Above. */
        @Test("A \"title\" }", .tags(.a), arguments: [1, 2].map { $0 + 1 })
        @available(macOS 13, *) func `a name with { and func`(x: Int) throws { #expect(x > 0) }
        @Test(arguments: ["\(1)/9"].map { "\($0)/\(2)" })
        func plain() {}
        @Test(.enabled(if: true)) static func other<T: A>(_ t: T) async -> B where T: C { }
        @Testing func no() {}
        @Test var noFunction: Int { 1 }
        func helper() {}
      }
      // @Test func commented() {}
      /* @Test func /* nested */ commented() {} */
      let text = "@Test func quoted() {}"
      let block = """
        @Test func quoted() { \(f { "}" }) }
        """
      let raw = #"@Test func \(quoted)() { " }"#
      @Test func last() { _ = /[}"]/; _ = #/}"/# ; _ = 4 / 2 / 1 }
      """#)
    #expect(
      found.map(\.name) == ["a name with { and func", "plain", "other", "last"])
    #expect(found[0].documentation == #"A \"title\" }"# + "\nAbove.")
    #expect(found[0].body.hasSuffix("{ #expect(x > 0) }"))
    #expect(found[3].body.hasSuffix("/ 1 }"))
    #expect(found.allSatisfy { $0.framework == .swiftTesting })
  }

  @Test func `without an end are left out`() {
    #expect(find("import Testing\n@Test func a() {").isEmpty)
    #expect(find("@Test func").isEmpty)
    #expect(find("@Test(").isEmpty)
    #expect(find("@Test func a() { \"unended }\n").isEmpty)
    #expect(find("@Test func a() { /* unended }\n").isEmpty)
  }

  @Test func `are found in any cut and any garbage without a trap`() {
    let text = Array(
      (##"@Test("\(a(")") { "x" })") func `b c`() { #"\#(x)"# /a/ "## + "\"\"\" } /* /* */ */").utf8
    )
    for length in text.indices {
      _ = TestCorpus.functions(in: Array(text[..<length]), path: "a.swift", .swift)
      _ = TestCorpus.functions(in: Array(text[length...]), path: "a.swift", .swift)
    }
    #expect(find(String(repeating: "#", count: 50_000)).isEmpty)
    #expect(find(String(repeating: "(\"\\(", count: 10_000)).isEmpty)
    #expect(find(String(repeating: "=/[", count: 1_000)).isEmpty)
  }
}
