// fleetlab vectors bench
import ArgumentParser
import ArrayFiles
import LabCore
import LabGate
import LabRunner
import VectorSearch

/// Measures the ways to search on the user's own vectors.
struct VectorsBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure scan and graph in every storage on your own vectors, in one run.",
    discussion: """
      Times are CPU time of one thread, the median of rounds in which all ways take turns, there \
      and back; ratios of two ways mean more than times. Recall is against the exact scan.

      EXAMPLE
        fleetlab vectors bench --base B.npy --queries Q.npy --search-breadth 50 100 200
      """)

  @Option(help: "The vectors, .npy or .fvecs.")
  var base: String

  @Option(help: "The queries, .npy or .fvecs.")
  var queries: String

  @Option(name: .customLong("k"), help: "How many neighbours are wanted.")
  var neighbours = 10

  @Option(parsing: .upToNextOption, help: "How many candidates searches keep (ef).")
  var searchBreadth = [20, 50, 100, 200]

  @Option(help: "How many times all ways take turns.")
  var rounds = 5

  @OptionGroup var options: IndexOptions

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  /// One way to search.
  private struct Way {
    var name: String
    var storage: VectorStorage
    var breadth: Int?
    var microseconds: [Double] = []
    var found: [[UInt64]] = []
    var counters = SearchCounters()
  }

  func validate() throws {
    guard rounds >= 1, !searchBreadth.isEmpty else {
      throw ValidationError("at least one round and one breadth were expected")
    }
  }

  func run() throws {
    try VectorsCommand.failing {
      let rows = try VectorFile.readRows(base, limit: VectorsCommand.fileLimit)
      let questions = try VectorFile.readRows(queries, limit: VectorsCommand.fileLimit)
      var indexes: [VectorStorage: HNSWIndex] = [:]
      for storage in VectorStorage.allCases {
        indexes[storage] = try options.index(of: rows, storage, searchBreadth: 100)
      }
      var ways: [Way] = []
      for storage in VectorStorage.allCases {
        ways.append(Way(name: "scan", storage: storage))
        ways += searchBreadth.map { Way(name: "graph", storage: storage, breadth: $0) }
      }
      for round in 0..<rounds {
        let order = round % 2 == 0 ? Array(ways.indices) : ways.indices.reversed()
        for place in order {
          guard let index = indexes[ways[place].storage] else { continue }
          try measure(&ways[place], index, questions)
        }
      }
      Console.print(table(ways).text(as: format))
    }
  }

  private func measure(
    _ way: inout Way, _ index: HNSWIndex, _ questions: [[Float]]
  ) throws {
    let options = SearchOptions(breadth: way.breadth, isExact: way.breadth == nil)
    var results: [SearchResult] = []
    results.reserveCapacity(questions.count)
    let start = Stopwatch.processor()
    for question in questions {
      results.append(try index.search(question, neighbours: neighbours, options: options))
    }
    let seconds = (Stopwatch.processor() - start).seconds
    way.microseconds.append(seconds / Double(max(questions.count, 1)) * 1e6)
    way.found = results.map { $0.neighbours.map(\.key) }
    way.counters = results.reduce(into: SearchCounters()) { $0 += $1.counters }
  }

  private func table(_ ways: [Way]) -> Listing {
    var table = Listing(columns: [
      "way", "storage", "breadth", "CPU us/query", "evaluations/query", "recall",
    ])
    let truth = ways.first?.found ?? []
    for way in ways {
      let sorted = way.microseconds.sorted()
      let evaluations = Double(way.counters.distanceEvaluations) / Double(max(truth.count, 1))
      let recall = Recall.share(of: way.found, among: truth, neighbours: neighbours)
      table.append([
        way.name, way.storage.rawValue, way.breadth.map { "\($0)" } ?? "",
        VectorsCommand.text(sorted[sorted.count / 2], digits: 1),
        VectorsCommand.text(evaluations, digits: 0),
        recall.map { VectorsCommand.text($0, digits: 4) } ?? "",
      ])
    }
    return table
  }
}
