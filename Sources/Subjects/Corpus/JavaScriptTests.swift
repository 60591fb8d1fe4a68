// The tests of a JavaScript or TypeScript file: calls of `it` and `test` in calls of `describe`.

/// Finds test functions in JavaScript and TypeScript.
///
/// A test is a call of `it` or `test`, also through members such as `.only` or `.each(…)`, whose
/// first argument is a string and that has another one.
struct JavaScriptTests {
  /// A call with a title.
  private struct Call {
    let isTest: Bool
    let title: String
    let range: Range<Int>
  }

  private let source: SourceText
  private let ends: [Int: Int]
  private let path: String
  private let language: SourceLanguage

  /// Whether a file's path is one of those that test runners look into: below a folder of tests, or
  /// with a name like `a.test.js`, `a.spec.ts` or `a_test.js`.
  static func isTestFile(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    let folders: Set<Substring> = ["test", "tests", "__tests__", "spec", "specs"]
    if parts.dropLast().contains(where: { folders.contains($0) }) { return true }
    let words = (parts.last ?? "").split { $0 == "." || $0 == "_" || $0 == "-" }
    return words.count > 2 && ["test", "spec"].contains(words[words.count - 2])
  }

  /// The test functions of a file, in its order.
  static func find(in bytes: [UInt8], path: String, _ language: SourceLanguage) -> [TestFunction] {
    let source = LiteralScanner.scan(bytes, .javascript)
    return JavaScriptTests(
      source: source, ends: source.bracketEnds(), path: path, language: language
    ).find()
  }

  private func find() -> [TestFunction] {
    let describes = ["describe", "context", "suite"].flatMap { source.places(of: $0) }
      .compactMap { call(at: $0, isTest: false) }
    let tests = ["it", "test"].flatMap { source.places(of: $0) }
      .compactMap { call(at: $0, isTest: true) }
    let calls = (describes + tests).sorted { $0.range.lowerBound < $1.range.lowerBound }
    let framework = framework()
    var open: [Call] = []
    var found: [TestFunction] = []
    for call in calls {
      while let last = open.last, last.range.upperBound <= call.range.lowerBound {
        open.removeLast()
      }
      guard call.isTest else {
        open.append(call)
        continue
      }
      found.append(
        TestFunction(
          name: (open.map(\.title) + [call.title]).joined(separator: " > "),
          body: source.text(call.range), documentation: "", language: language,
          framework: framework, file: path, line: source.line(of: call.range.lowerBound)))
    }
    return found
  }

  /// The call that begins with a word, if it is one with a title and something after it.
  private func call(at begin: Int, isTest: Bool) -> Call? {
    let code = source.code
    if begin > 0, code[begin - 1] == UInt8(ascii: ".") { return nil }
    var index = source.endOfWord(from: begin)
    while true {
      index = source.skipSpace(from: index)
      guard index < code.count else { return nil }
      switch code[index] {
      case UInt8(ascii: "."):
        let next = source.skipSpace(from: index + 1)
        index = source.endOfWord(from: next)
        if index == next { return nil }
      case SourceText.stringMark:
        // A table in backward marks, as in it.each`…`.
        guard let string = source.strings[index] else { return nil }
        index = string.whole.upperBound
      case UInt8(ascii: "("):
        guard let end = ends[index] else { return nil }
        let argument = source.skipSpace(from: index + 1)
        if argument < code.count, let title = source.strings[argument] {
          let after = source.skipSpace(from: title.whole.upperBound)
          guard after < code.count, code[after] == UInt8(ascii: ",") else { return nil }
          return Call(isTest: isTest, title: source.text(title.content), range: begin..<end)
        }
        index = end
      default: return nil
      }
    }
  }

  /// What the file's imports or globals tell.
  private func framework() -> TestFramework {
    let modules: [(String, TestFramework)] = [
      ("vitest", .vitest), ("node:test", .nodeTest), ("@jest/globals", .jest),
    ]
    for (module, framework) in modules
    where source.strings.values.contains(where: { source.text($0.content) == module }) {
      return framework
    }
    return source.places(of: "jest").isEmpty ? .describeIt : .jest
  }
}
