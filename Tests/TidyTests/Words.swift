// Words that do not belong into the checkout: notes of unfinished work, code in comments, and paths
// of one machine.

/// The rules for what texts say.
enum Words {
  // Joined from halves, so that this file keeps its own rule.
  private static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
  private static let machineFolders = ["home", "root", "tmp", "work", "Users"]

  /// Notes of unfinished work in any text.
  static func unfinished(in text: String, path: String) -> [Finding] {
    text.enumeratedLines().flatMap { number, line in
      unfinished.filter { holds(line, word: $0) }.map {
        Finding(path, number, "the text says \($0)", expected: "the work done or left out")
      }
    }
  }

  /// Absolute paths of one machine in a text that is no script.
  static func machinePaths(in text: String, path: String) -> [Finding] {
    guard !path.hasPrefix("Scripts/"), !path.hasPrefix(".ci/") else { return [] }
    return text.enumeratedLines().filter { $0.line.utf8.contains(UInt8(ascii: "/")) }
      .flatMap { number, line in
        machineFolders.filter { names(line, folder: $0) }.map {
          let what = "the text names a path below /\($0)"
          return Finding(path, number, what, expected: "a path from the root of the checkout")
        }
      }
  }

  /// Comments of a Swift file that are code.
  static func commentedCode(in file: SwiftText) -> [Finding] {
    let statements = statementPatterns
    return file.comments.compactMap { comment in
      guard comment.standsAlone, !comment.text.hasPrefix("///"), comment.text.hasPrefix("//")
      else { return nil }
      let text = comment.text.dropFirst(2).trimmed
      guard statements.contains(where: { text.wholeMatch(of: $0) != nil }) else { return nil }
      return Finding(
        file.path, comment.line, "the comment is code: \(text)", expected: "no dead code")
    }
  }

  /// What a comment's line matches when it reads like a statement; formulas and prose do not.
  private static var statementPatterns: [Regex<Substring>] {
    [
      /(?:let|var) \w+(?:: [\w<>\[\]?.: ]+)? = .+/,
      /(?:@\w+ )*(?:(?:public|package|private|static|mutating) )*func \w+[(<].*/,
      /(?:(?:public|package) )?import [A-Z]\w+/,
      /.*\S \{/,
      /[})\]]+/,
      /(?:return|try|await|throw) [\w.]+\(.*\)/,
      /(?:if|guard|while|for|switch) .+ \{.*/,
      /[a-z]\w*(?:\.\w+)*\([^ )]*\)/,
      /#(?:if|else|elseif|endif)\b.*/,
      /[a-z]\w*(?:\.\w+)+ [-+*\/]?= \S.*/,
    ]
  }

  private static func holds(_ line: Substring, word: String) -> Bool {
    line.ranges(of: word).contains { range in
      let before = line[..<range.lowerBound].last?.isWordPart ?? false
      let after = line[range.upperBound...].first?.isWordPart ?? false
      return !before && !after
    }
  }

  /// Whether a line names the folder as the first of an absolute path.
  private static func names(_ line: Substring, folder: String) -> Bool {
    line.ranges(of: "/" + folder).contains { range in
      let before = line[..<range.lowerBound].last ?? " "
      let after = line[range.upperBound...].first ?? " "
      let beginsPath = !before.isWordPart && !".-/~})>*:]".contains(before)
      return beginsPath && !after.isWordPart && after != "-"
    }
  }
}

extension String {
  /// The lines with their numbers, from 1; a line end at the end begins no further line.
  func enumeratedLines() -> [(number: Int, line: Substring)] {
    var lines = split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.enumerated().map { ($0 + 1, $1) }
  }
}
