import LabCore
import Network
import Testing

@testable import Transport

@Suite struct `The TCP model beside Linux` {
  /// Latencies in milliseconds of a 1 kB request and response on Linux 6.18 with cubic, through a
  /// TUN link of 40 ms round trip with 2 % loss either way, from a Python client, whose own work
  /// takes some milliseconds: 150 new connections, 450 requests on a warm one.
  struct Measured: CustomTestStringConvertible {
    var security: TCPSecurity
    var state: ConnectionState
    var median: Double
    var ninetieth: Double
    var ninetyNinth: Double
    var testDescription: String { "\(security.rawValue), \(state.rawValue)" }
  }

  static let measured = [
    Measured(security: .tls12, state: .new, median: 168.8, ninetieth: 424.2, ninetyNinth: 1_187),
    Measured(security: .tls13, state: .new, median: 127.6, ninetieth: 372.9, ninetyNinth: 1_179),
    Measured(security: .none, state: .warm, median: 40.8, ninetieth: 47.9, ninetyNinth: 294.8),
  ]

  private func latencies(_ security: TCPSecurity, _ state: ConnectionState) -> [Double] {
    let (count, interval) = (3_000, 1_500 as Int64)
    var run = ExchangeRun(security, state)
    run.link.loss = .bernoulli(.percent(2))
    run.connect(0)
    for number in 1...count {
      run.request(number, at: Int64(number) * interval, bytes: 1_024, response: 1_024)
    }
    return run.heard().compactMap { heard in
      guard case .responded(let number) = heard.report else { return nil }
      return heard.at - Double(Int64(number) * interval)
    }.sorted()
  }

  @Test(arguments: measured)
  func `has its median within 7 % and its tail within 20 %`(_ measured: Measured) {
    let latencies = latencies(measured.security, measured.state)
    func share(_ quantile: Double, of expected: Double) -> Double {
      latencies[Int(quantile * Double(latencies.count))] / expected
    }
    #expect(latencies.count == 3_000)
    #expect(abs(share(0.5, of: measured.median) - 1) < 0.07)
    #expect(abs(share(0.9, of: measured.ninetieth) - 1) < 0.2)
    #expect(abs(share(0.99, of: measured.ninetyNinth) - 1) < 0.2)
  }

  /// One exchange on a new connection in which the server's data segments at some places are lost,
  /// with the milliseconds that it took on Linux 6.18 with cubic; the large ones had a send
  /// buffer of 4 MB.
  struct Planted: CustomTestStringConvertible {
    var bytes: Int
    var lost: Set<Int>
    var measured: Double
    var testDescription: String { "\(bytes) B without \(lost.sorted())" }
  }

  static let planted = [
    Planted(bytes: 64, lost: [], measured: 81.1),
    Planted(bytes: 3 * 1_448, lost: [2], measured: 367.1),
    Planted(bytes: 3 * 1_448, lost: [1, 2], measured: 249.5),
    Planted(bytes: 10 * 1_448, lost: [0], measured: 121.5),
    Planted(bytes: 10 * 1_448, lost: [2], measured: 121.2),
    Planted(bytes: 10 * 1_448, lost: [7], measured: 138.3),
    Planted(bytes: 10 * 1_448, lost: [8], measured: 139.7),
    Planted(bytes: 10 * 1_448, lost: [9], measured: 367.5),
    Planted(bytes: 10 * 1_448, lost: [1, 4, 7], measured: 121.4),
    Planted(bytes: 40 * 1_448, lost: [2, 10], measured: 242.5),
    Planted(bytes: 64_000, lost: [], measured: 162.1),
    Planted(bytes: 64_000, lost: [5], measured: 242.3),
    Planted(bytes: 64_000, lost: [20], measured: 161.7),
    Planted(bytes: 64_000, lost: [25], measured: 161.7),
    Planted(bytes: 64_000, lost: [30, 31, 32], measured: 203.3),
    Planted(bytes: 64_000, lost: [43, 44], measured: 329.9),
    Planted(bytes: 64_000, lost: [44], measured: 448.7),
    Planted(bytes: 200_000, lost: [], measured: 203.5),
    Planted(bytes: 200_000, lost: [60], measured: 242.9),
  ]

  @Test(arguments: planted)
  func `repairs planted losses in the time that Linux takes, within 6 %`(_ planted: Planted) {
    var run = ExchangeRun()
    let lost = planted.lost
    run.loses = { node, sent in
      node == ExchangeRun.server && !sent.segment.payload.isEmpty && lost.contains(sent.dataPlace)
    }
    run.request(1, response: planted.bytes)
    let latency = run.latency() ?? 0
    #expect(abs(latency / planted.measured - 1) < 0.06, "\(latency), not \(planted.measured)")
  }
}
