// How large a file, a line and a function may be, and what a file may be called.

/// The limits of size, and the rules that hold files to them.
enum Sizes {
  static let fileLines = 600
  static let lineColumns = 100
  static let functionLines = 70

  private static let emptyNames = ["Utils", "Utilities", "Helpers", "Helper", "Manager", "Common"]

  /// Everything about a Swift file's size and name.
  static func findings(in file: SwiftText) -> [Finding] {
    names(file.path) + opening(of: file) + lines(file.lines, path: file.path) + functions(of: file)
  }

  /// The length of a script or a peer, and of its lines; other texts may be as they are.
  static func findings(inCode text: String, path: String) -> [Finding] {
    let isScript = path.hasPrefix("Scripts/") || path == ".ci/run"
    guard isScript || ["py", "cpp", "c", "h"].contains(where: { path.hasSuffix("." + $0) }) else {
      return []
    }
    return lines(text.enumeratedLines().map(\.line), path: path)
  }

  /// The names that say nothing.
  static func names(_ path: String) -> [Finding] {
    let name = path.split(separator: "/").last?.prefix { $0 != "." } ?? ""
    return emptyNames.filter { name.hasSuffix($0) }.prefix(1).map {
      Finding(path, 1, "the file's name ends in \($0)", expected: "the concept that it holds")
    }
  }

  /// The first thing in a file, but for imports, says what the file is; of a test file, its suite's
  /// name does.
  private static func opening(of file: SwiftText) -> [Finding] {
    guard !file.path.hasSuffix("Tests.swift") else { return [] }
    let first = file.lines.indices.first { index in
      let words = file.code[index].split(separator: " ")
      return file.lines[index].contains { $0 != " " } && !words.contains("import")
    }
    guard let first, !file.lines[first].trimmed.hasPrefix("//") else { return [] }
    let expected = "a comment that says what the file is"
    return [Finding(file.path, first + 1, "the file begins without a word", expected: expected)]
  }

  private static func lines(_ lines: [some StringProtocol], path: String) -> [Finding] {
    var findings: [Finding] = []
    if lines.count > fileLines {
      let what = "the file has \(lines.count) lines"
      findings.append(Finding(path, fileLines + 1, what, expected: "at most \(fileLines)"))
    }
    for (index, line) in lines.enumerated() where line.count > lineColumns {
      let what = "the line has \(line.count) columns"
      findings.append(Finding(path, index + 1, what, expected: "at most \(lineColumns)"))
    }
    return findings
  }

  private static func functions(of file: SwiftText) -> [Finding] {
    FunctionMeasure.functions(in: file.tokens).filter { $0.lines > functionLines }.map {
      Finding(
        file.path, $0.line, "\($0.name) has \($0.lines) lines", expected: "at most \(functionLines)"
      )
    }
  }
}
