// fleetlab learn prioritise
public import ArgumentParser
import LabCore
import LabGate
public import Learning
import LinearAlgebra
import Statistics

extension LearnCommand {
  /// Orders the tests of the user's own history.
  struct PrioritiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prioritise",
      abstract: "Order the tests of each cycle of a history, beside heuristics and the bound.",
      discussion: """
        A history is a table of RETECS' form (Id;Name;Duration;LastRun;Verdict;Cycle;…, 1 for a \
        failure), a JUnit document, or a folder of JUnit documents, one a cycle, in the order of \
        their names, in which 2 stands before 10. Cycle after cycle, an agent orders the tests \
        before it is told what came of them and how long they took. NAPFD says how early failures \
        are found within the budget, APFD without one; both are means over the cycles in which a \
        test failed, 1 at best. The interval of 95 % is over seeds: it says nothing of other \
        histories.

        Agents: \(PriorityMethod.agents.map(\.name).joined(separator: ", ")).

        EXAMPLES
          fleetlab learn prioritise reports/
          fleetlab learn prioritise history.csv --agent actor-critic retecs-tableau --seeds 10
          fleetlab learn prioritise history.csv --budget 0.2 --format csv
        """)

    @Argument(help: "The history: a .csv file, an .xml file or a folder of .xml files.")
    var history: String

    @Option(parsing: .upToNextOption, help: "Who learns; several may be named.")
    var agent: [PriorityMethod] = [.actorCritic(.all)]

    @Option(help: "The share of the time of a cycle's tests that there is, 0 to 1.")
    var budget = 0.5

    @Option(help: "How many times all is done, with other draws.")
    var seeds = 10

    @Option(help: "Which draws.")
    var seed: UInt64 = 7

    @Option(help: "text, json or csv.")
    var format = ListingFormat.text

    func validate() throws {
      guard budget > 0, budget <= 1, seeds >= 1 else {
        throw ValidationError(
          "--budget above 0 and at most 1 and --seeds of 1 or more were expected")
      }
    }

    func run() throws {
      try LearnOptions.failing {
        let runs = try TestHistory(contentsOf: history)
        Console.say(
          "\(runs.executions.count) runs of \(runs.tests.count) tests in \(runs.cycles.count) "
            + "cycles; \(runs.failures) runs failed, in \(runs.failingCycles) cycles")
        let comparison = try PrioritisationComparison(
          of: agent, on: runs, budget: budget, seeds: (seeds, Seed(seed)), try OpenBLAS.open()
        ) { Console.say("\($0.name) …") }
        Console.print(try Self.listing(comparison).text(as: format))
      }
    }

    private static func listing(_ comparison: PrioritisationComparison) throws -> Listing {
      var listing = Listing(
        columns: ["order", "NAPFD", "95 % interval", "APFD", "over the better heuristic"])
      let better = comparison.betterHeuristic
      for row in comparison.rows {
        let distances = zip(row.normalised, better?.normalised ?? []).map { $0 - $1 }
        listing.append([
          row.method.name, text(row.meanNormalised), try interval(row.normalised),
          text(row.meanUnlimited), row.method.learns ? try interval(distances) : "",
        ])
      }
      return listing
    }

    /// The interval of a mean, where there are seeds enough that differ.
    private static func interval(_ numbers: [Double]) throws -> String {
      guard numbers.count > 1, Set(numbers).count > 1 else { return "" }
      let interval = try StudentT.meanInterval(numbers)
      return "\(text(interval.low)) to \(text(interval.high))"
    }

    private static func text(_ number: Double) -> String {
      VectorsCommand.text(number, digits: 4)
    }
  }
}

extension PriorityMethod: ExpressibleByArgument {
  /// What stands in help texts for a default.
  public var defaultValueDescription: String { name }

  /// The method of a name.
  public init?(argument: String) { self.init(name: argument) }

  /// The names of those that learn.
  public static var allValueStrings: [String] { agents.map(\.name) }
}
