// The smoothed round trip and the retransmission timeout that follows from it.
import LabCore

/// Estimates the round trip of a connection as Linux does.
///
/// | field | RFC 6298 |
/// | --- | --- |
/// | ``smoothed`` | SRTT |
/// | `variation` | 4 · RTTVAR |
///
/// Two departures from RFC 6298 are Linux's: the variation counts the largest deviation of each
/// round trip and falls by a quarter a round trip only, and the minimum of the timeout is one of
/// the variation, so that the timeout is never less than a round trip and 200 ms.
/// > Reference: RFC 6298, section 2; Sarolahti and Kuznetsov, *Congestion Control in Linux TCP*,
/// > USENIX 2002, section 4.
struct RoundTripEstimator: Hashable, Sendable {
  private let least: Duration
  private var eighths: Int64 = 0
  private var deviation: Int64 = 0
  private var largestDeviation: Int64
  private var variation: Int64
  /// The offset whose acknowledgement ends the round trip in which deviations are collected.
  private var roundEnd = 0
  /// The retransmission timeout, doubled by ``backOff()`` until the next sample.
  private(set) var timeout: Duration
  /// The shortest sample.
  private(set) var minimum: Duration?

  init(_ configuration: TCPConfiguration) {
    least = configuration.minimumTimeout
    largestDeviation = least.nanoseconds
    variation = least.nanoseconds
    timeout = configuration.firstTimeout
  }

  /// The smoothed round trip; `nil` before the first sample.
  var smoothed: Duration? { eighths > 0 ? .nanoseconds(eighths / 8) : nil }

  /// Takes one sample.
  ///
  /// - Parameters:
  ///   - acknowledged: How far the peer has acknowledged.
  ///   - sent: How far has been sent.
  mutating func take(_ sample: Duration, acknowledged: Int, sent: Int) {
    let sample = max(sample.nanoseconds, 1)
    if eighths == 0 {
      eighths = sample * 8
      deviation = sample * 2
      variation = max(deviation, least.nanoseconds)
      largestDeviation = variation
      roundEnd = sent
    } else {
      var error = sample - eighths / 8
      eighths += error
      if error < 0 {
        error = -error - deviation / 4
        // A shorter round trip widens the deviation only slowly.
        if error > 0 { error /= 8 }
      } else {
        error -= deviation / 4
      }
      deviation += error
      if deviation > largestDeviation {
        largestDeviation = deviation
        variation = max(variation, largestDeviation)
      }
      if acknowledged > roundEnd {
        if largestDeviation < variation { variation -= (variation - largestDeviation) / 4 }
        roundEnd = sent
        largestDeviation = least.nanoseconds
      }
    }
    timeout = min(.nanoseconds(eighths / 8 + variation), TCPConfiguration.longestTimeout)
  }

  /// Takes a sample that is to count among the shortest.
  mutating func takeMinimum(_ sample: Duration) {
    minimum = min(minimum ?? sample, max(sample, .nanoseconds(1)))
  }

  /// Doubles the timeout.
  mutating func backOff() { timeout = min(timeout * 2, TCPConfiguration.longestTimeout) }
}
