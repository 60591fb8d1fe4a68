// fleetlab quic serve
import ArgumentParser
import Experiments
import LabCore
import LabGate
import Sockets
import Transport

extension QUICCommand {
  /// An echo server.
  struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract: "Send back what comes on each stream and in each DATAGRAM frame.",
      discussion: """
        Prints a JSON line for each thing that happens to a connection. With --trust a client must \
        show a certificate.

        EXAMPLES
          fleetlab quic certificate localhost --out certs
          fleetlab quic serve --certificate certs/localhost.pem --key certs/localhost.key
          fleetlab quic request localhost:4433 --trust certs/authority.pem --streams 120
        """)

    @OptionGroup var options: QUICOptions

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 for any, which is told in the first line.")
    var port: UInt16 = 4433

    @Flag(help: "Let clients prove their address before they get a connection.")
    var retry = false

    @Flag(name: .customLong("no-early-data"), help: "Offer no early data.")
    var noEarlyData = false

    @Option(name: .customLong("seconds"), help: "How long to serve; for ever without it.")
    var span: Double?

    func run() throws {
      guard options.certificate != nil else {
        throw ValidationError(
          "a server needs --certificate and --key; make them with "
            + "'fleetlab quic certificate'")
      }
      var configuration = try options.settings()
      configuration.requiresRetry = retry
      configuration.acceptsEarlyData = !noEarlyData
      let socket = try Self.failing { try DatagramSocket.bound(host: host, port: port) }
      let echo = try Self.failing {
        try QUICEcho(configuration, try options.identity(), on: socket) { event in
          if let line = Self.line(event) { Console.print(line) }
        }
      }
      Console.print("{\"event\":\"listening\",\"port\":\(socket.local.port)}")
      let limit = span.flatMap { LabCore.Duration(seconds: $0) } ?? .seconds(1 << 31)
      echo.serve(for: limit) { false }
    }

    static func failing<Value>(_ body: () throws -> Value) throws -> Value {
      do { return try body() } catch let error as Failure { throw error } catch {
        throw Failure(.failed, "\(error)")
      }
    }

    /// What happened as a JSON line; `nil` for what happens too often.
    static func line(_ event: QUICEvent) -> String? {
      let object: [String: JSONValue]? =
        switch event {
        case .accepted(let connection, let address):
          [
            "event": .string("accepted"), "connection": .integer(connection),
            "from": .string("\(address)"),
          ]
        case .established(let connection, let peer, let isResumed, let earlyData):
          [
            "event": .string("established"), "connection": .integer(connection),
            "peer": peer.map { .string($0) } ?? .null, "resumed": .bool(isResumed),
            "early-data": .string("\(earlyData)"),
          ]
        case .moved(let connection, let address):
          [
            "event": .string("moved"), "connection": .integer(connection),
            "to": .string("\(address)"),
          ]
        case .closed(let connection, let closing):
          [
            "event": .string("closed"), "connection": .integer(connection),
            "reason": .string("\(closing)"),
          ]
        case .received, .receivedDatagram, .reset, .finished, .moreStreams, .ticket: nil
        }
      return object.map { JSONValue.sorted($0).line }
    }
  }
}
