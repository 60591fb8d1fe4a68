import LabCore
import Testing
import Transport

@testable import Experiments
@testable import Sockets

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
    #expect(told == [.failed(number: 0, reason: .refused)])
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
    #expect(told == .failed(number: 7, reason: .refused))
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

  /// What is left in a step: the connections that were opened and what was reported.
  private func left(
    in step: inout StreamStep<ExchangeReport>
  ) -> (opened: [StreamID], reports: [ExchangeReport]) {
    defer { step.effects = [] }
    return (
      step.effects.compactMap { if case .open(let connection) = $0 { connection } else { nil } },
      step.effects.compactMap { if case .report(let report) = $0 { report } else { nil } }
    )
  }

  @Test func `over HTTP open a connection for what waits when another one ends`() {
    var program = ExchangeStreams(state: .warm, isHTTP: true)
    var step = StreamStep<ExchangeReport>()
    for number in 0..<8 {
      program.submit(
        .request(number: number, server: NodeID(1), requestBytes: 64, responseBytes: 64), &step)
    }
    let first = left(in: &step)
    #expect(first.opened.count == 6 && first.reports.isEmpty)
    for connection in first.opened { program.take(.closed(reason: nil), on: connection, &step) }
    let second = left(in: &step)
    #expect(second.opened.count == 2)
    #expect(second.reports == (0..<6).map { .failed(number: $0, reason: .refused) })
    for connection in second.opened {
      program.take(.unreached(reason: "no route"), on: connection, &step)
    }
    let third = left(in: &step)
    #expect(third.opened.isEmpty)
    #expect(third.reports == (6..<8).map { .failed(number: $0, reason: .unreachable) })
  }

  @Test func `tell a connection that stood from one that never did`() {
    var program = ExchangeStreams(state: .new, isHTTP: false)
    var step = StreamStep<ExchangeReport>()
    program.submit(
      .request(number: 3, server: NodeID(1), requestBytes: 64, responseBytes: 64), &step)
    for connection in left(in: &step).opened {
      program.take(.connected, on: connection, &step)
      program.take(.closed(reason: "the peer is gone"), on: connection, &step)
    }
    #expect(left(in: &step).reports.last == .failed(number: 3, reason: .reset))
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
