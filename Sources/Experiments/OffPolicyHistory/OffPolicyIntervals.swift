// What a log says of a policy, with intervals.

import LabCore
import Learning
import Statistics

/// What is weighed as one.
enum LogPieces: String, CaseIterable {
  /// A whole build, as the estimates are defined.
  case build
  /// What was done with one test: tests do not bear on each other, so what they earn adds up.
  case test
}

/// How an interval is made of the values of builds.
enum IntervalKind: String, CaseIterable {
  /// Student's, right for the mean of many values.
  case student
  /// The bootstrap's, corrected for bias and skewness.
  case bootstrap
}

/// Three estimates of what a policy earns in a build, each with an interval of 95 %.
struct OffPolicyIntervals {
  /// The estimates by the names of metrics: `is`, `wis` and `dr`.
  let intervals: [(name: String, ConfidenceInterval)]
  /// How many equal builds the weights are worth; of pieces, those that are worth least.
  let effectiveEpisodes: Double

  /// Judges a policy.
  ///
  /// Each estimate is a mean over builds; that of weighted importance sampling, a ratio of means,
  /// is one to first order.
  /// - Parameters:
  ///   - lessons: From which the beliefs of the doubly robust estimate are counted.
  ///   - evidence: From which the policy is judged.
  /// - Throws: `LearningError` and `StatisticsError`.
  init(
    of policy: StochasticPolicy, in world: TabularEnvironment, learning lessons: [LoggedEpisode],
    judging evidence: [LoggedEpisode], _ pieces: LogPieces, _ kind: IntervalKind, seed: Seed
  ) throws {
    let believed = try LoggedModel(
      of: lessons.flatMap { $0.pieces(pieces) }, states: world.model.stateCount,
      actions: world.model.actionCount
    ).model.actionValues(of: policy, within: world.stepLimit ?? 200)
    var values = (plain: [Double](), weighted: [Double](), robust: [Double]())
    values.plain = evidence.map { _ in 0 }
    (values.weighted, values.robust) = (values.plain, values.plain)
    var effective = Double.infinity
    for piece in Self.byPlace(evidence.map { $0.pieces(pieces) }) {
      let estimate = try OffPolicyEstimate(
        of: policy, from: piece.map(\.episode), believing: believed)
      effective = min(effective, estimate.effectiveEpisodes)
      let meanWeight = estimate.episodes.reduce(0) { $0 + $1.weight } / Double(piece.count)
      for (judged, build) in zip(estimate.episodes, piece.map(\.build)) {
        values.plain[build] += judged.weight * judged.total
        values.weighted[build] += estimate.weighted
        if meanWeight > 0 {
          values.weighted[build] +=
            judged.weight * (judged.total - estimate.weighted) / meanWeight
        }
        values.robust[build] += judged.robust ?? 0
      }
    }
    effectiveEpisodes = effective
    intervals = [
      ("is", try kind.interval(values.plain, seed: seed.child("is"))),
      ("wis", try kind.interval(values.weighted, seed: seed.child("wis"))),
      ("dr", try kind.interval(values.robust, seed: seed.child("dr"))),
    ]
  }

  /// The first pieces of all builds, then the second ones, and so on, with the build of each.
  private static func byPlace(
    _ builds: [[LoggedEpisode]]
  ) -> [[(build: Int, episode: LoggedEpisode)]] {
    (0..<(builds.map(\.count).max() ?? 0)).map { place in
      builds.enumerated().compactMap { build, pieces in
        place < pieces.count ? (build, pieces[place]) : nil
      }
    }
  }
}

extension IntervalKind {
  /// How often the bootstrap draws anew.
  private static let replicates = 1_000

  /// The interval of a mean.
  fileprivate func interval(
    _ values: [Double], seed: Seed
  ) throws(StatisticsError) -> ConfidenceInterval {
    switch self {
    case .student: return try StudentT.meanInterval(values)
    case .bootstrap:
      // Values that are all the same have no spread to draw from.
      guard Set(values).count > 1 else { return try StudentT.meanInterval(values) }
      return try Bootstrap(.biasCorrected, replicates: Self.replicates, seed: seed)
        .interval(values) { $0.reduce(0, +) / Double($0.count) }
    }
  }
}

extension LoggedEpisode {
  /// The episode as what is weighed as one.
  fileprivate func pieces(_ pieces: LogPieces) -> [LoggedEpisode] {
    switch pieces {
    case .build: [self]
    case .test: cut { TestSelection.test(ofNumber: $0) != TestSelection.test(ofNumber: $1) }
    }
  }
}
