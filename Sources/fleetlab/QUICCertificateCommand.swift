// fleetlab quic certificate
import ArgumentParser
import Experiments

extension QUICCommand {
  /// Certificates for both.
  struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "certificate",
      abstract: "Make an authority and a certificate for each name, with new Ed25519 keys.",
      discussion: """
        Writes authority.pem, and for each name NAME.pem and NAME.key. The authority's own key is \
        kept nowhere, so nobody can sign more.

        EXAMPLES
          fleetlab quic certificate localhost node-1.fleet --out certs
        """)

    @Argument(help: "The names, as peers will ask for them.")
    var names: [String]

    @Option(help: "The folder, which is made.")
    var out: String

    @Option(help: "How many days they are valid, from yesterday on.")
    var days = 365

    func validate() throws {
      let isPlain = names.allSatisfy { name in
        !name.isEmpty && name.utf8.count <= 64
          && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
      }
      guard isPlain, !names.isEmpty, (1...36_500).contains(days) else {
        throw ValidationError("names without slashes and --days from 1 to 36500 were expected")
      }
    }

    func run() throws {
      try ServeCommand.failing {
        try CertificateFolder.make(out, names: names, days: days)
      }
    }
  }
}
