// fleetlab replay
import ArgumentParser
import Glibc
import LabCore
import LabGate
import LabManifest
import LabRecord
import LabRunner
import Transport

/// Runs one trial again in this process, with its trace.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run one trial again, alone and with its trace.",
    discussion: """
      A failed trial's record holds this command ready to paste. With --trace a simulated trial \
      leaves a timeline (SVG), a packet capture for Wireshark and a list of its events; where QUIC \
      was spoken the capture holds its keys, and a qlog of each connection stands beside it.

      EXAMPLE
        fleetlab replay Experiments/transport/literal-transport.yaml --cell 0f3c9a1b2d4e5f60 \
      --arm literal --repetition 0 --trace build/trace
      """)

  @OptionGroup var folders: FolderOptions
  @OptionGroup var changes: ChangeOptions

  @Argument(help: "The manifest.")
  var manifest: String

  @Option(help: "The cell, as 'fleetlab plan' lists it.")
  var cell: String

  @Option(help: "The arm; the cell's only one by default.")
  var arm: String?

  @Option(help: "The repetition, counted from 0.")
  var repetition = 0

  @Option(help: "A folder for the trial's traces; it is made if need be.")
  var trace: String?

  @Option(help: "The form of the measurements.")
  var format: ListingFormat = .text

  func run() throws {
    let plan = try folders.plan(
      manifest, changes.size, seed: changes.seed, settings: changes.values, checkingData: true)
    guard let found = plan.cells.first(where: { $0.id == cell }) else {
      throw Failure(
        .failed,
        "cell '\(cell)' is not in the plan; one of \(plan.cells.count) cells was expected; "
          + "'fleetlab plan \(manifest) --size \(changes.size.rawValue)' lists them")
    }
    guard let arm = arm ?? (found.arms.count == 1 ? found.arms.first : nil) else {
      throw Failure(
        .failed, "the cell has several arms; name one: --arm \(found.arms.joined(separator: "|"))")
    }
    if let trace, mkdir(trace, 0o777) != 0, errno != EEXIST {
      throw Failure(
        .failed,
        "\(trace) cannot be made: \(String(cString: strerror(errno))); a folder was expected; name "
          + "another")
    }
    let outcome: TrialOutcome
    do throws(RunError) {
      let index = try InlineRunner.trial(in: plan, cell: cell, arm: arm, repetition: repetition)
      if trace != nil { seedEntropy(plan, found.settings, plan.trials[index].seed) }
      outcome = try InlineRunner(experiments: laboratory).run(index, of: plan, traceFolder: trace)
    } catch { throw RunCommand.failure(error) }
    var table = Listing(columns: ["metric", "step", "value", "unit"])
    for entry in outcome.entries {
      let unit = plan.manifest.experiment.metrics.first { $0.name == entry.metric }?.unit ?? ""
      table.append([entry.metric, entry.step.map(String.init) ?? "", entry.value.text, unit])
    }
    Console.print(table.text(as: format))
    if let trace { Console.say("traces are in \(trace)") }
    if let log = outcome.log { Console.say(log) }
    if outcome.status != .ok {
      throw Failure(
        .failed,
        "the trial ended as \(outcome.status.rawValue): "
          + "\(outcome.error ?? "no reason given")")
    }
  }

  /// Lets the keys of a simulated trial follow from its seed, so that two captures are equal.
  private func seedEntropy(_ plan: Plan, _ settings: Settings, _ seed: Seed) {
    let name = plan.manifest.experiment.name
    guard let experiment = laboratory[name], !experiment.runsInRealTime(settings),
      !SeededEntropy.arm(seed)
    else { return }
    Console.say("warning: the keys of this process are random; so are the bytes of the capture")
  }
}
