// What strangers, liars and thieves get from an endpoint of QUIC.
import LabCore
import Testing

@testable import Transport

@Suite struct `A stranger` {
  /// The ways in which an identity is not to be believed.
  enum Flaw: CaseIterable {
    case otherAuthority, expired, notYetValid, otherName, none
  }

  @Test(arguments: Flaw.allCases)
  func `with a wrong certificate is refused by the client`(_ flaw: Flaw) throws {
    let authority = try TLSAuthority(name: "fleet", validFrom: EnginePair.validFrom)
    let other = try TLSAuthority(name: "fleet", validFrom: EnginePair.validFrom)
    let from = EnginePair.validFrom
    let identity =
      switch flaw {
      case .otherAuthority: try other.issue("server.fleet")
      case .expired: try authority.issue("server.fleet", validUntil: from + 10)
      case .notYetValid: try authority.issue("server.fleet", validFrom: from + 10 * 86_400)
      case .otherName: try authority.issue("other.fleet")
      case .none: try authority.issue("server.fleet")
      }
    var pair = try EnginePair(serverIdentity: identity, authority: authority)
    _ = try pair.connect()
    pair.run(for: .seconds(3))
    let isEstablished = !pair.earlyData.isEmpty
    #expect(isEstablished == (flaw == .none))
    guard flaw != .none else { return }
    let end = try #require(pair.clientEnds.first)
    #expect(!end.isByPeer)
    if case .alert = end.kind {} else { Issue.record("\(end)") }
    #expect(!end.reason.isEmpty, "\(end)")
  }

  @Test(arguments: [true, false])
  func `without a certificate is refused by a server that wants one`(isWanted: Bool) throws {
    let authority = try TLSAuthority(name: "fleet", validFrom: EnginePair.validFrom)
    let stranger = try TLSAuthority(name: "other", validFrom: EnginePair.validFrom)
    var configuration = EnginePair.configuration
    configuration.requiresClientCertificate = isWanted
    let nobody = try TLSIdentity(trusting: authority)
    for client in [nobody, try stranger.issue("client.fleet", trusting: authority)] {
      var pair = try EnginePair(configuration, clientIdentity: client, authority: authority)
      let connection = try pair.connect()
      pair.run(for: .seconds(1))
      if let stream = pair.client.openStream(on: connection) {
        pair.client.write("hello", on: stream, isEnd: true)
      }
      pair.run(for: .seconds(2))
      #expect(pair.serverBytes.isEmpty == isWanted)
      let alerts = pair.clientEnds.filter {
        if case .alert = $0.kind { $0.isByPeer } else { false }
      }
      #expect(alerts.count == (isWanted ? 1 : 0))
    }
  }

  @Test func `of another protocol is refused`() throws {
    var pair = try EnginePair(serverConfiguration: QUICConfiguration(applicationProtocol: "other"))
    _ = try pair.connect()
    pair.run(for: .seconds(3))
    // no_application_protocol of RFC 7301.
    #expect(pair.clientEnds.map(\.kind) == [.alert(120)])
  }

  @Test func `who records a first flight gets nothing for it, a hundred times of a hundred`() throws
  {
    var pair = try EnginePair()
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    for round in 1...100 {
      let ticket = try pair.newestTicket()
      let before = pair.serverBytes.count
      let sent = pair.history.count
      let connection = try pair.connect(resuming: ticket)
      let stream = try pair.openStream(on: connection)
      pair.client.write("transfer", on: stream, isEnd: true)
      pair.flush()
      let flight = pair.history[sent...].filter(\.toServer).map(\.datagram)
      pair.run(for: .seconds(1))
      #expect(pair.earlyData.count == round + 1 && pair.earlyData.last == .accepted)
      #expect(pair.serverBytes.count == before + 8)
      // Once while the connection stands, to which the flight belongs, and once when it is gone.
      for _ in 0..<2 {
        for datagram in flight { pair.inject(datagram, from: QUICAddress(6, 6, 6, 6, port: 666)) }
        pair.run(for: .seconds(1))
        #expect(pair.serverBytes.count == before + 8)
        pair.client.close(connection, now: pair.now)
        pair.run(for: .seconds(1))
      }
    }
    let refused = pair.server.refusedReplays
    #expect(refused == 100)
  }

  @Test func `gets no early data from a server without room to remember first flights`() throws {
    var configuration = EnginePair.configuration
    configuration.maximumRememberedFlights = 0
    var pair = try EnginePair(serverConfiguration: configuration)
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    let connection = try pair.connect(resuming: try pair.newestTicket())
    let stream = try pair.openStream(on: connection)
    pair.client.write("once", on: stream, isEnd: true)
    pair.run(for: .seconds(1))
    // The bytes come again after the handshake.
    #expect(pair.earlyData == [.none, .refused])
    #expect(pair.serverBytes == Array("once".utf8))
  }

