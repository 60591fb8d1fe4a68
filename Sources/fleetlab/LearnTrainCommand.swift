// fleetlab learn train
import ArgumentParser
import Experiments
import Foundation
import LabCore
import LabGate
import LabReport
import LabRunner
import Learning
import LinearAlgebra

extension LearnCommand {
  /// Trains a learner.
  struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "train",
      abstract: "Train a learner in an environment and keep what it has come to.",
      discussion: """
        The policy is judged without exploring at equal distances: one line each on standard \
        output, and progress on standard error. The file is replaced at each of them and holds \
        everything that the learner needs: stopped midway, it goes on with --resume and ends with \
        the same bytes as without the stop. The fingerprint at the end is a hash of every bit that \
        was learnt: the same seed gives the same one on machines of one kind.

        Algorithms: \(LearnOptions.algorithms).
        Environments: \(LearnOptions.environments).

        EXAMPLES
          fleetlab learn train --algorithm ppo --environment CartPole-v1 --out balance.learnt
          fleetlab learn train --algorithm sac --environment Pendulum-v1 --hidden 64 64 \
        --figure curve
          fleetlab learn train --algorithm q-learning --environment FrozenLake-v1 --steps 20000
        """)

    @OptionGroup var options: LearnOptions

    @Option(help: "Who learns.")
    var algorithm: LearningAlgorithm

    @Option(
      help: "How many steps, or of a table, episodes there are; the algorithm's own by default.")
    var steps: Int?

    @Option(help: "The step size; the algorithm's own by default, as with all that follows.")
    var learningRate: Double?

    @Option(help: "How much of a reward is left a step later.")
    var discount: Double?

    @Option(help: "The chance of a random action in a table's first episode, or noise's deviation.")
    var exploration: Double?

    @Option(help: "How many steps one gradient comes from.")
    var minibatch: Int?

    @Option(parsing: .upToNextOption, help: "The widths of the hidden layers.")
    var hidden: [Int] = []

    @Option(help: "How many steps are taken at random before learning, of ddpg, td3 and sac.")
    var randomSteps: Int?

    @Option(help: "Which chances; 1 by default, and with --resume those of the file.")
    var seed: UInt64?

    @Option(help: "How often the policy is judged.")
    var evaluations = 20

    @Option(help: "The file that the learner is kept in.")
    var out: String?

    @Flag(help: "Go on where the file of --out was made.")
    var resume = false

    @Option(help: "The path of the figure of the learning curve, without its ending.")
    var figure: String?

    func validate() throws {
      guard (1...1_000_000_000).contains(steps ?? 1), (1...10_000).contains(evaluations),
        hidden.count <= 8, hidden.allSatisfy({ (1...4_096).contains($0) }),
        (1...65_536).contains(minibatch ?? 1), (1...1_000_000_000).contains(randomSteps ?? 1)
      else {
        throw ValidationError(
          "--steps and --random-steps of 1 to 10^9, --evaluations of 1 to 10^4, --minibatch of 1 "
            + "to 65536 and up to 8 widths of 1 to 4096 were expected")
      }
      let foreign = settings.foreign(to: algorithm)
      guard foreign.isEmpty else {
        throw ValidationError(
          "\(foreign.joined(separator: " and ")) cannot be set of \(algorithm.rawValue); options "
            + "that it has were expected; leave out what it does not have")
      }
      guard out != nil || !resume else {
        throw ValidationError("--resume wants the file to go on from; add --out FILE")
      }
    }

    func run() throws {
      try LearnOptions.failing {
        try checkFolder()
        let blas = try OpenBLAS.open()
        let run = try TrainingRun(
          algorithm, in: options.environment, settings, seed: Seed(seed ?? 1), blas)
        if resume, let out { try takeUp(out, run) }
        let curve = try train(run)
        Console.print("learnt \(String(run.fingerprint, radix: 16))")
        guard let figure else { return }
        let picture = ProgressFigure(
          title: "\(algorithm.rawValue) in \(options.environment.rawValue), seed \(run.seed.value)",
          axes: (count: run.unit, quantity: "mean return without exploring"), points: curve,
          goal: nil)
        let renderer = FigureRenderer.installed(
          root: FileManager.default.currentDirectoryPath,
          environment: ProcessInfo.processInfo.environment)
        try picture.write(to: figure, renderer: renderer).forEach(Console.say)
      }
    }

    /// Refuses a figure that could not be written, before anything is learnt.
    private func checkFolder() throws {
      guard let figure else { return }
      let folder = URL(filePath: figure).deletingLastPathComponent().path
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
        isFolder.boolValue, FileManager.default.isWritableFile(atPath: folder)
      else {
        throw Failure(
          .failed,
          "'\(folder)' is no folder that can be written in; one was expected for the figure; "
            + "create it or correct --figure")
      }
    }

    /// Goes on where a file was made, which says from which seed.
    private func takeUp(_ file: String, _ run: TrainingRun) throws {
      let checkpoint = try Checkpoint(contentsOf: file)
      try run.restore(checkpoint)
      guard let seed, seed != run.seed.value else { return }
      throw Failure(
        .failed,
        "'\(file)' began from seed \(run.seed.value) and --seed is \(seed); the file's own was "
          + "expected; leave --seed out or begin anew")
    }

    private var settings: TrainingOptions {
      var settings = TrainingOptions()
      settings.budget = steps
      settings.learningRate = learningRate
      settings.discount = discount
      settings.exploration = exploration
      settings.minibatch = minibatch
      settings.randomSteps = randomSteps
      settings.hidden = hidden.isEmpty ? nil : hidden
      return settings
    }

    /// Spends the budget, with a line after each part of it.
    private func train(_ run: TrainingRun) throws -> [(Int, Double)] {
      var curve: [(Int, Double)] = []
      let (begin, already) = (Stopwatch.monotonic(), run.spent)
      Console.print("\(run.unit) mean-return")
      for evaluation in 1...evaluations {
        let place = run.budget * evaluation / evaluations
        guard place > run.spent else { continue }
        try run.train(place - run.spent)
        if let out { try run.checkpoint.write(to: out) }
        let earned = try GreedyEpisodes.returns(
          of: try run.policy, in: options.environment, count: options.episodes)
        let mean = earned.reduce(0, +) / Double(earned.count)
        curve.append((run.spent, mean))
        Console.print("\(run.spent) \(VectorsCommand.text(mean, digits: 2))")
        let seconds = (Stopwatch.monotonic() - begin).seconds
        let rate = Double(run.spent - already) / max(seconds, 1e-9)
        let left = Double(run.budget - run.spent) / rate
        Console.say(
          "\(run.spent) of \(run.budget) \(run.unit), \(VectorsCommand.text(rate, digits: 0)) a "
            + "second, \(VectorsCommand.text(left, digits: 0)) s left")
      }
      return curve
    }
  }
}
