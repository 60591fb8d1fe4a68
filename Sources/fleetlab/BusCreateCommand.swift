// fleetlab bus create
import ArgumentParser
import Experiments
import Sockets

extension BusCommand {
  /// A folder for a fleet.
  struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create",
      abstract: "Make a folder with the file, the certificates and the keys of a fleet.",
      discussion: """
        The nodes are called a, b, c and so on. Whoever has the folder can run every node of it; \
        for nodes on several machines give each its own key only, and their addresses in the file.

        EXAMPLES
          fleetlab bus create try
          fleetlab bus create try --nodes 5 --port 5000
        """)

    @Argument(help: "The folder, which is made.")
    var folder: String

    @Option(help: "How many nodes.")
    var nodes = 3

    @Option(help: "The address of this machine, in numbers.")
    var host = "127.0.0.1"

    @Option(help: "The UDP port of the first node; the others follow.")
    var port: UInt16 = 4701

    @Option(help: "How many days the certificates are valid, from yesterday on.")
    var days = 365

    func validate() throws {
      let most = FleetFolder.names.count
      guard (1...most).contains(nodes), (1...36_500).contains(days), port > 0,
        Int(port) + nodes <= 65_536
      else {
        throw ValidationError(
          "--nodes from 1 to \(most), --days from 1 to 36500 and ports up to 65535 were expected")
      }
    }

    func run() throws {
      try QUICCommand.ServeCommand.failing {
        try FleetFolder.create(
          folder,
          addresses: try (0..<nodes).map { try NodeAddress(host: host, port: port + UInt16($0)) },
          days: days)
      }
    }
  }
}
