// The command line of the laboratory; each verb is a file of its own.
import ArgumentParser
import LabRecord

/// The `fleetlab` program.
@main
struct FleetLab: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleetlab",
    abstract: "Find out whether the claims made for agent fleets are true.",
    discussion: """
      An experiment manifest asks a question; a run answers it with measurements; criteria with \
      negative controls turn those into verdicts, and verdicts decide claims.

      EXAMPLES
        fleetlab list
        fleetlab check Experiments
        fleetlab plan Experiments/transport/literal-transport.yaml --size smoke
        fleetlab run Experiments --size smoke --results build/results
        fleetlab criteria --format csv
        fleetlab claims

      EXIT CODES
        0 done, no finding · 1 a finding (a failed check, drifted reports, a regression) · 2 a \
      trial or the tool failed · 3 inconclusive, when asked · 4 a baseline or a value is missing \
      or incomparable · 64 wrong usage · 65 a bad manifest · 70 a defect of this program · 75 \
      busy, try again · 130 interrupted, can be resumed
      """,
    version: ProgramVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "Ask",
        subcommands: [ListCommand.self, CheckCommand.self, PlanCommand.self, ExplainCommand.self]),
      CommandGroup(
        name: "Run", subcommands: [RunCommand.self, MergeCommand.self, ReplayCommand.self]),
      CommandGroup(
        name: "Judge and report",
        subcommands: [
          CriteriaCommand.self, ClaimsCommand.self, ReportCommand.self, DiffCommand.self,
          HistoryCommand.self,
        ]),
      CommandGroup(
        name: "Regressions",
        subcommands: [
          GateCommand.self, BaselineCommand.self, PowerCommand.self, CompareCommand.self,
        ]),
      CommandGroup(
        name: "Search by meaning",
        subcommands: [
          SearchCommand.self, CorpusCommand.self, EncodeCommand.self, VectorsCommand.self,
        ]),
      CommandGroup(name: "Learn", subcommands: [LearnCommand.self]),
      CommandGroup(name: "Talk", subcommands: [QUICCommand.self, BusCommand.self]),
      CommandGroup(name: "Care", subcommands: [DoctorCommand.self, PruneCommand.self]),
      CommandGroup(
        name: "Machinery",
        subcommands: [WorkerCommand.self, SpinCommand.self, IndexSaverCommand.self]),
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      Console.complain(failure.message)
      exit(withError: ExitCode(failure.code.rawValue))
    } catch {
      exit(withError: error)
    }
  }
}

/// The exit codes of the program.
enum ProgramExit: Int32 {
  /// Something was found that the caller must look at.
  case finding = 1
  /// The tool could not do its job.
  case failed = 2
  /// The verdict is inconclusive, and the caller asked for a decision.
  case inconclusive = 3
  /// A baseline or a value is missing, or cannot be compared.
  case incomparable = 4
  /// A manifest is wrong.
  case badManifest = 65
  /// Somebody else works on the same record.
  case busy = 75
  /// The run was interrupted and can be resumed.
  case interrupted = 130
}

/// An end of the program with a message for people.
struct Failure: Error {
  var code: ProgramExit
  var message: String

  init(_ code: ProgramExit, _ message: String) {
    self.code = code
    self.message = message
  }
}
