// A folder with everything that a fleet on one machine needs, made in one step.
import Glibc
import Journal
import LabCore
public import Sockets

/// Makes folders for fleets.
public enum FleetFolder {
  /// The names that nodes get, one after the other.
  public static let names = (UInt8(ascii: "a")...UInt8(ascii: "z")).map {
    String(UnicodeScalar($0))
  }

  /// Writes `fleet.yaml`, an authority, and a certificate with its key for each node.
  ///
  /// - Parameters:
  ///   - folder: The folder, which is made; one that holds a fleet already is refused.
  ///   - addresses: Where the nodes are found, at least one and at most one for each of ``names``.
  ///   - more: Further lines of the file.
  /// - Throws: ``CertificateFolder/Failure``, or as ``CertificateFolder/make(_:names:days:)``.
  public static func create(
    _ folder: String, addresses: [NodeAddress], days: Int = 365, more: String = ""
  ) throws {
    let path = "\(folder)/fleet.yaml"
    guard access(path, F_OK) != 0 else {
      throw CertificateFolder.Failure(
        description: "'\(path)' is there already; a new folder was expected; choose another, as "
          + "new keys would shut out the nodes of the old fleet")
    }
    let names = names.prefix(addresses.count)
    try CertificateFolder.make(folder, names: Array(names), days: days)
    let nodes = zip(names, addresses).map { "  \($0): {address: \"\($1)\"}" }
    let text = """
      # A fleet: which nodes there are, and where they are found. All nodes read this file; the
      # certificate NAME.pem, the key NAME.key and the folder NAME lie beside it.
      fleetlab: 1
      trust: authority.pem
      nodes:
      \(nodes.joined(separator: "\n"))
      \(more)
      """
    try AtomicFile.write(text, to: path)
  }
}
