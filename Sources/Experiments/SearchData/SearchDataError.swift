// What can be wrong with a folder of search data.

public import ArrayFiles

/// Why a folder of search data cannot be read or made.
public enum SearchDataError: Error, Hashable, CustomStringConvertible {
  /// The folder is not there: its path.
  case missing(path: String)
  /// A file cannot be read: its path and the system's reason.
  case unreadable(path: String, reason: String)
  /// A file of vectors cannot be read or written.
  case array(ArrayFileError)
  /// A file is not what the folder needs: its path and why.
  case malformed(path: String, reason: String)
  /// A file was changed since the folder was made: its path and both digests.
  case otherDigest(path: String, expected: String, found: String)
  /// Something stands where the folder is to be made: its path.
  case occupied(path: String)
  /// The folder cannot be made: its path and why.
  case unwritable(path: String, reason: String)
  /// There are fewer texts than are asked for: how many differ and how many are needed.
  case tooFewTexts(found: Int, needed: Int)
  /// Numbers that no vectors have: which, and what was expected.
  case badShape(what: String, expected: String)

  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .missing(let path):
      "there is no folder of search data '\(path)'; one with base.npy, queries.npy and about.json "
        + "was expected; run ./Scripts/search-data \(Self.name(of: path)), or "
        + "'fleetlab vectors data' for data of your own"
    case .unreadable(let path, let reason):
      "'\(path)' cannot be read (\(reason)); a file of search data was expected; check its rights"
    case .array(let error): "\(error)"
    case .malformed(let path, let reason):
      "'\(path)' is no file of search data: \(reason); what 'fleetlab vectors data' writes was "
        + "expected; remove the folder and make it anew"
    case .otherDigest(let path, let expected, let found):
      "'\(path)' has the SHA-256 digest \(found); \(expected) was expected, as about.json says; "
        + "remove the folder and make it anew"
    case .occupied(let path):
      "'\(path)' is there already; a new folder was expected; remove it or name another"
    case .unwritable(let path, let reason):
      "'\(path)' cannot be made (\(reason)); a folder that can be written was expected; check "
        + "the rights and the room"
    case .tooFewTexts(let found, let needed):
      "there are \(found) different texts; at least \(needed) were expected, for the rows and the "
        + "queries together; give more texts or ask for fewer rows"
    case .badShape(let what, let expected):
      "\(what); \(expected) was expected; correct the number"
    }
  }

  /// The name that the script knows a folder by.
  private static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
