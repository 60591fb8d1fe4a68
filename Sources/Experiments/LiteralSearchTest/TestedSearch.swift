// Searches that a test should pass, and others that it should not.

/// A search for ten neighbours, right or broken in one way.
enum TestedSearch: CaseIterable {
  /// The graph.
  case graph
  /// The exact scan.
  case scan
  /// Ten rows that a random number chooses.
  case arbitrary
  /// The first ten rows, whatever is asked.
  case first
  /// The ten rows that are least alike.
  case farthest
  /// The nearest row, ten times.
  case repeated
  /// What another query would find.
  case mistaken
  /// Nine of the ten nearest.
  case nine
  /// Ten numbers that no row has.
  case strangers

  /// Whether a good test fails on it.
  var isBroken: Bool { self != .graph && self != .scan }
}
