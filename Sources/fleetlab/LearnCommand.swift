// fleetlab learn
import ArgumentParser

/// Lets agents learn.
struct LearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Let agents learn, and see beside what they stand.",
    discussion: """
      EXAMPLES
        fleetlab learn train --algorithm ppo --environment CartPole-v1 --out balance.learnt
        fleetlab learn evaluate balance.learnt --environment CartPole-v1
        fleetlab learn prioritise reports/
        fleetlab learn prioritise history.csv --agent actor-critic --budget 0.5 --seeds 10
      """,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, TraceCommand.self,
      PrioritiseCommand.self,
    ])
}
