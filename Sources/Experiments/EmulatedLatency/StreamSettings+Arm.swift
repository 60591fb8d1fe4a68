// The connections of an arm over the kernel's TCP.
import LabRunner
import Sockets
import Transport

extension StreamSettings {
  /// The name in the server's certificate.
  private static let serverName = "node-1.fleet"

  /// Describes the connections of an arm, with certificates made for it.
  ///
  /// - Throws: ``TLSError``.
  init(_ arm: TransportArm, _ control: CongestionControl) throws {
    self.init(
      congestionControl: control.rawValue, serverName: Self.serverName, usesHTTP: arm == .https)
    switch arm.security {
    case .tls12?: security = .tls12
    case .tls13?: security = .tls13
    case TCPSecurity.none?, .tls13EarlyData?, nil: return
    }
    let yesterday = Int(Stopwatch.nanosecondsSince1970() / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    let issued = try authority.issuePEM(Self.serverName)
    identity = Identity(
      certificate: issued.certificate, key: issued.key, trust: authority.certificatePEM)
  }
}
