// One face for every bus of the experiment, so that the same handlers and the same account serve
// all.
import Events
import LabCore
import Transport

/// A bus that publishes events and hands them to one handler on each node.
protocol SyncSubject: Instance, ~Copyable {
  /// Asks a node to publish an event whose data begins with a number.
  static func publish(_ event: SyncLoad.Publication, _ number: Int) -> Command
  /// Whether handlers must ask for events.
  static var hasSubscriptions: Bool { get }
  /// What a handler's request is to a node; `nil` for a bus without subscriptions.
  static func command(_ request: SyncRequest) -> Command?
  /// What a report means for the account; `nil` for nothing.
  static func read(_ report: Report) -> SyncNews?
}

/// What a bus says that matters to publishers and handlers.
enum SyncNews {
  /// The node began, for the first time or anew.
  case started
  /// The publisher was told that the event is published.
  case accepted(Int)
  case refused(Int)
  /// The handler is handed an event; a bus without positions gives 0.
  case handed(Int, position: UInt64)
  /// What was handed before was for an earlier subscription.
  case subscribed
  /// So many events will never be handed to the handler.
  case expired(UInt64)
}

/// What a handler asks of its node.
enum SyncRequest {
  /// Hand over everything after a position, of events for the named node or for all; for whatever
  /// target where no node is named.
  case subscribe(after: UInt64, to: String?)
  /// Everything up to a position is done.
  case commit(UInt64)
}

extension EventBus: SyncSubject {
  private static let handler = "handler"

  static func publish(_ event: SyncLoad.Publication, _ number: Int) -> EventBusCommand {
    let head = "\(number):"
    let filling = String(repeating: "x", count: max(0, event.payloadBytes - head.utf8.count))
    return .publish(
      number: number, type: "test.completed", target: event.target, data: head + filling)
  }

  static var hasSubscriptions: Bool { true }

  static func command(_ request: SyncRequest) -> EventBusCommand? {
    switch request {
    case .subscribe(let position, let target):
      .subscribe(handler, to: EventFilter(target: target), from: .after(position))
    case .commit(let position): .commit(subscriber: handler, position: position)
    }
  }

  static func read(_ report: EventBusReport) -> SyncNews? {
    switch report {
    case .started: .started
    case .published(let number, _): .accepted(number)
    case .refused(let number, _): .refused(number)
    case .subscribed: .subscribed
    case .delivered(_, let delivery):
      delivery.event.data.firstIndex(of: ":").flatMap { Int(delivery.event.data[..<$0]) }
        .map { .handed($0, position: delivery.position) }
    case .expired(let count, for: .subscriber): .expired(count)
    default: nil
    }
  }
}

/// A bus of the document's kind, which forgets everything with a crash and knows no positions.
protocol ForgetfulBus: SyncSubject where Command == BusCommand, Report == BusReport {}

extension ForgetfulBus {
  static func publish(_ event: SyncLoad.Publication, _ number: Int) -> BusCommand {
    .publish(number: number, type: "test.completed", target: nil, payloadBytes: event.payloadBytes)
  }

  static var hasSubscriptions: Bool { false }
  static func command(_ request: SyncRequest) -> BusCommand? { nil }

  static func read(_ report: BusReport) -> SyncNews? {
    switch report {
    case .emittedLocally(let number): .accepted(number)
    case .refused(let number, afterEmitting: false): .refused(number)
    case .handled(let number, forMe: true, _): .handed(number, position: 0)
    default: nil
    }
  }
}

extension DatagramEventBus: ForgetfulBus {}
extension DocumentEventBus: ForgetfulBus {}
