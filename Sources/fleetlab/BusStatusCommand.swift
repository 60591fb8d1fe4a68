// fleetlab bus status
import ArgumentParser
import Experiments
import LabCore
import LabGate

extension BusCommand {
  /// How things stand at a node.
  struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "Say what a node holds, whom it hears, and whom it refuses.",
      discussion: """
        EXAMPLES
          fleetlab bus status try --node a
          fleetlab bus status try --node a --format json
        """)

    @OptionGroup var place: Place

    @Option(help: "text, json or csv.")
    var format = ListingFormat.text

    func run() throws {
      let status = try SubscribeCommand.failing { () throws -> BusNodeStatus? in
        let client = try BusClient(try place.find())
        try client.ask(.status)
        guard case .status(let status) = try client.nextReply(within: .seconds(10))?.reply else {
          return nil
        }
        return status
      }
      guard let status else {
        throw Failure(
          .failed,
          "the node '\(place.node)' gives no status; one within 10 s was expected; look "
            + "what it prints")
      }
      if format == .json { return Console.print(status.json.text) }
      Console.print(Self.listing(status).text(as: format))
      guard format == .text else { return }
      Console.say(
        "\(ByteCount(status.bytesKept)) kept, \(ByteCount(status.bytesPinned)) of them for peers "
          + "that lack them; next position \(status.nextPosition); \(status.subscribers) "
          + "subscribers with \(status.uncommitted) events not committed; \(status.duplicates) "
          + "duplicates; \(status.refusedMessages) messages refused")
    }

    private static func listing(_ status: BusNodeStatus) -> Listing {
      var listing = Listing(
        columns: ["node", "address", "state", "events held", "lacking", "refusals", "why"])
      for member in status.members {
        let held = member.first < member.next ? "\(member.first)-\(member.next - 1)" : "-"
        listing.append([
          member.name, member.address, member.state, held, "\(member.lacking)",
          "\(member.refusals)", member.refusal ?? "",
        ])
      }
      return listing
    }
  }
}
