// fleetlab prune
import ArgumentParser
import LabCore
import LabGate
import LabRunner

/// Removes what runs left behind.
struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove the work folders of runs that are over, and shards that were merged.",
    discussion: """
      A record is never removed, and neither is a run that can be resumed, unless --unfinished \
      says so, nor what a run holds at this moment. Traces of replays lie where --trace put them \
      and stay.

      EXAMPLES
        fleetlab prune --dry-run
        fleetlab prune
        fleetlab prune --unfinished --results build/results
      """)

  @Option(help: "The folder of records.")
  var results = "Results"

  @Flag(name: [.customShort("n"), .long], help: "Only say what would go.")
  var dryRun = false

  @Flag(help: "Remove runs that could be resumed, too.")
  var unfinished = false

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    let prune = Prune(results: results)
    let findings = prune.findings(unfinished: unfinished)
    var outcome: (removed: [Prune.Finding], held: [Prune.Finding]) = (findings, [])
    if !dryRun {
      do throws(RunError) { outcome = try prune.remove(findings) } catch {
        throw Failure(.failed, "\(error)")
      }
    }
    var table = Listing(columns: ["folder", "reason", "bytes"])
    for finding in outcome.removed {
      table.append([finding.path, finding.reason.rawValue, "\(finding.bytes)"])
    }
    if !outcome.removed.isEmpty { Console.print(table.text(as: format)) }
    for finding in outcome.held { Console.say("\(finding.path) is held by a run and stays") }
    let bytes = ByteCount(outcome.removed.reduce(0) { $0 + $1.bytes })
    let folders = outcome.removed.count == 1 ? "1 folder" : "\(outcome.removed.count) folders"
    Console.say("\(folders) with \(bytes) \(dryRun ? "would go" : "removed")")
  }
}
