// fleetlab quic
import ArgumentParser

/// QUIC on real sockets, against any other implementation.
struct QUICCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quic",
    abstract: "Speak QUIC on real sockets: an echo server, a client, certificates for both.",
    discussion: """
      EXAMPLES
        fleetlab quic certificate localhost --out certs
        fleetlab quic serve --certificate certs/localhost.pem --key certs/localhost.key
        fleetlab quic request localhost:4433 --trust certs/authority.pem
      """,
    subcommands: [ServeCommand.self, RequestCommand.self, CertificateCommand.self])
}
