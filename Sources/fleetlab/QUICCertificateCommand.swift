// fleetlab quic certificate
import ArgumentParser
import Glibc
import Journal
import LabCore
import LabRunner
import Transport

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
        guard mkdir(out, 0o755) == 0 || errno == EEXIST else {
          throw Failure(.failed, "'\(out)' cannot be made: \(String(cString: strerror(errno)))")
        }
        let yesterday = Int(Stopwatch.nanosecondsSince1970() / 1_000_000_000) - 86_400
        let authority = try TLSAuthority(
          name: "fleetlab", validFrom: yesterday, lifetime: .seconds(Int64(days + 1) * 86_400))
        try AtomicFile.write(Bytes(authority.certificatePEM.utf8), to: "\(out)/authority.pem")
        for name in names {
          let (certificate, key) = try authority.issuePEM(name)
          try AtomicFile.write(Bytes(certificate.utf8), to: "\(out)/\(name).pem")
          try SecretFile.write(Bytes(key.utf8), to: "\(out)/\(name).key")
        }
      }
    }
  }
}
