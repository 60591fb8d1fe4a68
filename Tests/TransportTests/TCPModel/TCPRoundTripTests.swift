import LabCore
import Network
import Simulation
import Testing

@testable import Transport

@Suite struct `Round trips over TCP` {
  /// What an arm is expected to take until the first response, in round trips.
  struct Case: CustomTestStringConvertible {
    var security: TCPSecurity
    var state: ConnectionState
    var roundTrips: Double
    var testDescription: String { "\(security.rawValue), \(state.rawValue)" }
  }

  static let cases = [
    Case(security: .none, state: .new, roundTrips: 2),
    Case(security: .none, state: .resumed, roundTrips: 2),
    Case(security: .tls12, state: .new, roundTrips: 4),
    Case(security: .tls12, state: .resumed, roundTrips: 3),
    Case(security: .tls13, state: .new, roundTrips: 3),
    Case(security: .tls13, state: .resumed, roundTrips: 3),
    Case(security: .tls13EarlyData, state: .new, roundTrips: 3),
    Case(security: .tls13EarlyData, state: .resumed, roundTrips: 2),
  ]

  @Test(arguments: cases)
  func `to a small response are those of the protocol, to the nanosecond`(_ expected: Case) {
    for oneWay in [500, 20_000, 100_000] as [Int64] {
      var run = ExchangeRun(expected.security, expected.state)
      run.oneWay = .microseconds(oneWay)
      run.request(1)
      #expect(run.latency() == Double(oneWay) / 500 * expected.roundTrips)
    }
  }

  @Test(arguments: TCPSecurity.allCases)
  func `on a warm connection are one`(_ security: TCPSecurity) {
    var run = ExchangeRun(security, .warm)
    run.connect(0)
    for number in 1...5 { run.request(number, at: Int64(number) * 700) }
    for number in 1...5 { #expect(run.latency(of: number) == 40) }
  }

  @Test func `tell when the connection stands, and close it after the response`() {
    var run = ExchangeRun(.tls13)
    run.request(1)
    #expect(
      run.heard() == [
        .init(.connected(number: 1), at: 80), .init(.responded(number: 1), at: 120),
      ])
    var world = run.world()
    world.run(until: .zero + .seconds(70))
    let isIdle = world.isIdle()
    #expect(isIdle)
  }

  @Test func `of HTTP are those of what it runs on, one request at a time on a connection`() {
    var run = ExchangeRun(.tls13, .warm)
    run.arm.http = HTTPFraming(connections: 2)
    run.connect(0)
    for number in 1...4 { run.request(number, at: 500) }
    // The first on the connection that stands, the second on one that is opened, the others when
    // the first is free again.
    #expect(run.latency(of: 1) == 40)
    #expect(run.latency(of: 3) == 80)
    #expect(run.latency(of: 4) == 120)
    #expect(run.latency(of: 2) == 120)
  }

  @Test func `grow by what either side computes in its handshake`() {
    var run = ExchangeRun(.tls13)
    run.arm.clientHandshakeCost = .milliseconds(2)
    run.arm.serverHandshakeCost = .milliseconds(5)
    run.request(1)
    #expect(run.latency() == 127)
    run.arm.security = .tls13EarlyData
    run.arm.state = .resumed
    // The client's computation is not on the way of a request that goes first.
    #expect(run.latency() == 85)
  }

  @Test func `of 64 kB are three windows of ten, twenty and forty segments`() {
    var run = ExchangeRun()
    run.request(1, response: 64_000)
    #expect(run.latency() == 160)
    let bursts = run.segments().filter {
      $0.from == ExchangeRun.server && !$0.segment.payload.isEmpty
    }
    let sizes = Dictionary(grouping: bursts, by: \.at).mapValues(\.count)
    #expect(sizes == [60: 10, 100: 20, 140: 15])
    #expect(bursts.reduce(0) { $0 + $1.segment.payload.count } == 64_000)
    #expect(bursts.map { $0.segment.wireBytes + 28 }.max() == 1_500)
  }

  @Test func `over a link of some rate take the time that every byte takes on it`() {
    var run = ExchangeRun()
    run.link.bitsPerSecond = 1e6
    run.request(1, response: 1_448)
    // 60 + 52 + (52 + 64) bytes one way, 60 + 52 + 1,500 the other, at 8 µs each; what the client
    // sends right behind its acknowledgement waits for that.
    let bytes = 60 + 60 + 52 + 116 + 52 + 1_500
    #expect(run.latency() == 80 + Double(bytes) * 0.008)
  }
}
