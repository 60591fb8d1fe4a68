// The engine inside an Instance, whose peers are nodes.
public import LabCore

/// The one timer of an Instance that speaks QUIC.
public enum QUICTimer: UInt32, TimerName {
  /// The engine has something to do.
  case due
}

extension QUICEngine {
  /// Leaves a handler: hands over the datagrams, and sets the timer to the deadline.
  ///
  /// - Parameter isTimerSetTo: What the timer is set to, kept between calls; `nil` at first.
  public mutating func leave<Node: Instance & ~Copyable>(
    _ step: inout Step<Node>, _ isTimerSetTo: inout Instant?
  ) where Node.Message == Bytes, Node.Timer == QUICTimer {
    while let (datagram, address) = takeDatagram() {
      if let node = address.node { step.send(datagram, to: node) }
    }
    let deadline = deadline.map { max($0, step.now) }
    guard deadline != isTimerSetTo else { return }
    isTimerSetTo = deadline
    if let deadline {
      step.add(.set(.due, at: deadline))
    } else {
      step.cancel(.due)
    }
  }
}
