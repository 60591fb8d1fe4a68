// fleetlab list
public import ArgumentParser
import Dispatch
public import LabGate
import LabManifest
import LabRecord
import LabReport
import Synchronization

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
    var table = Listing(columns: ["experiment", "title", "tags", "criteria", "record", "verdicts"])
    for row in try rows(of: plans.filter { plan in tag.map(plan.manifest.tags.contains) ?? true }) {
      table.append(row)
    }
    Console.print(table.text(as: format))
  }

  /// The rows of plans, whose records are read on all processors.
  private func rows(of plans: [Plan]) throws -> [[String]] {
    let rows = Mutex<[Int: Result<[String], any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: plans.count) { number in
      let row = Result { try self.row(of: plans[number]) }
      rows.withLock { $0[number] = row }
    }
    return try rows.withLock { rows in
      try plans.indices.compactMap { number in try rows[number]?.get() }
    }
  }

  private func row(of plan: Plan) throws -> [String] {
    let manifest = plan.manifest
    let record = try folders.record(of: plan)
    return [
      manifest.id, manifest.title, manifest.tags.joined(separator: " "),
      "\(manifest.criteria.count)",
      try record.map { "\($0.run.size.rawValue), \(try standing(of: $0, plan))" } ?? "none",
      record.map { verdicts(of: manifest.criteria, $0) } ?? "",
    ]
  }

  private func standing(of record: RunRecord, _ plan: Plan) throws -> String {
    switch try folders.standing(of: record, plan) {
    case .fresh: "fresh"
    case .kept: "kept"
    }
  }

  private func verdicts(of criteria: [Criterion], _ record: RunRecord) -> String {
    let outcomes = Judge(record).outcomes(of: criteria)
    return CriterionVerdict.allCases.compactMap { verdict in
      let count = outcomes.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }.joined(separator: ", ")
  }
}

extension ListingFormat: ExpressibleByArgument {}
