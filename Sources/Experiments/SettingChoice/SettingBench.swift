// The worth of settings beside stated ones.

import LabCore
import LabRunner

/// Compares settings of a graph with those that are stated.
struct SettingBench {
  /// What a setting is worth.
  struct Outcome {
    /// The setting, with the least search breadth that reaches the recall of the stated ones.
    var settings: SearchSettings
    /// Its time over that of the stated settings.
    var ratio: Double
  }

  /// How often both are timed, in turn.
  private static let rounds = 5

  private let way: SearchWay
  private let statedWork: Int
  private let rows: [[Float]]
  /// The graph with the stated settings, its search breadth, and the recall that it reaches.
  private let reference: SearchBench.Ready
  private let breadth: Int
  private let recall: Double

  /// Builds with the stated settings, unless that was done.
  ///
  /// - Parameter statedWork: How often these search for each query, of which one counts.
  init(_ way: SearchWay, _ stated: SearchSettings, statedWork: Int) throws {
    self.way = way
    self.statedWork = statedWork
    reference = try SearchBench.shared.ready(way, stated)
    rows = try SearchBench.shared.rows(stated)
    breadth = stated.searchBreadth
    recall = try reference.recall(breadth: breadth)
  }

  /// The worth of a setting; `nil` when it costs more to build or does not reach the recall.
  func outcome(_ settings: SearchSettings) throws -> Outcome? {
    let watch = ProcessorWatch()
    let searcher = try Searcher(way, rows, settings)
    guard watch.elapsed.seconds <= reference.buildCPU else { return nil }
    var ready = reference
    ready.searcher = searcher
    var found = settings
    do {
      found.searchBreadth = try LeastBreadth(from: ready.neighbours).reaching(recall) {
        try ready.recall(breadth: $0)
      }
    } catch SearchProblem.recallOutOfReach { return nil }
    var ratios: [Double] = []
    for _ in 0..<Self.rounds {
      var stated = try time(reference, breadth, statedWork)
      let other = try (0..<2).reduce(0.0) { sum, _ in
        sum + (try time(ready, found.searchBreadth, 1))
      }
      stated += try time(reference, breadth, statedWork)
      ratios.append(other / stated)
    }
    return Outcome(settings: found, ratio: ratios.sorted()[Self.rounds / 2])
  }

  private func time(_ ready: SearchBench.Ready, _ breadth: Int, _ work: Int) throws -> Double {
    let watch = ProcessorWatch()
    for _ in 0..<work {
      _ = try ready.searcher.answers(
        to: ready.queries, neighbours: ready.neighbours, breadth: breadth)
    }
    return watch.elapsed.seconds
  }
}
