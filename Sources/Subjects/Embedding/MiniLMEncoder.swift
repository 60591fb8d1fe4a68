// all-MiniLM-L6-v2 as an encoder of texts.

import LinearAlgebra
import Synchronization

/// The sentence encoder all-MiniLM-L6-v2: 384 numbers for the first 256 tokens of a text.
///
/// - Determinism: A text's vector depends on the text, ``kernels`` and the weights alone, to the
///   bit: not on the texts beside it, nor on the number of threads.
/// - Complexity: 10.6 million multiplications with an addition a token, and 4,608 for each pair of
///   tokens of a text.
public struct MiniLMEncoder: TextEncoder {
  /// The SHA-256 digest of the weights that this is.
  public static let weightsDigest =
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
  /// The SHA-256 digest of the list of word pieces.
  public static let vocabularyDigest =
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"

  public let identity = "all-MiniLM-L6-v2:\(weightsDigest.prefix(12))"
  public var exactIdentity: String { "\(identity)+\(kernels)" }
  public let dimensions = MiniLMShape.width
  /// The tokenizer that the model was made with.
  public let tokenizer: WordPieceTokenizer
  /// The kernels that compute, which exact figures depend on, as in `avx512+SkylakeX`.
  public let kernels: String
  private let passes: PassPool

  /// The tokens that a group has room for: enough rows for products to be fast, and few enough for
  /// the nearer caches.
  private static let groupTokensMax = 256

  /// Loads `model.safetensors` and `vocab.txt` from a folder and checks their digests.
  ///
  /// - Throws: ``EmbeddingError``; for missing files it says how to get them.
  public init(folder: String) throws(EmbeddingError) {
    let weights = try MappedFile(path: "\(folder)/model.safetensors")
    let pieces = try MappedFile(path: "\(folder)/vocab.txt")
    try weights.check(digest: Self.weightsDigest)
    try pieces.check(digest: Self.vocabularyDigest)
    let model = try MiniLMModel(weights)
    tokenizer = try WordPieceTokenizer(
      Vocabulary(lines: String(decoding: pieces.bytes, as: UTF8.self)),
      tokensMax: Self.groupTokensMax)
    do {
      let blas = try OpenBLAS.open()
      kernels = "\(InstructionLevel.best.name)+\(blas.kernelName)"
      passes = PassPool { MiniLMPass(model, blas, tokensMax: Self.groupTokensMax) }
    } catch {
      throw .noMatrixProducts(error.description)
    }
  }

  /// Where `Scripts/weights` puts the files.
  public static func standardFolder(environment: [String: String]) -> String {
    "\(cacheFolder(environment: environment))/all-minilm-l6-v2"
  }

  /// The folder of what can be made anew, by the environment's `XDG_CACHE_HOME` or `HOME`.
  public static func cacheFolder(environment: [String: String]) -> String {
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return (cache ?? "\(environment["HOME"] ?? "")/.cache") + "/fleetlab"
  }

  public func encode(
    _ texts: [String], threads: Int, progress: @escaping @Sendable (Int) -> Void
  ) -> Encodings {
    precondition(threads >= 1, "at least one thread")
    var tokens = [[Int32]](repeating: [], count: texts.count)
    tokens.withUnsafeMutableBufferPointer { tokens in
      let places = OwnPlaces(tokens)
      forEach(count: texts.count, threads: threads) {
        { text in places.base?[text] = tokenizer.tokens(of: texts[text]) }
      }
    }
    return encode(tokens: tokens, threads: threads, progress: progress)
  }

  /// The vectors of texts whose tokens are known.
  func encode(
    tokens: [[Int32]], threads: Int, progress: @escaping @Sendable (Int) -> Void
  ) -> Encodings {
    let groups = Self.groups(of: tokens)
    let done = Mutex(0)
    let numbers = [Float](unsafeUninitializedCapacity: tokens.count * dimensions) { buffer, count in
      let places = OwnPlaces(buffer)
      forEach(count: groups.count, threads: threads) {
        { group in
          let members = groups[group]
          let pass = passes.take()
          defer { passes.giveBack(pass) }
          pass.run(members.map { tokens[$0] }) { text, vector in
            let place = places.base.map { $0 + members[text] * dimensions }
            place?.initialize(from: vector.base, count: dimensions)
          }
          done.withLock {
            $0 += members.count
            progress($0)
          }
        }
      }
      count = tokens.count * dimensions
    }
    return Encodings(dimensions: dimensions, numbers: numbers)
  }

  /// Groups of texts that fit a pass, long texts first, so that the last ones to finish are short.
  static func groups(of tokens: [[Int32]]) -> [[Int]] {
    let order = tokens.indices.sorted {
      (tokens[$1].count, $0) < (tokens[$0].count, $1)
    }
    var groups: [[Int]] = []
    var room = 0
    for text in order {
      if groups.isEmpty || tokens[text].count > room {
        groups.append([])
        room = groupTokensMax
      }
      groups[groups.count - 1].append(text)
      room -= tokens[text].count
    }
    return groups
  }
}
