// What can go wrong between a text and its vector.

/// Why texts cannot be encoded, or what was encoded cannot be read.
public enum EmbeddingError: Error, Equatable, CustomStringConvertible {
  /// A file of the model is not there: its path. Run `./Scripts/weights`.
  case missingModel(path: String)
  /// A file cannot be read: its path and the system's reason.
  case unreadable(path: String, reason: String)
  /// A file's digest is not the one that the model's is known by: its path and both digests.
  case otherDigest(path: String, expected: String, found: String)
  /// A tensor file is malformed: its path and where.
  case badTensorFile(path: String, reason: String)
  /// A list of word pieces is malformed: the line, from 1, and why.
  case badVocabulary(line: Int, reason: String)
  /// The library of matrix products is not there: its own words.
  case noMatrixProducts(String)
  /// A file of texts is malformed: its path, the line, from 1, and why.
  case badTexts(path: String, line: Int, reason: String)
  /// The cache of encodings cannot be used: its path and why.
  case badCache(path: String, reason: String)

  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .missingModel(let path):
      "there is no file '\(path)'; the weights of all-MiniLM-L6-v2 were expected; "
        + "run ./Scripts/weights to fetch them, or ask for the hashing encoder by name"
    case .unreadable(let path, let reason):
      "'\(path)' cannot be read (\(reason)); a readable file was expected; check its rights"
    case .otherDigest(let path, let expected, let found):
      "'\(path)' has the SHA-256 digest \(found); \(expected) was expected; "
        + "remove the file and run ./Scripts/weights"
    case .badTensorFile(let path, let reason):
      "'\(path)' is no tensor file that can be used: \(reason); a whole safetensors file of "
        + "all-MiniLM-L6-v2 was expected; remove the file and run ./Scripts/weights"
    case .badVocabulary(let line, let reason):
      "line \(line) of the vocabulary has \(reason); one word piece a line and the five special "
        + "ones were expected; remove the file and run ./Scripts/weights"
    case .noMatrixProducts(let reason): reason
    case .badTexts(let path, let line, let reason):
      "\(path):\(line):1: error: the line \(reason); a JSON string, or an object with the key "
        + "'text', was expected; correct the line"
    case .badCache(let path, let reason):
      "the cache '\(path)' cannot be used: \(reason); a folder that can be written was expected; "
        + "remove it or name another"
    }
  }
}
