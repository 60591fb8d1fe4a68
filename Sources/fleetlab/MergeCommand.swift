// fleetlab merge
import ArgumentParser
import LabRecord
import LabRunner

/// Joins the shards of a plan.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join the records of shards into the record of the whole plan.",
    discussion: """
      The shards may come from several machines of one kind. They must be of one plan, seed, size \
      and code, and hold every cell once; otherwise nothing is written. The rows of virtual time \
      are the same bytes as those of one run.

      EXAMPLES
        fleetlab run Experiments/simulation --shard 1/2
        fleetlab run Experiments/simulation --shard 2/2
        fleetlab merge Results/.shards/simulator-validation/*
        fleetlab merge here/1-of-2 there/2-of-2 --results build/results
      """)

  @Argument(help: "The folders of all shards of one manifest.")
  var folders: [String]

  @Option(help: "The folder of records.")
  var results = "Results"

  func run() throws {
    do throws(MergeError) {
      let run = try ShardMerge(folders).publish(in: results)
      let trials = run.trials.values.reduce(0, +)
      Console.say(
        "\(run.experiment.id): \(folders.count) shards with \(trials) trials are now the record of "
          + "run \(run.run)")
    } catch {
      if case .run(let error) = error { throw RunCommand.failure(error) }
      throw Failure(.failed, "\(error)")
    }
  }
}
