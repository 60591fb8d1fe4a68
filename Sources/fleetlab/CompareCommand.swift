// fleetlab compare
import ArgumentParser
import Foundation
import LabCore
import LabGate
import LabManifest
import LabRecord
import LabReport
import LabRunner

/// Compares the processor time of two programs, of two commits or of two arms.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare the processor time of two programs, commits or arms, turn by turn.",
    discussion: """
      BASE and HEAD are programs, which get the words behind -- as their arguments; with --commits \
      they are commits of this checkout, whose fleetlab is built and gets those words; with \
      --manifest they are arms, whose first repetition in a cell is replayed, start of the process \
      included. No shell reads the words.

      The two take turns in blocks of eight slots, in which the base also stands against itself as \
      a control. Blocks are added until the verdict is clear, or the budget ends. HEAD regressed \
      when the interval of the ratio lies above 1 and the ratio above the margin; it passes when \
      the whole interval lies within the margin.

      Exit code: 0 pass, improved or inconclusive · 1 regressed · 3 inconclusive, with --fail-on \
      inconclusive · 75 the control says that the machine is too noisy, try again.

      EXAMPLES
        fleetlab compare ./old ./new -- --rounds 1000
        fleetlab compare --commits v0.1 HEAD -- run Experiments/simulation --size smoke
        fleetlab compare --manifest Experiments/transport/literal-transport.yaml literal corrected
        fleetlab compare ./old ./new --margin-percent 1 --budget-seconds 300 --out build/comparison
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "The program, commit or arm that is compared with.")
  var base: String

  @Argument(help: "The program, commit or arm that is judged.")
  var head: String

  @Argument(
    parsing: .postTerminator, help: "The arguments of both programs, behind --.")
  var arguments: [String] = []

  @Flag(help: "BASE and HEAD are commits; each is built in release below .build/compare.")
  var commits = false

  @Option(help: "The manifest of which BASE and HEAD are arms.")
  var manifest: String?

  @Option(help: "The cell of the manifest, as 'fleetlab plan' lists it; the first by default.")
  var cell: String?

  @Option(help: "The size at which the manifest is planned.")
  var size: RunSize = .smoke

  @Option(help: "The difference that is too little to matter, in percent.")
  var marginPercent = 2.5

  @Option(help: "How long the comparison may take, on the wall clock.")
  var budgetSeconds = 60.0

  @Option(help: "The most blocks.")
  var blocks = 60

  @Option(help: "Verdicts, besides regressed, that are a failure: inconclusive.")
  var failOn: FailingVerdict?

  @Option(help: "A folder for the blocks, the judgement and the figure; it is made if need be.")
  var out: String?

  @Option(help: "The form of the judgement.")
  var format: ListingFormat = .text

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  func validate() throws {
    guard marginPercent > 0, marginPercent <= 100 else {
      throw ValidationError("--margin-percent is \(marginPercent); above 0, at most 100 expected")
    }
    guard budgetSeconds > 0, budgetSeconds <= 86_400 else {
      throw ValidationError("--budget-seconds is \(budgetSeconds); above 0, at most a day expected")
    }
    guard (6...1_000).contains(blocks) else {
      throw ValidationError("--blocks is \(blocks); 6 to 1000 were expected")
    }
    guard !commits || manifest == nil else {
      throw ValidationError("--commits and --manifest exclude each other; give one")
    }
    guard manifest == nil || arguments.isEmpty else {
      throw ValidationError("arms take no arguments behind --; remove them")
    }
    guard manifest != nil || cell == nil else {
      throw ValidationError("--cell is of a manifest; name it with --manifest")
    }
  }

  func run() throws {
    let programs: (base: TimedProgram, head: TimedProgram)
    let measured: [ComparisonBlock]
    let margin = marginPercent / 100
    let judge = ComparisonJudge(margin: margin, blocks: blocks)
    do {
      programs = (try program(base), try program(head))
      measured = try measure(programs.base, programs.head, judge)
    } catch let error as ComparisonError {
      throw Failure(error == .interrupted ? .interrupted : .failed, "\(error)")
    }
    let judgement = try judge.judge(measured, isLast: true)
    let listing = ComparisonListing(
      base: programs.base.text, head: programs.head.text, blocks: measured, judgement: judgement)
    if let out { try keep(measured, judgement, listing, in: out) }
    Console.print(listing.print(as: format, colours: Console.hasColours))
    try end(listing.verdict, controlFailed: judgement?.controlFailed ?? false)
  }

  private func measure(
    _ base: TimedProgram, _ head: TimedProgram, _ judge: ComparisonJudge
  ) throws -> [ComparisonBlock] {
    let control = RunControl()
    let signals = Signals(control)
    defer { withExtendedLifetime(signals) {} }
    let comparison = PairedComparison(
      .init(
        base: base, head: head,
        budget: LabCore.Duration(seconds: budgetSeconds) ?? .seconds(60), blocks: blocks),
      control: control)
    return try comparison.run { blocks in
      guard judge.schedule.confidence(at: blocks.count) != nil,
        let judgement = try judge.judge(blocks)
      else { return false }
      if !quiet {
        Console.say("\(blocks.count) blocks: \(judgement.verdict.rawValue), \(judgement.reason)")
      }
      return judgement.isDecided
    }
  }

  private func program(_ name: String) throws -> TimedProgram {
    if let manifest { return try replay(of: name, in: manifest) }
    guard commits else { return TimedProgram(name, arguments) }
    guard let checkout = FolderProbe.checkout else {
      throw Failure(
        .failed,
        "there is no checkout here; the folder of Package.swift and .git was expected; "
          + "change to it")
    }
    if !quiet { Console.say("building \(name); the log is below .build/compare") }
    return TimedProgram(
      try CommitBuild(checkout: checkout, product: "fleetlab").program(of: name), arguments)
  }

  /// This program, replaying the first repetition of an arm.
  private func replay(of arm: String, in manifest: String) throws -> TimedProgram {
    let plan = try folders.plan(manifest, size, checkingData: true)
    guard let found = plan.cells.first(where: { cell == nil || $0.id == cell }) else {
      throw Failure(
        .failed,
        "cell '\(cell ?? "")' is not in the plan; one of \(plan.cells.count) cells was expected; "
          + "'fleetlab plan \(manifest) --size \(size.rawValue)' lists them")
    }
    guard found.arms.contains(arm) else {
      throw Failure(
        .failed,
        "arm '\(arm)' does not run in cell \(found.id); one of "
          + "\(found.arms.joined(separator: ", ")) was expected; name it")
    }
    return TimedProgram(
      LabRunner.WorkerCommand.thisProgram.executable,
      [
        "replay", manifest, "--cell", found.id, "--arm", arm, "--size", size.rawValue,
        "--experiments", folders.experiments,
      ])
  }

  private func keep(
    _ blocks: [ComparisonBlock], _ judgement: ComparisonJudgement?, _ listing: ComparisonListing,
    in folder: String
  ) throws {
    let figure = ComparisonFigure(
      title: "\(head) against \(base), block by block", blocks: blocks, judgement: judgement)
    let renderer = FigureRenderer.installed(
      root: ".", environment: ProcessInfo.processInfo.environment)
    do throws(ReportError) {
      let warnings = try ComparisonFolder(folder).write(
        blocks, listing: listing, figure: figure, renderer: renderer)
      for warning in warnings { Console.say("warning: \(warning)") }
    } catch { throw Failure(.failed, "\(error)") }
  }

  private func end(_ verdict: ComparisonVerdict, controlFailed: Bool) throws {
    switch verdict {
    case .pass, .improved: return
    case .regressed: throw Failure(.finding, "")
    case .inconclusive:
      if failOn == .inconclusive { throw Failure(.inconclusive, "") }
      if controlFailed { throw Failure(.busy, "") }
    }
  }
}

/// The verdicts that a caller may count as failures.
enum FailingVerdict: String, ExpressibleByArgument, CaseIterable {
  /// Nobody can say.
  case inconclusive
}
