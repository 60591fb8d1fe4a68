// Finding the name that somebody meant.

/// The known name that is closest to a misspelt one, if one is close.
///
/// Close means at most two edits, three for names of eight letters and more, and fewer edits than
/// the name has letters; letters in the wrong case and `_` for `-` count as nothing.
/// - Complexity: O(names × letters²).
/// > Reference: Damerau, CACM 7(3), 1964; the restricted distance, in which no part is edited
/// > twice.
func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(plain(name).utf8.prefix(64))
  var best: (name: String, distance: Int)?
  for candidate in names {
    let letters = Array(plain(candidate).utf8.prefix(64))
    let allowed = max(wanted.count, letters.count) >= 8 ? 3 : 2
    guard abs(wanted.count - letters.count) <= allowed else { continue }
    let distance = editDistance(wanted, letters)
    guard distance <= allowed, distance < max(1, min(wanted.count, letters.count)) else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// `; did you mean 'x'?` or, when nothing is near, the known names in a list.
package func suggestion(for name: String, among names: [String]) -> String {
  if let near = nearestName(to: name, among: names) { return "did you mean '\(near)'?" }
  guard !names.isEmpty else { return "none is known here; remove it" }
  let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
  let rest = names.count > 12 ? " and \(names.count - 12) more" : ""
  return "known are \(shown)\(rest)"
}

private func plain(_ name: String) -> String {
  String(name.lowercased().map { $0 == "_" ? "-" : $0 })
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      var least = last[column] + (letter == other ? 0 : 1)
      least = min(least, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
        least = min(least, beforeLast[column - 1] + 1)
      }
      current.append(least)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
