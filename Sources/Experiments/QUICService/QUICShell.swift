// An endpoint of QUIC on a real socket.
public import LabCore
import LabRunner
public import Sockets
public import Transport

/// Runs a ``QUICEngine`` on a UDP socket, with the machine's clock, on the calling thread.
public final class QUICShell {
  /// The endpoint; what is written on it leaves with the next ``turn(atMost:)``.
  public var engine: QUICEngine
  private var socket: DatagramSocket
  private let start = Stopwatch.monotonic()

  /// Puts an endpoint on a socket.
  ///
  /// The configuration gets the machine's time, and connection ids that nobody can guess.
  /// - Throws: ``TLSError``.
  public init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, on socket: DatagramSocket,
    isServer: Bool
  ) throws {
    var configuration = configuration
    configuration.unixTimeAtZero = Stopwatch.nanosecondsSince1970()
    configuration.usesSystemEntropy = true
    self.socket = socket
    let local = QUICAddress(host: socket.local.host, port: socket.local.port)
    engine = try QUICEngine(
      configuration, identity, local: local ?? QUICAddress(0, 0, 0, 0, port: 0),
      isServer: isServer, random: Seed(0).stream())
  }

  /// The time since the endpoint was made.
  public var now: Instant { .zero + (Stopwatch.monotonic() - start) }

  /// Where the socket is bound.
  public var address: DatagramSocket.Peer { socket.local }

  /// Goes on from another port, as after a new binding in a translator of addresses.
  public func rebind() throws {
    let here = socket.local.host
    socket = try DatagramSocket.toward(DatagramSocket.Peer(host: here, port: 0))
  }

  /// Sends what there is to send, waits until something arrives or is due or the limit has passed,
  /// and takes it in.
  public func turn(atMost limit: Duration) {
    send()
    let wait = engine.deadline.map { min(limit, $0 - now) } ?? limit
    socket.wait(atMost: max(.zero, wait))
    socket.receive { datagram, peer in
      guard let sender = QUICAddress(host: peer.host, port: peer.port) else { return }
      engine.receive(datagram, from: sender, now: now)
    }
    if let deadline = engine.deadline, deadline <= now { engine.expire(now: now) }
    send()
  }

  private func send() {
    engine.flush(now: now)
    while let (datagram, address) = engine.takeDatagram() {
      socket.send(datagram, to: DatagramSocket.Peer(host: address.host, port: address.port))
    }
  }
}
