// The delay that no datagram undercuts.
import LabCore
import Network

extension NetworkDescription {
  /// The least delay from one node to another; `nil` where the delays come from a trace.
  func leastDelay(from sender: NodeID, to receiver: NodeID) -> Duration? {
    guard case .model(let parameters) = link(from: sender, to: receiver).delay else { return nil }
    return parameters.minimum
  }
}
