// fleetlab gate
import ArgumentParser
import Journal
import LabGate
import LabManifest
import Statistics

/// Judges records against baselines.
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Judge records against baselines, with verdicts that can be inconclusive.",
    discussion: """
      Nothing is run, except that a trial whose fingerprint differs is replayed to name the first \
      event that does. Exact metrics must be equal, counted ones within 0.2 %, sampled ones \
      within the margin of the manifest's 'gate', judged as one family; timed ones are left to \
      'fleetlab compare'. 'fleetlab explain' tells what a verdict means. As text only what is no \
      pass is shown.

      With --inject a regression is planted in the recorded values first: every gate that is able \
      to see it must turn to regressed, or the exit code is 2.

      EXIT CODES
        0 nothing that --fail-on names · 1 regressed, improved or new · 3 inconclusive · \
      4 missing or incomparable

      EXAMPLES
        fleetlab gate
        fleetlab gate literal-transport --size smoke --results build/results --junit gate.xml
        fleetlab gate --fail-on regressed,missing,inconclusive --format json
        fleetlab gate --inject 1.05
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "The ids of experiments; all that have a record or a baseline by default.")
  var experiments: [String] = []

  @Option(help: "The folder of baselines.")
  var baselines = "Results"

  @Option(help: "The size of the records.")
  var size: RunSize = .standard

  @Option(
    help: ArgumentHelp("The verdicts that fail, separated by commas.", valueName: "verdicts"))
  var failOn = FailingVerdicts([.regressed, .missing])

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  @Option(help: "A file for the outcomes as JUnit XML.")
  var junit: String?

  @Option(help: "Plant a regression by this factor, above 1, and check that it is found.")
  var inject: Double?

  func validate() throws {
    if let inject, !(inject > 1 && inject.isFinite) {
      throw ValidationError("--inject is \(inject); a factor above 1 was expected, such as 1.05")
    }
  }

  func run() throws {
    let records = try GatedRecords(folders, baselines: baselines, size: size, only: experiments)
    if let inject { return try check(records, factor: inject) }
    var outcomes: [GateOutcome]
    do throws(StatisticsError) {
      outcomes = try GateJudge().outcomes(of: records.comparisons)
    } catch { throw Failure(.failed, "\(error)") }
    try records.nameFirstDifferences(in: &outcomes)
    let listing = GateListing(outcomes, left: records.left)
    Console.print(listing.print(as: format, colours: Console.hasColours))
    if format != .text { Console.say(listing.counts) }
    if let junit {
      do {
        try AtomicFile.write(JUnitReport(outcomes, failing: failOn.verdicts).text, to: junit)
      } catch { throw Failure(.failed, "\(junit): error: cannot be written: \(error)") }
    }
    for id in records.withoutBaseline {
      Console.say(
        "there is no \(size.rawValue) baseline of \(id); 'fleetlab baseline update' makes one")
    }
    if let code = failOn.code(of: outcomes, withoutBaseline: !records.withoutBaseline.isEmpty) {
      throw Failure(code, "")
    }
  }

  private func check(_ records: GatedRecords, factor: Double) throws {
    let report: InjectionReport
    do throws(StatisticsError) {
      report = try InjectionReport(records.comparisons, factor: factor)
    } catch { throw Failure(.failed, "\(error)") }
    Console.print(report.text)
    guard report.overlooked.isEmpty else {
      throw Failure(
        .failed,
        "\(report.overlooked.count) gates overlook a regression that they are able to see; none "
          + "was expected; this is a defect of the judge")
    }
  }
}

/// The verdicts that make `fleetlab gate` fail.
struct FailingVerdicts: ExpressibleByArgument, Sendable {
  var verdicts: Set<GateVerdict>

  init(_ verdicts: Set<GateVerdict>) { self.verdicts = verdicts }

  init?(argument: String) {
    verdicts = []
    for word in argument.split(separator: ",") {
      guard let verdict = GateVerdict(rawValue: String(word)), verdict != .pass else { return nil }
      verdicts.insert(verdict)
    }
  }

  var defaultValueDescription: String {
    verdicts.map(\.rawValue).sorted().reversed().joined(separator: ",")
  }

  static var allValueStrings: [String] {
    GateVerdict.allCases.filter { $0 != .pass }.map(\.rawValue)
  }

  /// The exit code that some outcomes ask for, or `nil` for none.
  ///
  /// A finding goes before an absence, an absence before a doubt.
  func code(of outcomes: [GateOutcome], withoutBaseline: Bool) -> ProgramExit? {
    let found = Set(outcomes.map(\.verdict)).intersection(verdicts)
    if !found.isDisjoint(with: [.regressed, .improved, .new]) { return .finding }
    if !found.isDisjoint(with: [.missing, .incomparable]) { return .incomparable }
    if withoutBaseline, verdicts.contains(.missing) { return .incomparable }
    return found.contains(.inconclusive) ? .inconclusive : nil
  }
}
