import LabCore
import Network
import Simulation
import Testing

@testable import Transport

@Suite struct `Repair of planted losses` {
  private static let room = 1_448

  /// A run of one exchange in which the server's data segments at some places are lost.
  private func run(losing places: Set<Int>, segments: Int, rules: TCPRules = .correct)
    -> ExchangeRun
  {
    var run = ExchangeRun()
    run.arm.connection.rules = rules
    run.loses = { node, sent in
      node == ExchangeRun.server && !sent.segment.payload.isEmpty
        && places.contains(sent.dataPlace)
    }
    run.request(1, response: segments * Self.room)
    return run
  }

  @Test func `of a first segment takes one second, and doubles where it is not linear`() {
    func latency(losing count: Int, linear: Int) -> Double? {
      var run = ExchangeRun()
      run.arm.connection.linearHandshakeTimeouts = linear
      run.loses = { node, sent in node == ExchangeRun.client && sent.place < count }
      run.request(1)
      return run.latency()
    }
    #expect((1...3).map { latency(losing: $0, linear: 4) } == [1_080, 2_080, 3_080])
    #expect((1...3).map { latency(losing: $0, linear: 0) } == [1_080, 3_080, 7_080])
    #expect(latency(losing: 6, linear: 4) == 7_080)
  }

  @Test func `of the answer to a first segment takes one second`() {
    var run = ExchangeRun()
    run.loses = { node, sent in node == ExchangeRun.server && sent.place == 0 }
    run.request(1)
    #expect(run.latency() == 1_080)
  }

  @Test func `of the last part of the handshake takes nothing, as the request repeats it`() {
    var run = ExchangeRun()
    run.loses = { node, sent in node == ExchangeRun.client && sent.place == 1 }
    run.request(1)
    #expect(run.latency() == 80)
  }

  @Test func `of a lone request takes the timeout, a round trip and 200 ms`() {
    var run = ExchangeRun(.none, .warm)
    run.loses = { node, sent in node == ExchangeRun.client && sent.dataPlace == 1 }
    run.request(1)
    run.request(2, at: 1_000)
    #expect(run.latency(of: 2) == 280)
  }

  @Test func `of one segment amid many takes one round trip`() {
    #expect(run(losing: [], segments: 10).latency() == 80)
    for place in 0...6 { #expect(run(losing: [place], segments: 10).latency() == 120) }
    let slow = run(losing: [2], segments: 10, rules: .retransmitsByTimeoutOnly)
    #expect((slow.latency() ?? 0) > 240)
  }

  @Test func `of several segments amid many takes one round trip in all`() {
    #expect(run(losing: [1, 4, 7], segments: 10).latency() == 120)
    let holes = run(losing: [1, 4, 7], segments: 10).segments().map(\.segment.blocks.count)
    #expect(holes.max() == 3)
  }

  @Test func `of one segment with one or two behind it waits a quarter of a round trip`() {
    // The acknowledgement of a later segment comes at 100 ms; the earlier one was due then, and
    // another 10 ms and the timer's 2 ms are left for it.
    #expect(run(losing: [8], segments: 10).latency() == 132)
    #expect(run(losing: [7], segments: 10).latency() == 132)
  }

  @Test func `of the last two segments begins with a probe after two round trips`() {
    #expect(run(losing: [1, 2], segments: 3).latency() == 242)
    let slow = run(losing: [1, 2], segments: 3, rules: .sendsNoProbe)
    #expect((slow.latency() ?? 0) > 340)
  }

  @Test func `of the last segment alone takes the timeout`() {
    #expect(run(losing: [2], segments: 3).latency() == 360)
  }

  @Test func `of a repair is found by what was sent after it`() {
    // The segment at place 2 and its first repair, which is the eleventh segment with data.
    let latency = run(losing: [2, 10], segments: 40).latency() ?? .infinity
    #expect(latency < 300)
  }

  @Test func `doubles the timeout each time nothing comes back`() {
    var run = ExchangeRun(.none, .warm)
    run.loses = { node, sent in
      node == ExchangeRun.client && (1...4).contains(sent.dataPlace)
    }
    run.request(1)
    run.request(2, at: 1_000)
    let times = run.segments().filter { !$0.segment.payload.isEmpty && $0.at >= 1_000 }.map(\.at)
    // A probe in place of the first timeout, then timeouts of 240, 480 and 960 ms.
    #expect(run.latency(of: 2) == 1_960)
    #expect(times.last == 2_940)
  }

  @Test func `gives up a server that never answers, and one that falls silent`() {
    var run = ExchangeRun()
    run.loses = { node, _ in node == ExchangeRun.server }
    run.request(1)
    let waits = 5 + 2 + 4 + 8 + 16 + 32 + 64
    #expect(
      run.heard(until: 1_000_000)
        == [.init(.failed(number: 1, reason: .unreachable), at: Double(waits) * 1_000)])
    run = ExchangeRun(.none, .warm)
    run.loses = { node, sent in node == ExchangeRun.server && sent.place > 0 }
    run.request(1)
    let heard = run.heard(until: 2_000_000)
    #expect(
      heard.map(\.report) == [
        .connected(number: 1), .failed(number: 1, reason: .timedOut),
      ])
    // Linux's fifteen timeouts last about 924 s with the least of all timeouts, 200 ms.
    #expect((heard.last?.at ?? 0) > 900_000 && (heard.last?.at ?? 0) < 1_200_000)
  }
}
