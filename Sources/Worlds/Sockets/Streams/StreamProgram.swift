// A program on TCP connections as a value: events go in, effects come out.
public import LabCore

/// What runs on a ``StreamHost``: it opens connections, writes on them and takes what arrives.
///
/// The calls come one after the other, on one thread; a program asks for no time and blocks nobody.
public protocol StreamProgram: Sendable {
  /// What the owner of the node can ask for.
  associatedtype Command: Sendable
  /// What the program tells the owner.
  associatedtype Report: Sendable

  /// Takes a command.
  mutating func submit(_ command: Command, _ step: inout StreamStep<Report>)
  /// Takes the news of a connection.
  mutating func take(
    _ event: StreamEvent, on connection: StreamID, _ step: inout StreamStep<Report>)
}

/// The name of a connection at its node.
public struct StreamID: Hashable, Sendable {
  let number: Int
}

/// What happens on a connection.
public enum StreamEvent: Hashable, Sendable {
  /// A peer has opened it; the handshakes are done.
  case accepted
  /// A connection that was opened here stands; the handshakes are done.
  case connected
  /// Bytes have arrived, in order; over HTTP those of the peer's body.
  case received(Bytes)
  /// The server was not reached, so there is no connection.
  case unreached(reason: String)
  /// It is over, or its handshakes failed; the reason is that of an error, `nil` when it was
  /// closed.
  case closed(reason: String?)
}

/// What a program is told with an event, and where it leaves its effects.
public struct StreamStep<Report: Sendable>: Sendable {
  enum Effect: Sendable {
    case open(StreamID)
    case write(Bytes, StreamID)
    case close(StreamID)
    case report(Report)
  }

  /// The time on the node's clock.
  public internal(set) var now = Instant.zero
  var nextNumber = 0
  var effects: [Effect] = []

  /// Makes a step for a program that is tried without a node.
  public init() {}

  /// Opens a connection to the server that the node was given.
  public mutating func open() -> StreamID {
    let connection = StreamID(number: nextNumber)
    nextNumber += 1
    effects.append(.open(connection))
    return connection
  }

  /// Writes a message, whole; over HTTP it is one request or one response.
  public mutating func write(_ message: Bytes, on connection: StreamID) {
    effects.append(.write(message, connection))
  }

  /// Closes a connection; what was written before still leaves.
  public mutating func close(_ connection: StreamID) { effects.append(.close(connection)) }

  /// Tells the owner something.
  public mutating func report(_ report: Report) { effects.append(.report(report)) }
}