  @Test func `that refuses early data takes what is written on its streams afterwards`() throws {
    var configuration = EnginePair.configuration
    configuration.maximumRememberedFlights = 0
    var pair = try EnginePair(serverConfiguration: configuration)
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    let connection = try pair.connect(resuming: try pair.newestTicket())
    // The first stream carries nothing as long as there is hope for early data.
    let (empty, full) = (
      try pair.openStream(on: connection), try pair.openStream(on: connection)
    )
    pair.client.write("first", on: full, isEnd: true)
    pair.run(for: .seconds(1))
    pair.client.write("second", on: empty, isEnd: true)
    pair.run(for: .seconds(1))
    #expect(pair.earlyData == [.none, .refused])
    #expect(pair.serverBytes == Array("firstsecond".utf8))
  }

  @Test func `gets ever fewer goodbyes from a connection that has ended`() throws {
    var pair = try EnginePair()
    let connection = try pair.connect()
    pair.run(for: .seconds(1))
    let stream = try pair.openStream(on: connection)
    pair.client.write("hello", on: stream)
    pair.flush()
    let last = try #require(pair.history.last { $0.toServer })
    pair.server.close(0, now: pair.now)
    while pair.server.takeDatagram() != nil {}
    var goodbyes = 0
    for _ in 0..<1_000 {
      pair.inject(last.datagram, from: pair.clientAddress)
      while pair.server.takeDatagram() != nil { goodbyes += 1 }
    }
    // After the 1st, 2nd, 4th … 512th.
    #expect(goodbyes == 10)
  }

  @Test func `is answered a hundred times a second`() throws {
    var pair = try EnginePair()
    var datagram = [UInt8](repeating: 7, count: 200)
    datagram[0] = 0x40
    for _ in 0..<2 {
      var answers = 0
      for number in 0..<1_000 {
        datagram[3] = UInt8(number % 200)
        pair.inject(Bytes(datagram), from: QUICAddress(6, 6, 6, 6, port: 666))
        while pair.server.takeDatagram() != nil { answers += 1 }
      }
      #expect(answers == 100)
      pair.run(for: .seconds(1))
    }
  }

  @Test(arguments: [true, false])
  func `can bring a first flight to another server only where that has the key of the tickets`(
    isShared: Bool
  ) throws {
    var configuration = EnginePair.configuration
    configuration.ticketKey = [UInt8](repeating: 7, count: 64)
    let authority = try TLSAuthority(name: "fleet", validFrom: EnginePair.validFrom)
    var pair = try EnginePair(configuration, authority: authority)
    var other = configuration
    if !isShared { other.ticketKey = [UInt8](repeating: 8, count: 64) }
    var twin = try EnginePair(other, authority: authority)
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    let sent = pair.history.count
    let connection = try pair.connect(resuming: try pair.newestTicket())
    let stream = try pair.openStream(on: connection)
    pair.client.write("transfer", on: stream, isEnd: true)
    pair.flush()
    twin.run(for: .seconds(1))
    for flying in pair.history[sent...] { twin.inject(flying.datagram, from: flying.from) }
    twin.run(for: .seconds(1))
    #expect(twin.serverBytes == (isShared ? Array("transfer".utf8) : []))
  }

  @Test func `is no server with a ticket key of another length`() throws {
    var configuration = EnginePair.configuration
    configuration.ticketKey = [1, 2, 3]
    #expect(throws: TLSError.self) { _ = try EnginePair(configuration) }
  }

  @Test func `without an answer to the Retry gets no connection`() throws {
    var configuration = EnginePair.configuration
    configuration.requiresRetry = true
    var pair = try EnginePair(serverConfiguration: configuration)
    let connection = try pair.connect()
    pair.run(for: .milliseconds(45))
    #expect(pair.connectionCounts == [1, 1])
    pair.run(for: .seconds(1))
    let stream = try pair.openStream(on: connection)
    pair.client.write("proved", on: stream, isEnd: true)
    pair.run(for: .seconds(1))
    #expect(pair.serverBytes == Array("proved".utf8))

    var other = try EnginePair(serverConfiguration: configuration)
    _ = try other.connect()
    other.flush()
    let first = try #require(other.history.first?.datagram)
    for port in 1...50 { other.inject(first, from: QUICAddress(6, 6, 6, 6, port: UInt16(port))) }
    #expect(other.connectionCounts[1] == 0)
  }

