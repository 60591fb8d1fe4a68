// What a rule found, as one line that an editor can jump to.

/// One place that breaks a rule.
struct Finding: Hashable, CustomStringConvertible {
  /// The file, from the root of the checkout.
  let path: String
  /// The line, from 1.
  let line: Int
  /// What is there.
  let what: String
  /// What belongs there.
  let expected: String

  init(_ path: String, _ line: Int, _ what: String, expected: String) {
    self.path = path
    self.line = line
    self.what = what
    self.expected = expected
  }

  var description: String { "\(path):\(line): \(what); expected \(expected)" }
}
