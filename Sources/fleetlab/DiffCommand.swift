// fleetlab diff
import ArgumentParser
import LabGate
import LabManifest
import LabRecord
import LabReport

/// Says what differs between two records.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what differs between two records: parameters, provenance, metrics, verdicts.",
    discussion: """
      A record is a folder Results/<id>, or a git revision of one. Criteria are those of the \
      manifest as it is now. The exit code is 0 when nothing differs and 1 otherwise; the name of \
      a run, its times, the load of its machine and what trials cost are not compared.

      EXAMPLES
        fleetlab diff Results/literal-transport build/results/literal-transport --only-changed
        fleetlab diff HEAD~3:Results/literal-transport Results/literal-transport --format csv
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "The first record.")
  var left: String

  @Argument(help: "The second record.")
  var right: String

  @Flag(help: "Leave out what is the same.")
  var onlyChanged = false

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    let (one, other) = (try RecordPlace(left).load(), try RecordPlace(right).load())
    let difference: RecordDifference
    do throws(ReportError) {
      difference = try RecordDifference(
        one, other, criteria: criteria(of: one.run.experiment.id))
    } catch { throw Failure(.failed, "\(error)") }
    var table = Listing(columns: ["kind", "same", "name", "left", "right"])
    for row in difference.rows where !(onlyChanged && row.isEqual) {
      table.append([row.kind.rawValue, row.isEqual ? "yes" : "no", row.name, row.left, row.right])
    }
    Console.print(table.text(as: format))
    let changed = difference.rows.count { !$0.isEqual }
    guard changed == 0 else {
      throw Failure(.finding, "\(changed) of \(difference.rows.count) things differ")
    }
  }

  /// The criteria of the manifest with an id; none when there is no such manifest any more.
  private func criteria(of id: String) -> [Criterion] {
    (try? folders.plan(ofManifest: id, .standard))?.manifest.criteria ?? []
  }
}
