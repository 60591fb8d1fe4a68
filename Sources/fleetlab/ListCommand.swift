// fleetlab list
public import ArgumentParser
public import LabGate
import LabManifest
import LabRecord
import LabReport

/// Lists manifests with the verdicts of their records.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the experiments with what their records say.",
    discussion: "EXAMPLES\n  fleetlab list\n  fleetlab list --tag transport --format json")

  @OptionGroup var folders: FolderOptions

  @Option(help: "Only experiments with this tag.")
  var tag: String?

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    let plans = try folders.plans()
    let entries = try folders.entries(of: plans)
    let byID = Dictionary(
      entries.map { ($0.report.manifest.id, $0) }, uniquingKeysWith: { first, _ in first })
    var table = Listing(columns: ["experiment", "title", "tags", "criteria", "record", "verdicts"])
    for manifest in plans.map(\.manifest) {
      if let tag, !manifest.tags.contains(tag) { continue }
      let entry = byID[manifest.id]
      table.append([
        manifest.id, manifest.title, manifest.tags.joined(separator: " "),
        "\(manifest.criteria.count)",
        entry.map { "\($0.report.record.run.size.rawValue), \(standing($0))" } ?? "none",
        entry.map(verdicts) ?? "",
      ])
    }
    Console.print(table.text(as: format))
  }

  private func standing(_ entry: LaboratoryReport.Entry) -> String {
    switch entry.standing {
    case .fresh: "fresh"
    case .kept: "kept"
    }
  }

  private func verdicts(_ entry: LaboratoryReport.Entry) -> String {
    CriterionVerdict.allCases.compactMap { verdict in
      let count = entry.report.outcomes.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }.joined(separator: ", ")
  }
}

extension ListingFormat: ExpressibleByArgument {}
