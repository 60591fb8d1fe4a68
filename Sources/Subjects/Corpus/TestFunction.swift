// One test, as it stands in a source file.

/// A programming language whose tests are known.
public enum SourceLanguage: String, Codable, CaseIterable, Sendable {
  /// Files ending in `.swift`.
  case swift
  /// Files ending in `.py`.
  case python
  /// Files ending in `.js`, `.mjs`, `.cjs` or `.jsx`.
  case javascript
  /// Files ending in `.ts`, `.mts`, `.cts` or `.tsx`.
  case typescript

  /// The language of a file by the end of its name, in lower case.
  init?(fileName: some StringProtocol) {
    guard let dot = fileName.lastIndex(of: ".") else { return nil }
    switch fileName[fileName.index(after: dot)...] {
    case "swift": self = .swift
    case "py": self = .python
    case "js", "mjs", "cjs", "jsx": self = .javascript
    case "ts", "mts", "cts", "tsx": self = .typescript
    default: return nil
    }
  }
}

/// The framework that runs a test, as far as its file tells.
public enum TestFramework: String, Codable, CaseIterable, Sendable {
  /// Methods of Swift that XCTest calls.
  case xctest
  /// Functions of Swift with an attribute.
  case swiftTesting = "swift-testing"
  /// Functions of Python, by their names.
  case pytest
  /// Methods of Python, by their class.
  case unittest
  /// The file imports its globals or uses its object.
  case jest
  /// The file imports it.
  case vitest
  /// The runner that Node itself has; the file imports it.
  case nodeTest = "node-test"
  /// One of those that share `describe`, `it` and `test`, such as Mocha or Jest without an import.
  case describeIt = "describe-it"
}

/// A test function with where it stands.
public struct TestFunction: Hashable, Codable, Sendable {
  /// The function's name; in JavaScript the titles of the blocks around it and its own, joined by
  /// ` > `.
  public let name: String
  /// The source from the function's first word to its end.
  public let body: String
  /// What the function is said to do: its documentation, or the title that its attribute gives; may
  /// be empty.
  public let documentation: String
  /// What it is written in.
  public let language: SourceLanguage
  /// What runs it.
  public let framework: TestFramework
  /// The file's path from the root of the tree.
  public let file: String
  /// The line of the function's first word, from 1.
  public let line: Int

  /// The text that stands for the test: its name, what it is said to do, and its body.
  public var text: String {
    documentation.isEmpty ? "\(name)\n\(body)" : "\(name)\n\(documentation)\n\(body)"
  }
}
