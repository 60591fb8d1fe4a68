// Replacing one value of a tree, named by a dotted path.

/// A value that replaces another one in a tree.
struct TreeOverride {
  /// The dotted path, such as `network.link.loss` or `sweep.grid.network.link.loss`.
  let path: String
  /// Where the path is written.
  let place: SourcePlace
  /// The new value.
  let value: YAMLTree

  /// The mappings whose keys hold dots themselves.
  private static let mappingsOfPaths: Set<String> = ["sweep.grid", "sweep.zip"]

  /// The tree with the value in its place; missing mappings on the way are made.
  ///
  /// A key of a mapping that holds dots is found too, the longest first; a part that is a number
  /// picks an item of a list. What cannot be reached is reported.
  func apply(to tree: YAMLTree, log: ProblemLog) -> YAMLTree {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard !parts.contains("") else {
      log.report(
        "manifest.path", at: place,
        "'\(shortened(path))' is not a dotted path; names with single dots between them were "
          + "expected; write it like 'network.link.loss'")
      return tree
    }
    return apply(to: tree, parts[...], walked: [], log: log)
  }

  private func apply(
    to tree: YAMLTree, _ parts: ArraySlice<String>, walked: [String], log: ProblemLog
  ) -> YAMLTree {
    guard let first = parts.first else { return value }
    switch tree.content {
    case .mapping(let entries):
      return apply(to: tree, entries, parts, walked: walked, log: log)
    case .scalar where tree.isBlank:
      return apply(to: tree, [], parts, walked: walked, log: log)
    case .list(var items):
      guard let index = Int(first), items.indices.contains(index) else {
        reportUnreachable(
          walked, "a list of \(items.count) items, and '\(first)' is none of their numbers",
          "write a number from 0", log)
        return tree
      }
      items[index] = apply(
        to: items[index], parts.dropFirst(), walked: walked + [first], log: log)
      return YAMLTree(.list(items), at: tree.place)
    case .scalar(let text, _):
      reportUnreachable(
        walked, "the single value '\(shortened(text))'", "write that one as a mapping", log)
      return tree
    }
  }

  private func apply(
    to tree: YAMLTree, _ entries: [YAMLTree.Entry], _ parts: ArraySlice<String>, walked: [String],
    log: ProblemLog
  ) -> YAMLTree {
    for count in stride(from: parts.count, through: 1, by: -1) {
      let key = parts.prefix(count).joined(separator: ".")
      guard let entry = entries.first(where: { $0.key == key }) else { continue }
      let inner = apply(
        to: entry.value, parts.dropFirst(count), walked: walked + [key], log: log)
      return tree.replacing(key, by: inner, keyPlace: count == parts.count ? place : nil)
    }
    let isWhole = Self.mappingsOfPaths.contains(walked.joined(separator: "."))
    let count = isWhole ? parts.count : 1
    let key = parts.prefix(count).joined(separator: ".")
    let inner = apply(
      to: YAMLTree(.mapping([]), at: place), parts.dropFirst(count), walked: walked + [key],
      log: log)
    return tree.replacing(key, by: inner, keyPlace: place)
  }

  private func reportUnreachable(
    _ walked: [String], _ what: String, _ advice: String, _ log: ProblemLog
  ) {
    log.report(
      "manifest.path", at: place,
      "'\(path)' cannot be set because '\(walked.joined(separator: "."))' is \(what); "
        + "a path through mappings was expected; \(advice)")
  }
}
