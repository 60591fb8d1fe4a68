// Certificates for a fleet, made in one step.
import Glibc
import Journal
import LabCore
import LabRunner
import Transport

/// Makes folders with an authority and certificates.
public enum CertificateFolder {
  /// Why a folder cannot be made.
  public struct Failure: Error, CustomStringConvertible {
    /// What is wrong; what was expected; what to do.
    public let description: String
  }

  /// Writes `authority.pem`, and for each name `NAME.pem` and `NAME.key` with new Ed25519 keys.
  ///
  /// The authority's own key is kept nowhere, so nobody can sign more. Keys are readable by their
  /// owner alone.
  /// - Parameters:
  ///   - folder: The folder, which is made unless it is there.
  ///   - days: How long the certificates are valid, from yesterday on.
  /// - Throws: ``Failure``, `TLSError` or `DiskError`; files that were written before stay.
  public static func make(_ folder: String, names: [String], days: Int) throws {
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw Failure(
        description:
          "'\(folder)' cannot be made: \(String(cString: strerror(errno))); a path whose "
          + "parent is there was expected; choose another")
    }
    let yesterday = Int(Stopwatch.nanosecondsSince1970() / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(
      name: "fleetlab", validFrom: yesterday, lifetime: .seconds(Int64(days + 1) * 86_400))
    try AtomicFile.write(authority.certificatePEM, to: "\(folder)/authority.pem")
    for name in names {
      let (certificate, key) = try authority.issuePEM(name)
      try AtomicFile.write(certificate, to: "\(folder)/\(name).pem")
      try SecretFile.write(Bytes(key.utf8), to: "\(folder)/\(name).key")
    }
  }
}
