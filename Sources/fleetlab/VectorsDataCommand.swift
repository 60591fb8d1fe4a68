// fleetlab vectors data
import ArgumentParser
import Embedding
import Experiments
import LabCore

/// What vectors a person can ask for.
enum SearchDataKind: String, ExpressibleByArgument, CaseIterable {
  case tests, clustered, gaussian
}

/// Makes a folder of vectors and queries for the search experiments.
struct VectorsDataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Make a folder of vectors and queries that search experiments read.",
    discussion: """
      The folder holds base.npy, queries.npy and about.json; a manifest names it in the parameter \
      'data'. Synthetic vectors are drawn in clusters or independently; tests are sampled from \
      files that 'fleetlab corpus' wrote, the queries first, and encoded. The first rows of a \
      larger folder are those of a smaller one.

      EXAMPLES
        fleetlab vectors data --kind clustered --count 100000 --out .build/search-data/mine
        fleetlab corpus ../mine --unique --out tests.jsonl
        fleetlab vectors data --kind tests --corpus tests.jsonl --count 900 --queries 90 --out mine
      """)

  @Option(help: "tests, clustered or gaussian.")
  var kind: SearchDataKind

  @Option(help: "How many vectors are searched.")
  var count: Int

  @Option(help: "How many numbers a synthetic vector has; an encoder decides by itself.")
  var dimensions = 384

  @Option(help: "How many queries there are.")
  var queries = 200

  @Option(help: "The root of all random draws.")
  var seed: UInt64 = 7

  @Option(parsing: .upToNextOption, help: "The files of texts that tests are sampled from.")
  var corpus: [String] = []

  @Option(help: "The folder that is made.")
  var out: String

  @OptionGroup var options: EncodingOptions

  func validate() throws {
    guard (1...100_000_000).contains(count), (1...1_000_000).contains(queries),
      (1...65_536).contains(dimensions), seed <= UInt64(Int.max)
    else {
      throw ValidationError(
        "a number is out of its range; 1 to 100000000 rows, 1 to 1000000 queries and 1 to 65536 "
          + "dimensions were expected")
    }
    guard (kind == .tests) != corpus.isEmpty else {
      throw ValidationError("--corpus belongs to --kind tests, and only there; name it or not")
    }
  }

  func run() throws {
    guard !FolderProbe.exists(out) else {
      throw Failure(.failed, "\(SearchDataError.occupied(path: out))")
    }
    do {
      switch kind {
      case .tests: try writeTests()
      case .clustered: try writeSynthetic(.clustered)
      case .gaussian: try writeSynthetic(.gaussian)
      }
    } catch let error as SearchDataError {
      throw Failure(.failed, "\(error)")
    } catch let error as EmbeddingError {
      throw Failure(.failed, "\(error)")
    }
  }

  private func writeSynthetic(_ kind: SearchDataAbout.Kind) throws {
    let vectors = SyntheticVectors(
      isClustered: kind == .clustered, dimensions: dimensions, seed: Seed(seed))
    let bar = CountLine(what: "vectors drawn")
    let base = vectors.base(count) { bar.show($0, of: count) }
    bar.end()
    try SearchData.write(
      base: base, queries: vectors.queries(queries), .init(kind, seed: seed),
      dimensions: dimensions, to: out)
    Console.say("\(count) vectors and \(queries) queries, \(kind.rawValue), in \(out)")
  }

  private func writeTests() throws {
    let texts = try corpus.flatMap { try TextLines.read($0) }
    let sample = try TextSample(of: texts, rows: count, queries: queries, seed: Seed(seed))
    let encoder = try options.encoder.makeEncoder()
    let (encodings, tally) = try options.encode(sample.queries + sample.base, by: encoder)
    let split = queries * encodings.dimensions
    let kind: SearchDataAbout.Kind = options.encoder.encoder == .minilm ? .tests : .hashed
    try SearchData.write(
      base: Array(encodings.numbers[split...]), queries: Array(encodings.numbers[..<split]),
      .init(kind, seed: seed, texts: sample.digest, encoder: encoder.exactIdentity),
      dimensions: encodings.dimensions, to: out)
    Console.say(
      "\(count) tests and \(queries) queries by \(encoder.exactIdentity) in \(out): "
        + EncodingOptions.words(tally))
  }
}
