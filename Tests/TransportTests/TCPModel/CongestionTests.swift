import LabCore
import Network
import Simulation
import Testing

@testable import Transport

@Suite struct `Congestion windows` {
  /// The mean window in segments in the second half of a long transfer with losses: segments for
  /// each round trip.
  private func window(
    _ control: CongestionControl, roundTrip: Int64, segments: Int, rules: TCPRules = .correct,
    loses: @escaping @Sendable (Int) -> Bool
  ) -> Double {
    var run = ExchangeRun(.none, .warm)
    run.oneWay = .milliseconds(roundTrip / 2)
    run.arm.connection.congestionControl = control
    run.arm.connection.rules = rules
    run.arm.connection.receiveWindow = ByteCount(8 << 20)
    run.loses = { node, sent in
      node == ExchangeRun.server && !sent.segment.payload.isEmpty && loses(sent.dataPlace)
    }
    // Two responses of one stream, one right behind the other.
    for number in 1...2 { run.request(number, response: segments / 2 * 1_448) }
    let times = run.heard().filter { $0.report != .connected(number: 1) }.map(\.at)
    guard times.count == 2 else { return 0 }
    return Double(segments / 2) / ((times[1] - times[0]) / Double(roundTrip))
  }

  @Test func `of Reno under periodic loss follow the square root of its inverse`() {
    // Mathis et al., CCR 27(3), 1997: W = √(3/2) / √p, every segment counted.
    for period in [400, 1_000] {
      let expected = (1.5 * Double(period)).squareRoot()
      let found = window(.reno, roundTrip: 40, segments: 50 * period) { $0 % period == period - 1 }
      #expect(abs(found / expected - 1) < 0.1, "\(found) and not \(expected)")
    }
  }

  @Test func `that are not reduced are found by the same measure`() {
    let expected = (1.5 * 400.0).squareRoot()
    let found = window(.reno, roundTrip: 40, segments: 8_000, rules: .ignoresCongestion) {
      $0 % 400 == 399
    }
    #expect(abs(found / expected - 1) > 0.3)
  }

  @Test func `of CUBIC under periodic loss follow the response function of RFC 9438`() {
    // Section 5.1: W = (C · (3 + β) / (4 · (1 − β)))^(1/4) · (RTT / p)^(3/4), 1.054 for C and β.
    let root = (0.2 * 1_000).squareRoot()
    let expected = 1.054 * root * root.squareRoot()
    let found = window(.cubic, roundTrip: 200, segments: 40_000) { $0 % 1_000 == 999 }
    #expect(abs(found / expected - 1) < 0.15, "\(found) and not \(expected)")
    // Reno is well below on this path.
    let reno = window(.reno, roundTrip: 200, segments: 40_000) { $0 % 1_000 == 999 }
    #expect(reno / expected < 0.8)
  }

  @Test(arguments: CongestionControl.allCases)
  func `under independent loss are those of a plain model of the same rules`(
    _ control: CongestionControl
  ) {
    var random = Seed(1).child("loss").stream()
    let lost = (0..<200_000).map { _ in random.chance(.percent(0.5)) }
    let expected = PlainWindow.mean(
      control, loss: 0.005, roundTrip: 0.04, packets: 2_000_000, seed: Seed(5))
    let found = window(control, roundTrip: 40, segments: 100_000) { lost[$0 % lost.count] }
    #expect(abs(found / expected - 1) < 0.1, "\(found) and not \(expected)")
  }

  @Test(arguments: CongestionControl.allCases)
  func `fill a narrow link and leave its queue room`(_ control: CongestionControl) {
    var run = ExchangeRun()
    run.arm.connection.congestionControl = control
    run.link.bitsPerSecond = 10e6
    run.link.queue = ByteCount(100_000)
    run.request(1, response: 8_000_000)
    let ideal = 8_000_000.0 / 1_448 * 1_500 * 8 / 10e6 * 1_000
    #expect((run.latency() ?? .infinity) < 1.15 * ideal)
    #expect((run.latency() ?? 0) > ideal)
  }

  @Test func `end where the receiver's does`() {
    var run = ExchangeRun(.none, .warm)
    run.arm.connection.receiveWindow = ByteCount(40 * 1_448)
    for number in 1...2 { run.request(number, response: 4_000 * 1_448) }
    let times = run.heard().suffix(2).map(\.at)
    // The window is told in units of 128 bytes, so that it holds 39 whole segments and a part.
    #expect(times[1] - times[0] >= 4_000 / 40 * 40)
    #expect(times[1] - times[0] <= 4_000 / 39 * 40 + 80)
  }

  @Test func `of an idle connection fall back to the initial window`() {
    var run = ExchangeRun(.none, .warm)
    run.request(1, response: 200_000)
    run.request(2, at: 400, response: 200_000)
    run.request(3, at: 100_000, response: 200_000)
    let latencies = (run.latency(of: 2) ?? 0, run.latency(of: 3) ?? 0)
    #expect(latencies.0 == 40)
    #expect(latencies.1 == 160)
  }

  @Test func `take cube roots that libraries agree with`() {
    for number in [0.001, 0.5, 1, 8, 27, 1_000, 123_456.789] {
      let root = CongestionWindow.cubeRoot(number)
      #expect(abs(root * root * root / number - 1) < 1e-12)
    }
    #expect(CongestionWindow.cubeRoot(0) == 0)
  }
}
