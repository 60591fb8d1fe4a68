// Where readers put what they find wrong, so that one pass over a file reports everything.

/// A growing list of problems that all readers of one load share.
///
/// It keeps the first ``limit`` different problems and counts the others.
final class ProblemLog {
  /// The most problems that are kept.
  static let limit = 100

  private var diagnostics: [Diagnostic] = []
  private var known: Set<Diagnostic> = []
  private var omitted = 0

  /// Whether nothing was reported.
  var isEmpty: Bool { diagnostics.isEmpty }
  /// How many different problems were reported.
  var count: Int { diagnostics.count + omitted }

  /// Adds a problem, unless it is known.
  func report(_ code: String, at place: SourcePlace, _ message: String) {
    report(Diagnostic(place: place, code: code, message: message))
  }

  /// Adds a problem, unless it is known.
  func report(_ diagnostic: Diagnostic) {
    guard !known.contains(diagnostic) else { return }
    guard diagnostics.count < Self.limit else {
      omitted += 1
      return
    }
    known.insert(diagnostic)
    diagnostics.append(diagnostic)
  }

  /// Throws everything that was reported, if anything was.
  func throwIfNotEmpty() throws(ManifestProblems) {
    guard isEmpty else { throw ManifestProblems(diagnostics, omitted: omitted) }
  }
}
