// What a tabular learner keeps between two episodes.

import LabCore

/// Everything about a tabular learner that an episode changes.
struct TabularProgress {
  var values: ActionValues
  var episodesDone, steps: Int
  var seed: Seed
  var choices, environment: RandomStream
}

/// A learner over a table, as checkpoints see it.
protocol TabularLearner {
  /// The name in its checkpoints.
  static var name: String { get }
  var settings: TabularSettings { get }
  var world: String { get }
  var progress: TabularProgress { get set }
}

extension TabularLearner {
  fileprivate var kept: Checkpoint {
    let progress = progress
    var checkpoint = Checkpoint(algorithm: Self.name)
    checkpoint.keepIdentity(world: world, settings: settings, seed: progress.seed)
    checkpoint.keep(progress.values)
    checkpoint.keep(
      "counts", words: [UInt64(progress.episodesDone), UInt64(progress.steps)])
    checkpoint.keep("choices", progress.choices)
    checkpoint.keep("environment", progress.environment)
    return checkpoint
  }

  fileprivate mutating func takeUp(_ checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.demandIdentity(Self.name, world: world, settings: settings)
    var progress = progress
    let values = try checkpoint.actionValues()
    guard
      values.stateCount == progress.values.stateCount
        && values.actionCount == progress.values.actionCount
    else {
      throw .otherContent(
        part: "values", found: "\(values.stateCount) states",
        expected: "\(progress.values.stateCount) states")
    }
    progress.values = values
    let counts = try checkpoint.counts("counts", 2)
    (progress.episodesDone, progress.steps) = (counts[0], counts[1])
    progress.seed = try checkpoint.seed()
    progress.choices = try checkpoint.random("choices")
    progress.environment = try checkpoint.random("environment")
    self.progress = progress
  }
}

extension Checkpoint {
  /// Keeps a table with its shape, so that it can be loaded alone.
  fileprivate mutating func keep(_ values: ActionValues) {
    keep("values.shape", words: [UInt64(values.stateCount), UInt64(values.actionCount)])
    keep("values", words: values.numbers.map(\.bitPattern))
  }

  /// A table that was kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func actionValues() throws(LearningError) -> ActionValues {
    let shape = try words("values.shape", count: 2)
    let numbers = try words("values").map(Double.init(bitPattern:))
    let (count, overflows) = shape[0].multipliedReportingOverflow(by: shape[1])
    guard !overflows, count == numbers.count, !numbers.isEmpty else {
      throw .otherContent(
        part: "values.shape", found: "\(shape)", expected: "the shape of \(numbers.count) numbers")
    }
    var values = ActionValues(states: Int(shape[0]), actions: Int(shape[1]))
    values.numbers = numbers
    return values
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
