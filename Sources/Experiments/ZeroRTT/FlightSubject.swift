// One face for every transport whose first flights are recorded and sent again.
import LabCore
import Transport

/// A transport that brings events from a client to the handler of a server.
protocol FlightSubject: Instance, ~Copyable where Message == Bytes {
  /// Asks the client to send a numbered event, on a connection of its own where there are such.
  static func send(_ number: Int, to server: NodeID) -> Command
  /// Asks the client to end its connection; `nil` where there is none.
  static var hangUp: Command? { get }
  /// What a report means for the account; `nil` for nothing.
  static func read(_ report: Report) -> FlightNews?
}

/// What a transport says that matters to the account.
enum FlightNews {
  /// Bytes reached the application of a server, which could make nothing of them.
  case reached
  /// An event reached the handler of a server; `isEarly` before the handshake was done.
  case handled(Int, isEarly: Bool)
  /// The server refused what a client sent before the handshake was done.
  case refusedEarly
}

/// The type of every event of this experiment, by which it can be found in bytes.
let flightEventType = "test.completed"

extension FlightSubject where Command == BusCommand, Report == BusReport {
  static func send(_ number: Int, to server: NodeID) -> BusCommand {
    .publish(number: number, type: flightEventType, target: nil, payloadBytes: 64)
  }

  static var hangUp: BusCommand? { nil }

  static func read(_ report: BusReport) -> FlightNews? {
    switch report {
    case .handled(let number, _, again: false): .handled(number, isEarly: false)
    case .handled(_, _, again: true), .unreadable: .reached
    default: nil
    }
  }
}

extension DocumentEventBus: FlightSubject {}
extension DatagramEventBus: FlightSubject {}
