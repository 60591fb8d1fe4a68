// What an endpoint of QUIC does, seen by another one and by its attackers.
import LabCore
import Testing

@testable import Transport

@Suite struct `A connection` {
  @Test func `both sides know who the other is`() throws {
    var pair = try EnginePair()
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    #expect(
      pair.clientEvents.contains(
        .established(connection: 0, peer: "server.fleet", isResumed: false, earlyData: .none)))
    #expect(
      pair.serverEvents.contains(
        .established(connection: 0, peer: "client.fleet", isResumed: false, earlyData: .none)))
  }

  @Test func `what is written arrives in order, over a line that loses every tenth datagram`()
    throws
  {
    var pair = try EnginePair()
    pair.isLost = { $0 % 10 == 7 }
    let connection = try pair.connect()
    pair.run(for: .seconds(2))
    let stream = try pair.openStream(on: connection)
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    for start in stride(from: 0, to: bytes.count, by: 10_000) {
      pair.client.write(
        Bytes(bytes[start..<start + 10_000]), on: stream, isEnd: start + 10_000 == bytes.count)
    }
    pair.run(for: .seconds(60))
    #expect(pair.serverBytes == bytes)
    let rest = pair.client.unacknowledgedBytes(of: stream)
    #expect(rest == 0)
  }

  @Test func `streams share a connection, and each keeps its own order`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    for number in 0..<100 {
      let stream = try pair.openStream(on: connection)
      pair.client.write(Bytes("\(number)".utf8), on: stream, isEnd: true)
    }
    pair.run(for: .seconds(1))
    var heard: [Int64: [UInt8]] = [:]
    for case .received(let stream, let bytes, _, _) in pair.serverEvents {
      heard[stream.id, default: []] += bytes.array
    }
    #expect(heard.count == 100)
    #expect((0..<100).allSatisfy { heard[Int64($0 * 4)] == Array("\($0)".utf8) })
  }

  @Test func `no more streams are opened than the peer allows, until one is done`() throws {
    var configuration = EnginePair.configuration
    configuration.maximumStreams = 3
    var pair = try EnginePair(configuration)
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let streams = (0..<5).compactMap { _ in pair.client.openStream(on: connection) }
    #expect(streams.count == 3)
    pair.client.write("x", on: streams[0], isEnd: true)
    pair.run(for: .seconds(1))
    let early = pair.client.openStream(on: connection)
    #expect(early == nil)
    pair.server.write("y", on: QUICStream(connection: 0, id: streams[0].id), isEnd: true)
    pair.clientEvents = []
    pair.run(for: .seconds(1))
    #expect(pair.clientEvents.contains(.moreStreams(connection: connection)))
    let later = (0..<2).map { _ in pair.client.openStream(on: connection) != nil }
    #expect(later == [true, false])
  }

  @Test func `a reader that does not read holds the writer at its window`() throws {
    var configuration = EnginePair.configuration
    configuration.streamWindow = ByteCount(10_000)
    var pair = try EnginePair(configuration)
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    pair.serverReads = false
    let stream = try pair.openStream(on: connection)
    pair.client.write(Bytes([UInt8](repeating: 1, count: 50_000)), on: stream, isEnd: true)
    pair.run(for: .seconds(5))
    let rest = pair.client.unacknowledgedBytes(of: stream)
    #expect(rest > 0)
    let before = pair.serverBytes.count
    pair.serverReads = true
    pair.run(for: .milliseconds(1))
    #expect(pair.serverBytes.count - before == 10_000)
    pair.run(for: .seconds(5))
    #expect(pair.serverBytes.count == 50_000)
  }

  @Test func `a stream that is given up is told with its code`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let stream = try pair.openStream(on: connection)
    pair.client.write("half", on: stream)
    pair.run(for: .seconds(1))
    pair.client.reset(stream, code: 77)
    pair.run(for: .seconds(1))
    #expect(
      pair.serverEvents.contains(.reset(QUICStream(connection: 0, id: stream.id), code: 77)))
  }

  @Test func `datagrams arrive at most once`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let base = pair.history.count
    pair.isLost = { $0 == base }
    for number in 0..<3 {
      pair.client.sendDatagram(Bytes("d\(number)".utf8), on: connection)
      pair.run(for: .seconds(1))
    }
    let heard = pair.serverEvents.compactMap { event in
      if case .receivedDatagram(_, let bytes) = event {
        return String(decoding: bytes, as: UTF8.self)
      }
      return nil
    }
    #expect(heard == ["d1", "d2"])
  }

  @Test func `keys change, and data goes on`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let stream = try pair.openStream(on: connection)
    for round in 0..<4 {
      pair.client.write("a", on: stream)
      pair.run(for: .seconds(2))
      let begins = pair.client.updateKeys(of: connection, now: pair.now)
      #expect(begins, "round \(round)")
      let again = pair.client.updateKeys(of: connection, now: pair.now)
      #expect(!again, "round \(round)")
      pair.client.write("b", on: stream)
      pair.run(for: .seconds(2))
    }
    #expect(pair.serverBytes == Array("abababab".utf8))
  }

  @Test func `a client whose address changes is followed`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let stream = try pair.openStream(on: connection)
    pair.client.write("before ", on: stream)
    pair.run(for: .seconds(1))
    pair.clientAddress = QUICAddress(192, 0, 2, 99, port: 6_000)
    pair.client.write("after", on: stream)
    pair.run(for: .seconds(3))
    #expect(pair.serverBytes == Array("before after".utf8))
    #expect(pair.serverEvents.contains(.moved(connection: 0, to: pair.clientAddress)))
    pair.server.write("answer", on: QUICStream(connection: 0, id: stream.id))
    pair.run(for: .seconds(1))
    #expect(pair.clientBytes == Array("answer".utf8))
  }

  @Test func `the reason of a close reaches the peer`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    pair.client.close(connection, code: 42, reason: "enough", now: pair.now)
    pair.run(for: .seconds(5))
    #expect(
      pair.serverEnds == [QUICClosing(.application(42), isByPeer: true, reason: "enough")])
    #expect(pair.connectionCounts == [0, 0])
  }

  @Test func `silence ends a connection after the idle timeout`() throws {
    var configuration = EnginePair.configuration
    configuration.idleTimeout = .seconds(5)
    var pair = try EnginePair(configuration)
    _ = try pair.connect()
    pair.run(for: .seconds(4))
    #expect(pair.connectionCounts == [1, 1])
    pair.run(for: .seconds(3))
    #expect(pair.clientEnds == [QUICClosing(.idle, isByPeer: false)])
    #expect(pair.connectionCounts == [0, 0])
  }

  @Test func `a server that is not there ends the handshake at its limit`() throws {
    var pair = try EnginePair()
    pair.isLost = { _ in true }
    _ = try pair.connect()
    pair.run(for: .seconds(11))
    #expect(pair.clientEnds == [QUICClosing(.handshakeTimeout, isByPeer: false)])
  }

  @Test func `a server that forgot a connection says so, and a stranger cannot`() throws {
    var configuration = EnginePair.configuration
    configuration.resetSecret = [UInt8](repeating: 9, count: 32)
    for knows in [true, false] {
      let authority = try TLSAuthority(name: "fleet", validFrom: EnginePair.validFrom)
      var pair = try EnginePair(configuration, authority: authority)
      let connection = try pair.connect()
      pair.run(for: .seconds(1))
      var later = configuration
      if !knows { later.resetSecret = [UInt8](repeating: 8, count: 32) }
      pair.server = try QUICEngine(
        later, authority.issue("server.fleet"), local: EnginePair.serverAddress, isServer: true,
        random: Seed(3).stream())
      let stream = try pair.openStream(on: connection)
      pair.client.write(Bytes([UInt8](repeating: 1, count: 200)), on: stream)
      pair.run(for: .seconds(2))
      #expect(pair.clientEnds == (knows ? [QUICClosing(.statelessReset, isByPeer: true)] : []))
    }
  }

  @Test(arguments: QUICCongestionControl.allCases)
  func `every congestion control moves a megabyte`(_ control: QUICCongestionControl) throws {
    var configuration = EnginePair.configuration
    configuration.congestionControl = control
    for isPaced in [true, false] {
      configuration.isPaced = isPaced
      var pair = try EnginePair(configuration)
      let connection = try pair.connect()
      pair.run(for: .seconds(1))
      let stream = try pair.openStream(on: connection)
      pair.client.write(Bytes([UInt8](repeating: 1, count: 1 << 20)), on: stream, isEnd: true)
      pair.run(for: .seconds(10))
      #expect(pair.serverBytes.count == 1 << 20, "paced \(isPaced)")
    }
  }

  @Test func `a server that takes no early data offers none`() throws {
    var configuration = EnginePair.configuration
    for accepts in [true, false] {
      configuration.acceptsEarlyData = accepts
      var pair = try EnginePair(serverConfiguration: configuration)
      _ = try pair.connect()
      pair.run(for: .seconds(1))
      let connection = try pair.connect(resuming: try pair.newestTicket())
      let stream = try pair.openStream(on: connection)
      pair.client.write("soon", on: stream, isEnd: true)
      pair.run(for: .milliseconds(15))
      #expect(pair.serverBytes.isEmpty == !accepts)
      pair.run(for: .seconds(1))
      #expect(pair.serverBytes == Array("soon".utf8))
    }
  }

  @Test func `the log is one of qlog, and secrets are told only where that is asked`() throws {
    let log = LogKeeper()
    var configuration = EnginePair.configuration
    configuration.qlog = { _, bytes in log.add(bytes) }
    configuration.keyLog = { log.add($0) }
    var pair = try EnginePair(configuration, serverConfiguration: EnginePair.configuration)
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    pair.client.close(connection, now: pair.now)
    pair.run(for: .seconds(1))
    let text = log.text
    #expect(text.contains("\"qlog_format\":\"JSON-SEQ\"") || text.contains("\"qlog_version\""))
    #expect(text.contains("packet_sent") && text.contains("packet_received"))
    let labels = log.lines.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(labels.contains("CLIENT_TRAFFIC_SECRET_0"))
    #expect(labels.contains("SERVER_HANDSHAKE_TRAFFIC_SECRET"))
  }
}
