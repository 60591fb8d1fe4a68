// Congestion avoidance as plain arithmetic, without connections, timers or segments: the twin of
// the model.
import LabCore

@testable import Transport

/// A window that grows with each packet and shrinks at a loss, at most once in a round trip; whole
/// packets are sent.
enum PlainWindow {
  /// The mean window in packets for a round trip, when each packet is lost with the same chance.
  static func mean(
    _ control: CongestionControl, loss: Double, roundTrip: Double, packets: Int, seed: Seed
  ) -> Double {
    var random = seed.stream()
    var (window, plateau, before, likeReno) = (10.0, 0.0, 0.0, 10.0)
    var (rounds, sinceLoss, repairing) = (0.0, 0.0, 0.0)
    var (start, distance) = (10.0, 0.0)
    for _ in 0..<packets {
      rounds += 1 / window.rounded(.down)
      if repairing > 0 {
        repairing -= 1
        continue
      }
      sinceLoss += roundTrip / window.rounded(.down)
      if random.unit() < loss {
        before = window
        plateau = window < plateau ? window * 0.85 : window
        window = max(2, (control == .reno ? window / 2 : window * 0.7).rounded(.down))
        (start, likeReno, sinceLoss, repairing) = (max(plateau, window), window, 0, window)
        distance = CongestionWindow.cubeRoot((start - window) / 0.4)
      } else if control == .reno {
        window += 1 / window
      } else {
        likeReno += (likeReno < before ? 0.9 / 1.7 : 1) / window
        func cubic(_ time: Double) -> Double {
          let late = time - distance
          return 0.4 * late * late * late + start
        }
        if cubic(sinceLoss) < likeReno {
          window = max(window, likeReno)
        } else {
          let target = min(max(cubic(sinceLoss + roundTrip), window), 1.5 * window)
          window += (target - window) / window
        }
      }
    }
    return Double(packets) / rounds
  }
}
