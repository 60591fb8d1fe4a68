// What the learners over tables have in common for those who drive them.

public import LabCore

/// A learner over a table: ``QLearning`` or ``SARSA``.
public protocol TableLearner: Sendable {
  /// How it learns.
  var settings: TabularSettings { get }
  /// How many episodes it has learnt from.
  var episodesDone: Int { get }
  /// How many steps it has learnt from.
  var steps: Int { get }
  /// Where its chances began; of one that goes on from a checkpoint, where those of the other did.
  var seed: Seed { get }
  /// A hash of every bit that it has learnt.
  var fingerprint: UInt64 { get }
  /// What it needs to go on as if it had never stopped.
  var checkpoint: Checkpoint { get }
  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; then nothing is changed.
  mutating func restore(_ checkpoint: Checkpoint) throws(LearningError)
  /// Learns from so many further episodes; never from more than the settings leave.
  ///
  /// - Returns: What each episode earned, exploration included.
  /// - Throws: ``LearningError/diverged(what:step:seed:)`` for rewards that are no numbers.
  mutating func train(episodes count: Int) throws(LearningError) -> [Double]
}

extension QLearning: TableLearner {}
extension SARSA: TableLearner {}
