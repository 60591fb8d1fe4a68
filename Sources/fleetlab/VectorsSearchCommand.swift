// fleetlab vectors search
import ArgumentParser
import ArrayFiles
import LabCore
import LabGate
import LabRunner
import VectorSearch

/// Searches for the neighbours of many queries.
struct VectorsSearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search an index for the neighbours of each query, and say what that took.",
    discussion: """
      EXAMPLES
        fleetlab vectors search --index I --queries Q.npy --k 10 --search-breadth 100 --out ids.npy
        fleetlab vectors search --index I --queries Q.npy --k 10 --truth truth.npy
      """)

  @Option(help: "The file of the index; it is mapped and checked page by page.")
  var index: String

  @Option(help: "The queries, .npy or .fvecs.")
  var queries: String

  @Option(name: .customLong("k"), help: "How many neighbours are wanted.")
  var neighbours = 10

  @Option(help: "How many candidates are kept (ef); the index's own when left out.")
  var searchBreadth: Int?

  @Option(help: "How many candidates of int8 storage are ranked by their given components.")
  var rerankBreadth: Int?

  @Flag(help: "Compare every vector.")
  var exact = false

  @Option(help: "Where the found row numbers go, .npy (int64) or .ivecs.")
  var out: String?

  @Option(help: "The true row numbers, .npy or .ivecs, to say the recall.")
  var truth: String?

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    try VectorsCommand.failing {
      let rows = try VectorFile.readRows(queries, limit: VectorsCommand.fileLimit)
      let mapped = try HNSWIndex(mapping: index)
      let options = SearchOptions(
        breadth: searchBreadth, rerankBreadth: rerankBreadth, isExact: exact)
      var results: [SearchResult] = []
      results.reserveCapacity(rows.count)
      let (wall, processor) = (Stopwatch.monotonic(), Stopwatch.processor())
      for row in rows {
        results.append(try mapped.search(row, neighbours: neighbours, options: options))
      }
      let cpuSeconds = (Stopwatch.processor() - processor).seconds
      let wallSeconds = (Stopwatch.monotonic() - wall).seconds
      let found = results.map { $0.neighbours.map(\.key) }
      if let out { try VectorFile.write(found.map { $0.map { Int(clamping: $0) } }, to: out) }
      let count = Double(max(rows.count, 1))
      var table = Listing(columns: ["what", "value"])
      table.append(["queries", "\(rows.count)"])
      table.append(["CPU us/query", VectorsCommand.text(cpuSeconds / count * 1e6, digits: 1)])
      table.append(["wall us/query", VectorsCommand.text(wallSeconds / count * 1e6, digits: 1)])
      table.append(["distance evaluations/query", mean(results) { $0.distanceEvaluations }])
      table.append(["hops/query", mean(results) { $0.hops }])
      if let truth { table.append(["recall", try recall(of: found, truth)]) }
      Console.print(table.text(as: format))
    }
  }

  private func mean(_ results: [SearchResult], _ count: (SearchCounters) -> Int) -> String {
    let sum = results.reduce(0) { $0 + count($1.counters) }
    return VectorsCommand.text(Double(sum) / Double(max(results.count, 1)), digits: 1)
  }

  private func recall(of found: [[UInt64]], _ path: String) throws -> String {
    let rows = try VectorFile.readWholeRows(path, limit: VectorsCommand.fileLimit)
    let truth = rows.map { $0.map { UInt64(clamping: $0) } }
    guard let share = Recall.share(of: found, among: truth, neighbours: neighbours) else {
      throw Failure(
        .failed,
        "\(path): error: \(rows.count) rows of \(rows.first?.count ?? 0) numbers; a row of at "
          + "least \(neighbours) for each query was expected; make it with --exact")
    }
    return VectorsCommand.text(share, digits: 4)
  }
}
