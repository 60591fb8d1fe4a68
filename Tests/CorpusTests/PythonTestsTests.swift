import Testing

@testable import Corpus

@Suite struct `tests in Python` {
  private func find(_ text: String, path: String = "tests/test_a.py") -> [TestFunction] {
    TestCorpus.functions(in: Array(text.utf8), path: path, .python)
  }

  private static let text = #"""
    import unittest
    def test_top(a,
            b="def test_no():"):  # comment (
        """Checks the top.

        More.
        """
        if a:
            return """
    def test_in_string():
        pass
    """
    @pytest.mark.parametrize("x", [1, 2])
    async def test_async(x): assert x
    def helper():
        def test_inner(): pass
    class TestPlain:
        def test_method(self):
            r'It\'s said.'
            x = (1,
    2)
            y = 1 + \
    2
        class TestNested:
    	    def test_tab(self): pass
        def check(self): pass
    class Other:
        def test_none(self): pass
    class Base(unittest.TestCase):
        def testCamel(self):
            pass
            # trailing comment
    class Derived(mixin.Base, Generic[T]):
        def test_derived(self):
            pass


    if True:
        def test_conditional():
            pass
    """#

  @Test func `are functions and methods by the rules of their framework`() {
    let found = find(Self.text)
    #expect(
      found.map(\.name) == [
        "test_top", "test_async", "test_method", "test_tab", "testCamel", "test_derived",
        "test_conditional",
      ])
    #expect(found.map(\.line) == [2, 14, 18, 25, 30, 34, 39])
    #expect(
      found.map(\.framework) == [
        .pytest, .pytest, .pytest, .pytest, .unittest, .unittest, .pytest,
      ])
  }

  @Test func `have documentation and whole bodies`() {
    let found = find(Self.text)
    #expect(found[0].documentation == "Checks the top.\nMore.")
    #expect(found[0].body.hasSuffix("    pass\n\"\"\""))
    #expect(found[1].body == "async def test_async(x): assert x")
    #expect(found[2].documentation == #"It\'s said."#)
    #expect(found[2].body.hasSuffix("2"))
    #expect(found[4].body == "def testCamel(self):\n        pass")
  }

  @Test func `of pytest need a file named so, those of unittest do not`() {
    #expect(find(Self.text, path: "a.py").map(\.name) == ["testCamel", "test_derived"])
    #expect(find("def test_a(): pass", path: "a_test.py").count == 1)
  }

  @Test func `are found in any cut and any garbage without a trap`() {
    let text = Array(Self.text.utf8)
    for length in text.indices {
      _ = TestCorpus.functions(in: Array(text[..<length]), path: "test_a.py", .python)
      _ = TestCorpus.functions(in: Array(text[length...]), path: "test_a.py", .python)
    }
    #expect(find(String(repeating: "((", count: 100_000)).isEmpty)
    #expect(find("def test_\\").count <= 1)
  }
}
