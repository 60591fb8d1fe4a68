// Links in Markdown lead somewhere: to a file of the checkout and to a heading in it.
import Foundation

/// The rule for links in Markdown files and in articles.
struct Links {
  /// The text of every Markdown file by path.
  let pages: [String: String]
  /// All paths of the checkout.
  let paths: Set<String>

  /// The links that lead nowhere.
  func findings() -> [Finding] {
    let folders = Set(paths.flatMap(Self.folders(of:)))
    return pages.sorted { $0.key < $1.key }.flatMap { path, text in
      Self.targets(in: text).compactMap { target, line in
        problem(with: target, on: path, folders).map { what, expected in
          Finding(path, line, "the link '\(target)' \(what)", expected: expected)
        }
      }
    }
  }

  private func problem(
    with target: String, on page: String, _ folders: Set<String>
  ) -> (what: String, expected: String)? {
    if target.hasPrefix("doc:") {
      let name = target.dropFirst(4).prefix { $0 != "#" && $0 != "/" }
      let isThere = paths.contains { $0.hasSuffix(".docc/\(name).md") }
      return isThere ? nil : ("names no article", "\(name).md in a folder that ends in .docc")
    }
    guard !target.contains("://"), !target.hasPrefix("mailto:") else { return nil }
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let file = parts[0].removingPercentEncoding ?? String(parts[0])
    guard !file.hasPrefix("/") else { return ("is absolute", "a path from the page's folder") }
    let path = file.isEmpty ? page : Self.resolve(file, from: page)
    guard let path, paths.contains(path) || folders.contains(path) else {
      return ("leads to no file", "a file of the checkout, from the page's folder")
    }
    guard parts.count == 2, let text = pages[path] else { return nil }
    let anchors = Self.anchors(in: text)
    return anchors.contains(String(parts[1]))
      ? nil : ("leads to no heading of \(path)", "one of its headings in lower case with hyphens")
  }

  /// The targets of links and pictures in a text, without what stands in code.
  static func targets(in text: String) -> [(target: String, line: Int)] {
    prose(of: text).flatMap { line, number in
      [
        line.matches(of: /\]\(\s*<?([^\s<>()]+(?:\([^\s()]*\))?)>?(?:\s+"[^"]*")?\s*\)/)
          .map { String($0.1) },
        line.matches(of: /^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/).map { String($0.1) },
        line.matches(of: /<(doc:[^>\s]+)>/).map { String($0.1) },
        line.matches(of: /(?:href|src)="([^"]+)"/).map { String($0.1) },
      ].joined().map { ($0, number) }
    }
  }

  /// The anchors of a text's headings, as Markdown's usual renderers make them.
  static func anchors(in text: String) -> Set<String> {
    var anchors: Set<String> = []
    for (line, _) in prose(of: text, keepsCode: true) {
      for match in line.matches(of: /(?:id|name)="([^"]+)"/) { anchors.insert(String(match.1)) }
      guard let heading = line.wholeMatch(of: /#{1,6}\s+(.*?)(?:\s+#+)?\s*/) else { continue }
      let plain = heading.1.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }
      let slug = plain.lowercased().compactMap { character -> Character? in
        if character == " " { return "-" }
        return character.isWordPart || character == "-" ? character : nil
      }
      var anchor = String(slug)
      var count = 0
      while anchors.contains(anchor) {
        count += 1
        anchor = "\(String(slug))-\(count)"
      }
      anchors.insert(anchor)
    }
    return anchors
  }

  /// The lines outside fenced code with their numbers; code within a line is blanked.
  private static func prose(
    of text: String, keepsCode: Bool = false
  ) -> [(line: String, number: Int)] {
    var fence: Substring?
    var lines: [(String, Int)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let begin = line.drop { $0 == " " }
      let mark = begin.hasPrefix("```") ? begin.prefix { $0 == "`" } : begin.prefix { $0 == "~" }
      if let open = fence {
        if mark.hasPrefix(open) { fence = nil }
        continue
      }
      if mark.count >= 3 {
        fence = mark
        continue
      }
      lines.append((String(keepsCode ? line : line.replacing(/`[^`]*`/, with: "")), index + 1))
    }
    return lines
  }

  private static func resolve(_ file: String, from page: String) -> String? {
    var folders = page.split(separator: "/").dropLast()
    for part in file.split(separator: "/") where part != "." {
      if part != ".." {
        folders.append(part)
      } else if folders.popLast() == nil {
        return nil
      }
    }
    return folders.joined(separator: "/")
  }

  private static func folders(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    return (0..<parts.count).map { parts[..<$0].joined(separator: "/") }
  }
}
