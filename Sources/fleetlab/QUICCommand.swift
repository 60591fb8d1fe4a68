// fleetlab quic
import ArgumentParser

/// QUIC on real sockets, against any other implementation.
struct QUICCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quic",
    abstract: "Speak QUIC on real sockets: an echo server, a client, certificates for both.",
    subcommands: [ServeCommand.self, RequestCommand.self, CertificateCommand.self])
}
