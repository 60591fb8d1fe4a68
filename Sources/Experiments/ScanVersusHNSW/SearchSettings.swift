// What experiments on search may set.

import LabCore
import LabManifest
import LabRunner
import VectorSearch

/// The settings that the experiments on search share.
struct SearchSettings: Hashable {
  /// The folder of the search data.
  var data: String
  /// How many of the first rows are searched; 0 for all.
  var rows: Int
  /// How many of the first queries are asked.
  var queries: Int
  /// How many neighbours are wanted.
  var neighbours: Int
  /// How many candidates a graph keeps; 0 for the least that reach the recall.
  var searchBreadth: Int
  /// The recall that a graph must reach.
  var recallTarget: Double
  var connectivity: Int
  var buildBreadth: Int
  var buildThreads: Int

  /// How graphs are built.
  var configuration: HNSWConfiguration {
    HNSWConfiguration(connectivity: connectivity, buildBreadth: buildBreadth)
  }

  /// Reads the settings of a trial.
  ///
  /// - Throws: ``ParameterError`` when one is not there.
  init(_ trial: Trial, of experiment: ExperimentDescription) throws {
    let parameters = trial.cell.settings.parameters
    func whole(_ name: String) throws -> Int {
      guard case .integer(let value)? = parameters[name] else {
        throw ParameterError.missing(experiment: experiment.name)
      }
      return value
    }
    guard case .text(let data)? = parameters["data"],
      case .ratio(let target)? = parameters["recall-target"]
    else { throw ParameterError.missing(experiment: experiment.name) }
    self.data = data
    recallTarget = target.value
    rows = try whole("rows")
    queries = try whole("queries")
    neighbours = try whole("neighbours")
    searchBreadth = try whole("search-breadth")
    connectivity = try whole("connectivity")
    buildBreadth = try whole("build-breadth")
    buildThreads = try whole("build-threads")
  }

  /// The parameters as experiments list them.
  static let parameters = [
    ParameterDescription(
      "data", .text(choices: []), default: .text(".build/search-data/tests-10000x384"),
      "The folder with base.npy, queries.npy and about.json, from the working directory."),
    ParameterDescription(
      "rows", .integer(0...100_000_000), default: .integer(0),
      "How many of the first rows are searched; 0 for all."),
    ParameterDescription(
      "queries", .integer(1...1_000_000), default: .integer(200),
      "How many of the first queries are asked."),
    ParameterDescription(
      "neighbours", .integer(1...1_000), default: .integer(10), "How many neighbours are wanted."),
    ParameterDescription(
      "search-breadth", .integer(0...1_000_000), default: .integer(0),
      "How many candidates a graph keeps (ef); 0 for the least that reach the recall on these "
        + "queries, found by bisection."),
    ParameterDescription(
      "recall-target", .ratio, default: .ratio(.percent(95)),
      "The recall that a graph must reach where no breadth is set."),
    ParameterDescription(
      "connectivity", .integer(2...256), default: .integer(16), "Links of a new row (M)."),
    ParameterDescription(
      "build-breadth", .integer(1...100_000), default: .integer(200),
      "Candidates for the links of a new row (efConstruction)."),
    ParameterDescription(
      "build-threads", .integer(1...256), default: .integer(1),
      "How many threads build an index; one thread searches."),
  ]
}
