// A server that sends back what it gets.
public import LabCore
public import Sockets
public import Transport

/// Answers each bidirectional stream with its own bytes, and each DATAGRAM frame with itself.
public final class QUICEcho {
  private let shell: QUICShell
  private let tell: (QUICEvent) -> Void

  /// Puts the server on a socket.
  ///
  /// - Parameter tell: Gets every event of its connections.
  /// - Throws: ``TLSError``.
  public init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, on socket: DatagramSocket,
    tell: @escaping (QUICEvent) -> Void
  ) throws {
    shell = try QUICShell(configuration, identity, on: socket, isServer: true)
    self.tell = tell
  }

  /// Serves for some time, or until a check says that it is enough.
  public func serve(for span: Duration, until isEnough: () -> Bool) {
    let end = shell.now + span
    while shell.now < end, !isEnough() {
      shell.turn(atMost: min(.milliseconds(200), end - shell.now))
      while let event = shell.engine.takeEvent() {
        switch event {
        case .received(let stream, let bytes, let isEnd, _) where stream.isBidirectional:
          shell.engine.write(bytes, on: stream, isEnd: isEnd)
        case .receivedDatagram(let connection, let bytes):
          shell.engine.sendDatagram(bytes, on: connection)
        default: break
        }
        tell(event)
      }
    }
  }
}