  @Test func `with the token of an earlier connection needs no Retry`() throws {
    var configuration = EnginePair.configuration
    configuration.requiresRetry = true
    var pair = try EnginePair(serverConfiguration: configuration)
    _ = try pair.connect()
    pair.run(for: .seconds(1))
    let start = pair.now
    let connection = try pair.connect(resuming: try pair.newestTicket())
    let stream = try pair.openStream(on: connection)
    pair.client.write("at once", on: stream, isEnd: true)
    pair.run(for: .milliseconds(15))
    #expect(pair.serverBytes == Array("at once".utf8), "\(pair.now - start)")
  }

  @Test func `who lies about an address is sent at most three times as much`() throws {
    var pair = try EnginePair()
    _ = try pair.connect()
    pair.flush()
    let first = try #require(pair.history.first?.datagram)
    pair.inject(first, from: QUICAddress(6, 6, 6, 6, port: 666))
    var sent = 0
    for second in 0..<20 {
      pair.now = .zero + .seconds(Int64(second))
      pair.server.expire(now: pair.now)
      while let (datagram, address) = pair.server.takeDatagram() {
        #expect(address == QUICAddress(6, 6, 6, 6, port: 666))
        sent += datagram.count
      }
    }
    #expect(sent > 0 && sent <= 3 * first.count, "\(sent) for \(first.count)")
  }

  @Test func `of another version is told the one that is spoken, and nothing for little`() throws {
    for (length, isAnswered) in [(1_200, true), (1_199, false), (50, false)] {
      var pair = try EnginePair()
      var packet = [UInt8](repeating: 0, count: length)
      packet.replaceSubrange(
        0..<15, with: [0xc0, 0xfa, 0xce, 0xb0, 0x0c, 4, 1, 2, 3, 4, 4, 5, 6, 7, 8])
      pair.inject(Bytes(packet), from: QUICAddress(6, 6, 6, 6, port: 666))
      let answer = pair.server.takeDatagram()?.datagram.array
      #expect((answer != nil) == isAnswered, "\(length)")
      guard let answer else { continue }
      #expect(Array(answer[1..<5]) == [0, 0, 0, 0])
      #expect(Array(answer[5..<15]) == [4, 5, 6, 7, 8, 4, 1, 2, 3, 4])
      #expect(Array(answer.suffix(4)) == [0, 0, 0, 1])
    }
  }

  @Test func `who speaks no QUIC at all is not answered, and opens nothing`() throws {
    var pair = try EnginePair()
    var stream = Seed(77).stream()
    for length in 0..<1_500 {
      let noise = (0..<length).map { _ in UInt8(truncatingIfNeeded: stream.next()) & 0x7f }
      pair.inject(Bytes(noise), from: QUICAddress(6, 6, 6, 6, port: 666))
    }
    pair.inject("GET / HTTP/1.1\r\n\r\n", from: QUICAddress(6, 6, 6, 6, port: 666))
    #expect(pair.connectionCounts[1] == 0)
    while let (datagram, _) = pair.server.takeDatagram() { #expect(datagram.count <= 42) }
  }

  @Test func `who asks for more connections than there is room for gets none`() throws {
    var configuration = EnginePair.configuration
    configuration.maximumConnections = 5
    var pair = try EnginePair(serverConfiguration: configuration)
    for _ in 0..<9 { _ = try pair.connect() }
    pair.run(for: .seconds(1))
    #expect(pair.connectionCounts[1] == 5)
  }

  @Test func `who bends datagrams breaks nothing and alters nothing`() throws {
    var stream = Seed(11).stream()
    for round in 0..<20 {
      var pair = try EnginePair()
      let connection = try pair.connect()
      pair.run(for: .milliseconds(round < 10 ? 25 : 500))
      if let opened = pair.client.openStream(on: connection) {
        pair.client.write(Bytes([UInt8](repeating: 7, count: 20_000)), on: opened, isEnd: true)
      }
      pair.run(for: .milliseconds(15))
      for sent in pair.history where sent.toServer {
        for _ in 0..<50 {
          var bytes = sent.datagram.array
          switch stream.below(4) {
          case 0: bytes[stream.below(bytes.count)] ^= UInt8(1 + stream.below(255))
          case 1: bytes = Array(bytes.prefix(stream.below(bytes.count)))
          case 2: bytes += bytes.prefix(stream.below(bytes.count))
          default:
            for _ in 0..<8 { bytes[stream.below(bytes.count)] = UInt8(stream.below(256)) }
          }
          pair.inject(Bytes(bytes), from: pair.clientAddress)
        }
      }
      pair.run(for: .seconds(3))
      #expect(pair.serverBytes.allSatisfy { $0 == 7 } && pair.serverBytes.count <= 20_000)
      if round >= 10 { #expect(pair.serverBytes.count == 20_000) }
    }
  }
}
