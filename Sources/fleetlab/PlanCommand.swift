// fleetlab plan
import ArgumentParser
import LabGate
import LabManifest

/// Shows what a manifest would run.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the cells and trials that a manifest would run.",
    discussion: """
      EXAMPLES
        fleetlab plan Experiments/transport/literal-transport.yaml
        fleetlab plan my.yaml --size smoke --set network.link.loss=5% --format csv
      """)

  @OptionGroup var folders: FolderOptions
  @OptionGroup var changes: ChangeOptions

  @Argument(help: "The manifest.")
  var manifest: String

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  @Flag(help: "Print the resolved manifest instead, as a run would freeze it.")
  var resolved = false

  func run() throws {
    let plan = try folders.plan(
      manifest, changes.size, seed: changes.seed, settings: changes.values)
    if resolved {
      Console.print(plan.resolvedText)
      return
    }
    let keys = plan.cells.first?.coordinates.map(\.key) ?? []
    var table = Listing(columns: ["cell", "control"] + keys + ["arms"])
    for cell in plan.cells {
      let values = keys.map { key in cell.coordinates.first { $0.key == key }?.value ?? "" }
      table.append([cell.id, cell.control ?? ""] + values + [cell.arms.joined(separator: " ")])
    }
    Console.print(table.text(as: format))
    let controls = plan.cells.count { $0.control != nil }
    Console.say(
      "\(plan.manifest.id) at \(changes.size.rawValue) size, seed \(plan.manifest.seed): "
        + "\(plan.cells.count - controls) cells and \(controls) of controls, "
        + "\(plan.manifest.repetitions) repetitions, \(plan.trials.count) trials")
  }
}
