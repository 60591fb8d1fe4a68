// fleetlab bus
import ArgumentParser
import Experiments
import LabManifest

/// A fleet of real nodes that share their events.
struct BusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bus",
    abstract: "Run nodes that bring every event to every node, and talk to them.",
    discussion: """
      EXAMPLES
        fleetlab bus create try --nodes 3
        fleetlab bus serve try --node a          # and b and c, each in a terminal of its own
        fleetlab bus subscribe try --node c
        fleetlab bus publish try --node a "hello"
        fleetlab bus status try --node b
      """,
    subcommands: [
      CreateCommand.self, ServeCommand.self, PublishCommand.self, SubscribeCommand.self,
      StatusCommand.self,
    ])

  /// Which node of which fleet.
  struct Place: ParsableArguments {
    @Argument(help: "The fleet's file, or the folder in which it is called fleet.yaml.")
    var fleet: String

    @Option(help: "The name of the node.")
    var node: String

    /// The fleet.
    func read() throws -> FleetFile {
      do throws(ManifestProblems) { return try FleetFile(fleet) } catch {
        throw Failure(.badManifest, "\(error)")
      }
    }

    /// The node in its fleet.
    func find() throws -> FleetFile.Node {
      let fleet = try read()
      guard let place = fleet.place(of: node) else {
        throw Failure(.failed, fleet.absence(of: node))
      }
      return fleet.nodes[place]
    }
  }
}
