// Why a comparison could not be made.

/// Why a comparison could not be made; a verdict that is inconclusive is no such error.
public enum ComparisonError: Error, Hashable, Sendable {
  /// A program does not start, or git or the compiler do not; the text says why.
  case notStarted(reason: String)
  /// A program ended with an error; its work cannot be compared.
  case failed(program: String, ending: String)
  /// A program ran longer than the whole comparison may.
  case tooLong(program: String, seconds: Double)
  /// A program used no processor time that the kernel could count.
  case noTime(program: String)
  /// A name is no commit of the checkout.
  case unknownCommit(String)
  /// A commit could not be checked out or built; the log says why.
  case notBuilt(commit: String, log: String)
  /// The comparison was stopped from outside.
  case interrupted
}

extension ComparisonError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notStarted(let reason): reason
    case .failed(let program, let ending):
      "'\(program)' \(ending); an end with code 0 was expected, because a run that fails does "
        + "other work; run it by hand to see why"
    case .tooLong(let program, let seconds):
      "'\(program)' still ran after \(seconds) s; a run shorter than the budget was expected; give "
        + "it less work or the comparison a larger budget"
    case .noTime(let program):
      "'\(program)' used no processor time; a program with work to do was expected; give it more"
    case .unknownCommit(let name):
      "'\(name)' is no commit of this checkout; a commit, tag or branch was expected; 'git log' "
        + "lists them"
    case .notBuilt(let commit, let log):
      "commit \(commit) was not built; a checkout that builds in release was expected; see \(log)"
    case .interrupted: "interrupted; what was measured so far is not kept"
    }
  }
}
