// What a node needs before it can serve: its folder, its identity, and its world.
import Events
import Glibc
import Journal
import LabCore
import LabRecord
import LabRunner
import Network
import Sockets
import Transport

/// The folder of a node, locked, and who the node is.
final class NodeOpening {
  private let fleet: FleetFile
  private let place: Int
  private let lock: FileDisk
  private let identity: TLSIdentity
  private let resetSecret: [UInt8]

  private var node: FleetFile.Node { fleet.nodes[place] }

  /// Locks the folder of a node and reads its files.
  init(_ fleet: FleetFile, _ place: Int) throws(BusNode.Failure) {
    (self.fleet, self.place) = (fleet, place)
    let node = fleet.nodes[place]
    lock = try Self.lock(node.folder)
    do throws(TLSError) {
      identity = try TLSIdentity(
        certificateFile: node.certificate, keyFile: node.key, trustFile: fleet.trust)
    } catch {
      throw BusNode.Failure(
        description: "\(error); a certificate, its key and an authority in PEM were expected; make "
          + "them with 'fleetlab bus create' or correct \(fleet.path)")
    }
    guard identity.commonName == node.name else {
      throw BusNode.Failure(
        description: "\(node.certificate) is the certificate of '\(identity.commonName ?? "")'; "
          + "that of '\(node.name)' was expected; correct \(fleet.path)")
    }
    resetSecret = try Self.secret(in: node.folder)
  }

  private static func lock(_ folder: String) throws(BusNode.Failure) -> FileDisk {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST, chmod(folder, 0o700) == 0 else {
      throw BusNode.Failure(
        description: "\(folder) cannot be made: \(systemReason()); a folder of this user was "
          + "expected; correct its place or its permissions")
    }
    do throws(DiskError) { return try FileDisk(folder: folder) } catch {
      if case .locked = error {
        throw BusNode.Failure(
          isBusy: true,
          description: "\(folder) is held by a node that runs; one at a time was expected; end the "
            + "other or give each a folder of its own")
      }
      throw BusNode.Failure(description: "\(error)")
    }
  }

  /// What stateless resets are made from, the same in all lives of the node.
  private static func secret(in folder: String) throws(BusNode.Failure) -> [UInt8] {
    let path = "\(folder)/reset-secret"
    do {
      if access(path, F_OK) == 0 {
        let bytes = try RecordFile.read(path, limit: 64)
        if bytes.count == 32 { return bytes }
      }
      var system = SystemRandomNumberGenerator()
      let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &system) }
      try SecretFile.write(Bytes(secret), to: path)
      return secret
    } catch { throw BusNode.Failure(description: "\(error)") }
  }

  /// The world with this one node.
  ///
  /// Its clock is that of the machine since it was started, so that the age of what lies on the
  /// disk counts on when the node begins anew.
  func world() throws(BusNode.Failure) -> SocketWorld<BusNode.Node> {
    let (fleet, identity, name) = (fleet, identity, node.name)
    let since1970 = Stopwatch.nanosecondsSince1970()
    let uptime = Stopwatch.monotonic()
    let zero = since1970 - UInt64(max(0, uptime.nanoseconds))
    var configuration = QUICConfiguration(applicationProtocol: "fleetlab-bus/1")
    configuration.unixTimeAtZero = zero
    configuration.usesSystemEntropy = true
    configuration.idleTimeout = .seconds(10)
    configuration.resetSecret = resetSecret
    let quic = configuration
    var system = SystemRandomNumberGenerator()
    do throws(SocketWorldError) {
      return try SocketWorld(
        NetworkDescription(nodes: fleet.nodes.count), seed: Seed(system.next()),
        placement: .addresses(fleet.nodes.map(\.address), local: [NodeID(place)]),
        storageFolder: node.folder, clock: WorldClock(origin: 0),
        limits: SocketLimits(
          kernelReceiveBuffer: ByteCount(4 << 20), kernelSendBuffer: ByteCount(4 << 20))
      ) { node, seed in
        let names = fleet.nodes.map(\.name)
        let bus = EventBus(
          name: name, fleet.settings, timeAtZero: Instant(nanoseconds: Int64(clamping: zero)))
        do throws(TLSError) {
          let carrier = try QUICCarrier(
            quic, identity, node: node, seed: seed, names: names, handsOutEarlyFrames: true)
          return Carried(bus, on: carrier, node: node, seed: seed)
        } catch { preconditionFailure("there is no memory for TLS: \(error)") }
      }
    } catch { throw BusNode.Failure(description: "\(error)") }
  }

  /// Listens for clients.
  func listen() throws(BusNode.Failure) -> CInt {
    do throws(LocalSocket.Failure) { return try LocalSocket.listen(in: node.folder) } catch {
      throw BusNode.Failure(
        description: "no socket can be made in \(node.folder): \(error); a folder on a file system "
          + "of this machine was expected; choose another")
    }
  }

  /// Why a node stopped by itself.
  func failure(for reason: StopReason) -> BusNode.Failure {
    switch reason {
    case .diskFailed:
      BusNode.Failure(
        description:
          "the disk below \(node.folder) failed; a working one was expected; mend it and "
          + "start the node again")
    case .foreignDisk:
      BusNode.Failure(
        description: "\(node.folder) holds what another node or another fleet wrote; the folder of "
          + "'\(node.name)' was expected; correct \(fleet.path) or choose a new folder")
    case .noMember: BusNode.Failure(description: fleet.absence(of: node.name))
    }
  }
}
