// fleetlab learn evaluate
import ArgumentParser
import Experiments
import LabGate
import Learning
import LinearAlgebra
import Statistics

extension LearnCommand {
  /// Judges a policy.
  struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "evaluate",
      abstract: "Judge a trained policy over episodes that begin at the same states for all.",
      discussion: """
        The interval of 95 % is over the episodes of this one policy and says nothing of other \
        trainings. What a table's policy earns is computed exactly.

        EXAMPLE
          fleetlab learn evaluate balance.learnt --environment CartPole-v1
        """)

    @OptionGroup var options: LearnOptions

    @Argument(help: "The file of a trained learner.")
    var file: String

    @Option(help: "The form of the list.")
    var format: ListingFormat = .text

    func run() throws {
      try LearnOptions.failing {
        let policy = try Policy(contentsOf: file, try OpenBLAS.open())
        let earned = try GreedyEpisodes.returns(
          of: policy, in: options.environment, count: options.episodes)
        let sample = try SortedSample(earned)
        var listing = Listing(
          columns: [
            "algorithm", "episodes", "mean return", "95 % interval", "interquartile mean", "least",
            "greatest",
          ])
        let interval = sample.min < sample.max ? try StudentT.meanInterval(earned) : nil
        func text(_ number: Double) -> String { VectorsCommand.text(number, digits: 4) }
        listing.append([
          policy.algorithm, "\(earned.count)", text(sample.mean),
          interval.map { "\(text($0.low)) to \(text($0.high))" } ?? "",
          text(sample.interquartileMean), text(sample.min), text(sample.max),
        ])
        Console.print(listing.text(as: format))
      }
    }
  }
}
