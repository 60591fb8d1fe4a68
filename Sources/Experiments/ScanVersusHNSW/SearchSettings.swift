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
  /// - Throws: `UndescribedSetting` when one is not there.
  init(_ trial: Trial) throws(UndescribedSetting) {
    data = try trial.text("data")
    recallTarget = try trial.share("recall-target")
    rows = try trial.integer("rows")
    queries = try trial.integer("queries")
    neighbours = try trial.integer("neighbours")
    searchBreadth = try trial.integer("search-breadth")
    connectivity = try trial.integer("connectivity")
    buildBreadth = try trial.integer("build-breadth")
    buildThreads = try trial.integer("build-threads")
  }

  /// The parameters as experiments list them.
  static let parameters =
    SearchData.parameters + [
      ParameterDescription(
        "rows", .integer(0...100_000_000), default: .integer(0),
        "How many of the first rows are searched; 0 for all."),
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
