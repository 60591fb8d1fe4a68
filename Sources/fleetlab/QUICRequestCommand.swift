// fleetlab quic request
import ArgumentParser
import Experiments
import LabCore
import LabGate
import LabRecord
import Sockets
import Transport

extension QUICCommand {
  /// A client.
  struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "request",
      abstract: "Send bytes on many streams to an echo server and check what comes back.",
      discussion: """
        Prints one JSON line with what came of it; the exit code is 1 unless every stream brought \
        its own bytes back. With --tickets the first visit keeps a ticket in the file, and a later \
        one sends its first bytes at once by it.

        EXAMPLES
          fleetlab quic request localhost:4433 --trust certs/authority.pem --tickets t
          fleetlab quic request localhost:4433 --trust certs/authority.pem --tickets t --rebind
        """)

    @OptionGroup var options: QUICOptions

    @Argument(help: "The server, as HOST:PORT.")
    var server: String

    @Option(name: .customLong("server-name"), help: "The name in its certificate; HOST by default.")
    var serverName: String?

    @Option(help: "How many streams.")
    var streams = 1

    @Option(help: "How many bytes on each.")
    var bytes = 100

    @Option(help: "The file of the ticket, which is a secret.")
    var tickets: String?

    @Flag(name: .customLong("update-keys"), help: "Change the keys when half is answered.")
    var updateKeys = false

    @Flag(help: "Go on from another port when half is answered.")
    var rebind = false

    @Option(name: .customLong("seconds"), help: "How long it may take.")
    var span = 20.0

    func validate() throws {
      guard (1...1_000_000).contains(streams), (1...1 << 30).contains(bytes) else {
        throw ValidationError("--streams and --bytes want at least 1, at most 10^6 and 2^30")
      }
      guard streams * bytes <= 1 << 30 else {
        throw ValidationError("--streams times --bytes is above 2^30 bytes, which are kept at once")
      }
    }

    func run() throws {
      guard let colon = server.lastIndex(of: ":"),
        let port = UInt16(server[server.index(after: colon)...])
      else { throw ValidationError("'\(server)' is no server; HOST:PORT was expected") }
      let host = server[..<colon].filter { $0 != "[" && $0 != "]" }
      var load = QUICRequester.Load()
      (load.streams, load.bytes) = (streams, bytes)
      (load.updatesKeys, load.rebinds) = (updateKeys, rebind)
      load.limit = LabCore.Duration(seconds: span) ?? load.limit
      let outcome = try ServeCommand.failing {
        try QUICRequester.visit(
          DatagramSocket.find(host, port: port), serverName: serverName ?? host,
          options.settings(), options.identity(), load, resuming: try kept())
      }
      if let tickets, let ticket = outcome.ticket {
        try ServeCommand.failing { try SecretFile.write(ticket.encoded, to: tickets) }
      }
      Console.print(Self.line(outcome))
      guard outcome.answered == streams else {
        throw Failure(.finding, "\(outcome.answered) of \(streams) streams were answered")
      }
    }

    private func kept() throws -> QUICTicket? {
      guard let tickets, FolderProbe.exists(tickets) else { return nil }
      let bytes = try RecordFile.read(tickets, limit: 1 << 20)
      guard let ticket = QUICTicket(Bytes(bytes)) else {
        throw Failure(
          .failed,
          "'\(tickets)' is no ticket; one of this program was expected; "
            + "remove it")
      }
      return ticket
    }

    private static func line(_ outcome: QUICRequester.Outcome) -> String {
      func milliseconds(_ span: LabCore.Duration?) -> JSONValue {
        span.map { JSONValue.number($0.milliseconds) } ?? .null
      }
      func text(_ words: String?) -> JSONValue { words.map { JSONValue.string($0) } ?? .null }
      let members: [String: JSONValue] = [
        "answered": .integer(outcome.answered), "wrong": .integer(outcome.wrong),
        "first-answer-ms": milliseconds(outcome.firstAnswer),
        "last-answer-ms": milliseconds(outcome.lastAnswer),
        "resumed": outcome.isResumed.map { JSONValue.bool($0) } ?? .null,
        "early-data": .string("\(outcome.earlyData)"), "peer": text(outcome.peer),
        "updated-keys": .bool(outcome.hasUpdatedKeys), "ending": text(outcome.ending?.description),
      ]
      return JSONValue.sorted(members).line
    }
  }
}
