import LabCore
import Sockets
import Testing
import Transport

@testable import Experiments

/// Requests over the kernel's TCP on loopback, one test at a time.
@Suite(.serialized) struct `Streams on real TCP` {
  private static let patience = Instant.zero + .seconds(20)

  /// Asks for responses of these lengths and returns what the client reported.
  private func reports(
    _ lengths: [Int], _ arm: TransportArm, _ state: ConnectionState, client: StreamSettings? = nil
  ) throws -> [ExchangeReport] {
    let settings = try StreamSettings(arm, .cubic)
    let program = ExchangeStreams(state: state, isHTTP: arm == .https)
    let server = try StreamHost(program, settings)
    let asker = try StreamHost(program, client ?? settings, server: try server.listen())
    for (number, length) in lengths.enumerated() {
      asker.submit(
        .request(number: number, server: NodeID(1), requestBytes: 64, responseBytes: length),
        at: .zero)
    }
    var reports: [ExchangeReport] = []
    var over = 0
    asker.run(until: Self.patience) { report, _ in
      reports.append(report)
      if case .connected = report {} else { over += 1 }
      return over == lengths.count
    }
    try asker.stop()
    try server.stop()
    return reports
  }

  @Test(arguments: [TransportArm.tcp, .tls12, .tls13, .https], [ConnectionState.new, .warm])
  func `answer every request`(arm: TransportArm, state: ConnectionState) throws {
    let lengths = (0..<20).map { [16, 1_000, 70_000, 300_000][$0 % 4] }
    let told = try reports(lengths, arm, state)
    let answered = told.compactMap { if case .responded(let number) = $0 { number } else { nil } }
    #expect(answered.sorted() == Array(lengths.indices))
    let connections = told.count - answered.count
    #expect(connections == (state == .new ? 20 : arm == .https ? 6 : 1))
  }

  @Test func `refuse a peer whose authority is another one`() throws {
    let stranger = try StreamSettings(.tls13, .cubic)
    let told = try reports([100], .tls13, .new, client: stranger)
    #expect(told == [.failed(number: 0, reason: .unreachable)])
  }

  @Test func `refuse a server of another name`() throws {
    let settings = try StreamSettings(.tls13, .cubic)
    var misled = settings
    misled.serverName = "node-2.fleet"
    let program = ExchangeStreams(state: .new, isHTTP: false)
    let server = try StreamHost(program, settings)
    let client = try StreamHost(program, misled, server: try server.listen())
    client.submit(
      .request(number: 7, server: NodeID(1), requestBytes: 64, responseBytes: 64), at: .zero)
    var told: ExchangeReport?
    client.run(until: Self.patience) { report, _ in
      told = report
      return true
    }
    #expect(told == .failed(number: 7, reason: .unreachable))
    try client.stop()
    try server.stop()
  }

  @Test func `need a congestion control that the kernel has`() throws {
    let unknown = StreamSettings(congestionControl: "nonesuch")
    let program = ExchangeStreams(state: .new, isHTTP: false)
    let server = try StreamHost(program, unknown)
    #expect(throws: SocketWorldError.self) { try server.listen() }
    try server.stop()
  }

  @Test func `take messages however they are cut`() throws {
    let heads = [100, 16, 40].enumerated().map { number, length in
      ExchangeHead.request(number: number, bytes: length, responseBytes: 16)
    }
    let bytes = heads.flatMap {
      $0.encoded.array + [UInt8](repeating: 1, count: $0.bytes - ExchangeHead.size)
    }
    for size in [1, 7, 16, 17, 1_000] {
      var incoming = IncomingMessages()
      var taken: [ExchangeHead] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        let piece = Bytes(bytes[start..<min(start + size, bytes.count)])
        guard let whole = incoming.take(piece) else {
          Issue.record("a piece of right messages is refused")
          return
        }
        taken += whole
      }
      #expect(taken == heads)
    }
    var incoming = IncomingMessages()
    let refused = incoming.take(Bytes([UInt8](repeating: 255, count: 16)))
    #expect(refused == nil)
  }
}
