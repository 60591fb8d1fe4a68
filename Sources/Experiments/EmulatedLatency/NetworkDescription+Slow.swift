// A network whose links are slower than another's.
import LabCore
import Network

extension NetworkDescription {
  /// Makes every link slower by a share of its delay.
  ///
  /// - Throws: ``ExchangeLoadError/notConstant`` for a delay that is not the same for each packet.
  mutating func slow(by share: Double) throws(ExchangeLoadError) {
    guard share > 0 else { return }
    try link.slow(by: share)
    for place in overrides.indices { try overrides[place].link.slow(by: share) }
  }
}

extension LinkModel {
  fileprivate mutating func slow(by share: Double) throws(ExchangeLoadError) {
    guard case .model(let parameters) = delay, delay == .constant(parameters.minimum) else {
      throw .notConstant
    }
    delay = .constant(
      .nanoseconds(Int64(Double(parameters.minimum.nanoseconds) * (1 + share))))
  }
}
