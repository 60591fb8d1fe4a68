import Testing

@testable import Corpus

@Suite struct `tests in JavaScript and TypeScript` {
  private func find(_ text: String, path: String = "src/a.test.js") -> [TestFunction] {
    TestCorpus.functions(in: Array(text.utf8), path: path, .javascript)
  }

  private static let text = #"""
    import { a } from './a'
    describe('outer', () => {
      describe.only(`inner ${x} {`, function () {
        it("works with ) and ' in it", async () => { expect(f(")")).toBe(`${g({ b: "}" })}`) })
        it.each([[1, 2], ["(", 3]])('adds %i', (a, b) => {})
        test.each`
          a | b
          ${1} | ${2}
        `('table', ({ a }) => { return /[/'"`]it('no', /.test(a) })
      })
      it.skip('skipped', () => 1 / 2 / 3)
      it.todo('later')
      it('pending')
    })
    // it('commented', () => {})
    /* test('commented', () => {}) */
    const s = "it('quoted', () => {})"
    regex.test('no', 1)
    function test(a, b) {}
    const x = <App>it's</App>
    test('last', (done) => done())
    """#

  @Test func `are calls with a title, under the titles around them`() {
    let found = find(Self.text)
    #expect(
      found.map(\.name) == [
        "outer > inner ${x} { > works with ) and ' in it", "outer > inner ${x} { > adds %i",
        "outer > inner ${x} { > table", "outer > skipped", "last",
      ])
    #expect(found.map(\.line) == [4, 5, 6, 11, 21])
    #expect(found[3].body == "it.skip('skipped', () => 1 / 2 / 3)")
    #expect(found[2].body.hasSuffix(".test(a) })"))
  }

  @Test(arguments: [
    ("import { it } from 'vitest'; it('a', () => {})", TestFramework.vitest),
    ("import test from \"node:test\"; test('a', () => {})", .nodeTest),
    ("jest.mock('b'); it('a', () => {})", .jest),
    ("it('a', () => {})", .describeIt),
  ])
  func `name the framework that the file names`(text: String, framework: TestFramework) {
    #expect(find(text).map(\.framework) == [framework])
  }

  @Test(arguments: [
    ("a.js", false), ("test/a.js", true), ("b/__tests__/a.jsx", true), ("a.spec.ts", true),
    ("a_test.mjs", true), ("test.js", false), ("latest/a.js", false), ("a.contest.js", false),
  ])
  func `are looked for where test runners look`(path: String, isTestFile: Bool) {
    #expect(JavaScriptTests.isTestFile(path) == isTestFile)
    #expect(find("it('a', () => {})", path: path).isEmpty == !isTestFile)
  }

  @Test func `are found in any cut and any garbage without a trap`() {
    let text = Array(Self.text.utf8)
    for length in text.indices {
      _ = TestCorpus.functions(in: Array(text[..<length]), path: "a.test.js", .javascript)
      _ = TestCorpus.functions(in: Array(text[length...]), path: "a.test.js", .javascript)
    }
    #expect(find(String(repeating: "it('a',", count: 50_000)).isEmpty)
    #expect(find(String(repeating: "`${", count: 50_000)).isEmpty)
  }
}
