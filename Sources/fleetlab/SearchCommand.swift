// fleetlab search
import ArgumentParser
import Corpus
import Embedding
import LabGate
import VectorSearch

/// Finds the tests that a question means.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find the tests of a repository that are nearest in meaning to a question.",
    discussion: """
      Reads the tests below the folder anew each time, encodes those that are new, which takes \
      minutes for thousands the first time, compares all with the question, and shows the nearest. \
      The score is a cosine, 1 at best.

      EXAMPLES
        ./Scripts/weights
        fleetlab search "a lost connection is tried again"
        fleetlab search "dates before 1970" ../mine --k 20 --format csv
      """)

  @Argument(help: "What you look for, in your own words.")
  var question: String

  @Argument(help: "The folder of sources.")
  var folder = "."

  @Option(name: .customLong("k"), help: "How many tests are shown.")
  var neighbours = 10

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  @OptionGroup var options: EncodingOptions

  func validate() throws {
    guard neighbours >= 1 else {
      throw ValidationError("--k is \(neighbours); at least 1 was expected")
    }
    guard question.contains(where: { !$0.isWhitespace }) else {
      throw ValidationError("the question is empty; some words were expected")
    }
  }

  func run() throws {
    do {
      let encoder = try options.encoder.makeEncoder()
      let bar = CountLine(what: "files read")
      let tests = try TestCorpus(folder: folder) { bar.show($0, of: $1) }.unique
      bar.end()
      guard !tests.isEmpty else {
        throw Failure(
          .failed,
          "there is no test below '\(folder)'; tests in Swift, Python, JavaScript or TypeScript "
            + "were expected; name another folder")
      }
      let (encodings, tally) = try options.encode(tests.map(\.text), by: encoder)
      let nearest = try self.nearest(to: Array(encoder.encode([question])[0]), in: encodings)
      Console.print(table(of: nearest, tests).text(as: format))
      Console.say("\(tests.count) tests, \(EncodingOptions.words(tally))")
    } catch let error as CorpusError {
      throw Failure(.failed, "\(error)")
    } catch let error as EmbeddingError {
      throw Failure(.failed, "\(error)")
    } catch let error as VectorError {
      throw Failure(.failed, "\(error)")
    }
  }

  private func nearest(
    to query: [Float], in encodings: Encodings
  ) throws -> [Neighbour] {
    let index = try ExactIndex(dimensions: encodings.dimensions, metric: .cosine)
    for test in 0..<encodings.count {
      try index.insert(Array(encodings[test]), key: UInt64(test))
    }
    return try index.search(query, neighbours: neighbours).neighbours
  }

  private func table(of nearest: [Neighbour], _ tests: [TestFunction]) -> Listing {
    var table = Listing(columns: ["score", "where", "test"])
    let prefix = folder == "." ? "" : folder.hasSuffix("/") ? folder : "\(folder)/"
    for neighbour in nearest {
      let test = tests[Int(neighbour.key)]
      table.append([
        VectorsCommand.text(Double(1 - neighbour.distance), digits: 3),
        "\(prefix)\(test.file):\(test.line)", test.name,
      ])
    }
    return table
  }
}
