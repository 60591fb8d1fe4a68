// fleetlab criteria
import ArgumentParser
import LabGate
import LabManifest
import LabReport

/// Prints what the records say of each criterion.
struct CriteriaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "criteria",
    abstract: "Print each criterion with its figure, interval, bar, verdict and negative control.",
    discussion: """
      From the records alone; nothing is run.

      EXAMPLES
        fleetlab criteria
        fleetlab criteria literal-transport --format json
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "The ids of experiments; all that have a record by default.")
  var experiments: [String] = []

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    let entries = try folders.entries()
    for id in experiments where !entries.contains(where: { $0.report.manifest.id == id }) {
      throw Failure(
        .failed,
        "there is no record of '\(id)' in \(folders.results); a run was expected; "
          + "'fleetlab run' makes one, 'fleetlab list' shows what there is")
    }
    let outcomes = entries.map(\.report)
      .filter { experiments.isEmpty || experiments.contains($0.manifest.id) }
      .flatMap(\.outcomes)
    Console.print(CriterionListing(outcomes).print(as: format, colours: Console.hasColours))
  }
}
