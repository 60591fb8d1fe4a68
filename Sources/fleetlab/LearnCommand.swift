// fleetlab learn
import ArgumentParser

/// Lets agents learn.
struct LearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Let agents learn, and see beside what they stand.",
    discussion: """
      EXAMPLES
        fleetlab learn prioritise reports/
        fleetlab learn prioritise history.csv --agent actor-critic --budget 0.5 --seeds 10
      """,
    subcommands: [PrioritiseCommand.self])
}
