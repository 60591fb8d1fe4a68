// Requests that follow one another without a pause.
import LabCore
import Transport

/// So many requests to one server, a few of them under way at any time.
struct RepeatedRequests: Sendable {
  private static let server = NodeID(1)

  /// How many are made in all.
  let count: Int
  /// How long a request and how long a response is.
  let bytes: Int
  private var asked = 0
  private(set) var answered = 0

  init(count: Int, bytes: Int) { (self.count, self.bytes) = (count, bytes) }

  /// Whether every request has been answered.
  var isOver: Bool { answered == count }

  /// The next request; `nil` when all were made.
  mutating func next() -> ExchangeCommand? {
    guard asked < count else { return nil }
    asked += 1
    return .request(
      number: asked - 1, server: Self.server, requestBytes: bytes, responseBytes: bytes)
  }

  /// Takes a report.
  ///
  /// - Returns: The request that follows, and what the owner is to hear: failures, and the end.
  mutating func take(
    _ report: ExchangeReport
  ) -> (command: ExchangeCommand?, report: ExchangeReport?) {
    guard case .responded = report else { return (nil, report) }
    answered += 1
    return (next(), isOver ? report : nil)
  }
}
