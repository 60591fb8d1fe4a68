// The tests of source trees, in a fixed order, with a digest.

import Crypto
public import Foundation

/// The test functions of source trees.
///
/// - Determinism: The files' contents and paths fix it: tests are in the order of the paths' bytes
///   and of the lines.
public struct TestCorpus: Sendable {
  /// All tests, those with equal texts too.
  public let functions: [TestFunction]
  /// How many source files were read.
  public let filesRead: Int
  /// The source files that were passed over, as too large or unreadable.
  public let filesSkipped: [String]

  /// Where the default corpus is: the packages that a build has fetched.
  public static let defaultFolder = ".build/checkouts"

  /// Reads all tests below a folder.
  ///
  /// - Parameters:
  ///   - folder: A path, absolute or from the working directory.
  ///   - progress: Is told now and then how many of how many files are read.
  /// - Throws: ``CorpusError``.
  /// - Complexity: O(bytes of the sources).
  public init(
    folder: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(CorpusError) {
    let tree = SourceTree(root: folder)
    let files = try tree.files()
    var functions: [TestFunction] = []
    var skipped: [String] = []
    for (index, file) in files.enumerated() {
      if let bytes = tree.read(file) {
        functions += Self.functions(in: bytes, path: file.path, file.language)
      } else {
        skipped.append(file.path)
      }
      progress(index + 1, files.count)
    }
    self.functions = functions
    filesRead = files.count - skipped.count
    filesSkipped = skipped
  }

  /// The tests of one file, in its order.
  static func functions(
    in bytes: [UInt8], path: String, _ language: SourceLanguage
  ) -> [TestFunction] {
    switch language {
    case .swift: SwiftTests.find(in: bytes, path: path)
    case .python: PythonTests.find(in: bytes, path: path)
    case .javascript, .typescript:
      JavaScriptTests.isTestFile(path)
        ? JavaScriptTests.find(in: bytes, path: path, language) : []
    }
  }

  /// The tests whose text no earlier test has.
  public var unique: [TestFunction] {
    var seen: Set<String> = []
    return functions.filter { seen.insert($0.text).inserted }
  }

  /// Each test as a line of JSON with its keys in alphabetical order and its `text` beside them.
  public static func lines(of functions: [TestFunction]) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines = Data()
    for function in functions {
      // Texts and numbers are always JSON, so there is nothing to report.
      guard let line = try? encoder.encode(Line(function)) else { continue }
      lines.append(line)
      lines.append(0x0a)
    }
    return lines
  }

  /// The SHA-256 digest of the lines of tests, in hexadecimal digits.
  public static func digest(of functions: [TestFunction]) -> String {
    SHA256.hash(data: lines(of: functions)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }
    .joined()
  }

  /// A test as its line says it.
  private struct Line: Encodable {
    let body: String
    let documentation: String
    let file: String
    let framework: TestFramework
    let language: SourceLanguage
    let line: Int
    let name: String
    let text: String

    init(_ function: TestFunction) {
      body = function.body
      documentation = function.documentation
      file = function.file
      framework = function.framework
      language = function.language
      line = function.line
      name = function.name
      text = function.text
    }
  }
}
