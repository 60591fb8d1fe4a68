import LabCore
import Testing

@testable import Transport

@Suite struct `Retransmission timeouts` {
  private var estimator = RoundTripEstimator(TCPConfiguration())

  private mutating func take(_ milliseconds: Int64) {
    estimator.take(.milliseconds(milliseconds), acknowledged: 0, sent: 0)
  }

  @Test mutating func `are a second before the first sample, then one and twice the round trip`() {
    #expect(estimator.timeout == .seconds(1))
    take(150)
    // SRTT + 4 · RTTVAR with RTTVAR half the sample (RFC 6298, 2.2).
    #expect(estimator.timeout == .milliseconds(450))
  }

  @Test mutating func `never undercut a round trip and 200 ms`() {
    for _ in 0..<100 { take(40) }
    #expect(estimator.timeout == .milliseconds(240))
    #expect(estimator.smoothed == .milliseconds(40))
  }

  @Test mutating func `follow a longer round trip within an eighth of the step a sample`() {
    for _ in 0..<50 { take(40) }
    take(120)
    #expect(estimator.smoothed == .milliseconds(50))
    #expect(estimator.timeout >= .milliseconds(250))
  }

  @Test mutating func `double until a sample comes, up to two minutes`() {
    take(40)
    for _ in 0..<3 { estimator.backOff() }
    #expect(estimator.timeout == .milliseconds(8 * 240))
    for _ in 0..<20 { estimator.backOff() }
    #expect(estimator.timeout == .seconds(120))
    take(40)
    #expect(estimator.timeout < .milliseconds(241))
  }
}
