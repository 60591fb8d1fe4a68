// fleetlab claims
import ArgumentParser
import LabGate
import LabManifest
import LabReport

/// Prints what the records say of each claim of the document.
struct ClaimsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims",
    abstract: "Print each claim of the document with its verdict and what decided it.",
    discussion: """
      From the records alone; nothing is run.

      EXAMPLES
        fleetlab claims
        fleetlab claims --verdict refuted --format csv
      """)

  @OptionGroup var folders: FolderOptions

  @Option(help: "Only claims with this verdict, as in refuted or not-yet-tested.")
  var verdict: String?

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func validate() throws {
    if let verdict, !ClaimVerdict.names.contains(verdict) {
      throw ValidationError(
        "'\(verdict)' is no verdict; one of \(ClaimVerdict.names.joined(separator: ", ")) was "
          + "expected")
    }
  }

  func run() throws {
    let report = LaboratoryReport(entries: try folders.entries(), claims: try folders.claims())
    let claims = report.claims.filter { verdict == nil || $0.verdict.name == verdict }
    Console.print(ClaimListing(claims).print(as: format, colours: Console.hasColours))
  }
}
