// What a tabular learner keeps between two episodes.

import LabCore

/// Everything about a tabular learner that an episode changes.
struct TabularProgress {
  var values: ActionValues
  var episodesDone, steps: Int
  var choices, environment: RandomStream
}

/// A learner over a table, as checkpoints see it.
protocol TabularLearner {
  /// The name in its checkpoints.
  static var name: String { get }
  var progress: TabularProgress { get set }
}

extension TabularLearner {
  fileprivate var kept: Checkpoint {
    let progress = progress
    var checkpoint = Checkpoint(algorithm: Self.name)
    checkpoint.keep("values", words: progress.values.numbers.map(\.bitPattern))
    checkpoint.keep(
      "counts", words: [UInt64(progress.episodesDone), UInt64(progress.steps)])
    checkpoint.keep("choices", progress.choices)
    checkpoint.keep("environment", progress.environment)
    return checkpoint
  }

  fileprivate mutating func takeUp(_ checkpoint: Checkpoint) throws(LearningError) {
    var progress = progress
    let count = progress.values.numbers.count
    progress.values.numbers = try checkpoint.words("values", count: count)
      .map(Double.init(bitPattern:))
    let counts = try checkpoint.words("counts", count: 2)
    guard let episodes = Int(exactly: counts[0]), let steps = Int(exactly: counts[1]) else {
      throw .otherContent(part: "counts", found: "\(counts)", expected: "counts")
    }
    (progress.episodesDone, progress.steps) = (episodes, steps)
    progress.choices = try checkpoint.random("choices")
    progress.environment = try checkpoint.random("environment")
    self.progress = progress
  }
}

extension QLearning {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint { kept }

  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; then nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try takeUp(checkpoint)
  }
}

extension SARSA {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint { kept }

  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; then nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try takeUp(checkpoint)
  }
}
