import LabCore
import Network
import Simulation
import Statistics
import Testing

@testable import Transport

@Suite struct `TCP endpoints` {
  @Test func `say that the peer knows nothing of a connection any more`() {
    var run = ExchangeRun(.tls13, .warm)
    run.connect(0)
    run.request(1, at: 1_000)
    run.request(2, at: 5_000)
    run.request(3, at: 9_000)
    run.faults = [
      FaultDescription(
        times: .at([.zero + .seconds(3)]), duration: .seconds(1),
        kind: .crash(node: ExchangeRun.server))
    ]
    // The request meets a server that was started anew; the next one opens another connection.
    #expect(
      run.heard().map(\.report) == [
        .connected(number: 0), .responded(number: 1), .failed(number: 2, reason: .reset),
        .connected(number: 3), .responded(number: 3),
      ])
  }

  @Test func `send a request again to a server that was down for a moment`() {
    var run = ExchangeRun(.none, .new)
    run.request(1, at: 1_000)
    run.faults = [
      FaultDescription(
        times: .at([.zero]), duration: .milliseconds(2_500),
        kind: .crash(node: ExchangeRun.server))
    ]
    #expect(run.latency() == 2_080)
  }

  @Test func `answer every one of a thousand requests at once, in their order when none is lost`() {
    var run = ExchangeRun(.tls13, .warm)
    run.connect(0)
    for number in 1...1_000 { run.request(number, at: 500, response: 2_000) }
    let lossless = run.heard().dropFirst().map(\.report)
    #expect(lossless == (1...1_000).map { .responded(number: $0) })
    run.link.loss = .bernoulli(.percent(3))
    #expect(run.heard().dropFirst().map(\.report) == lossless)
  }

  @Test func `keep no connection when all is over`() {
    var run = ExchangeRun(.tls12)
    run.link.loss = .bernoulli(.percent(5))
    for number in 1...50 { run.request(number, at: Int64(number) * 10) }
    var world = run.world()
    world.run(until: .zero + .seconds(4_000))
    for node in [ExchangeRun.client, ExchangeRun.server] {
      let count = world.inspect(node) { $0.connectionCount }
      #expect(count == 0)
    }
  }

  @Test func `refuse requests to themselves and raise sizes to those of a head`() {
    var run = ExchangeRun()
    run.commands = [
      (.request(number: 1, server: ExchangeRun.client, requestBytes: 1, responseBytes: 1), 0),
      (.request(number: 2, server: ExchangeRun.server, requestBytes: 0, responseBytes: -5), 0),
    ]
    #expect(
      run.heard().map(\.report) == [
        .failed(number: 1, reason: .refused), .connected(number: 2), .responded(number: 2),
      ])
    let payloads = run.segments().map(\.segment.payload.count).filter { $0 > 0 }
    #expect(payloads == [16, 16])
  }

  @Test func `end a connection on which more is asked for than they give`() {
    var run = ExchangeRun()
    run.arm.largestMessage = ByteCount(1_000_000)
    run.request(1, response: 1_000_001)
    run.request(2, response: 1_000_000)
    #expect(
      run.heard().map(\.report) == [
        .connected(number: 1), .connected(number: 2), .failed(number: 1, reason: .reset),
        .responded(number: 2),
      ])
  }

  @Test func `stand whatever strangers send`() {
    var random = Seed(11).stream()
    var endpoint = TCPEndpoint(TCPExchangeConfiguration(security: .tls13))
    var step = Step<TCPEndpoint>(node: NodeID(1), random: Seed(12).stream())
    var known: [TCPSegment] = []
    for round in 0..<60_000 {
      var segment = TCPSegment(
        port: UInt16(random.below(20)),
        flags: TCPSegment.Flags(rawValue: UInt8(random.below(64))),
        sequence: UInt32(truncatingIfNeeded: random.next() >> UInt64(random.below(64))),
        acknowledgement: UInt32(truncatingIfNeeded: random.next() >> UInt64(random.below(64))))
      // Half of the segments answer what the endpoint has sent, so that some connections stand.
      if let answered = known.randomElement(using: &random), random.below(2) == 0 {
        segment.port = answered.port
        segment.flags = [.fromOpener, .acknowledge]
        if random.below(8) == 0 { segment.flags.formUnion([.finish, .push]) }
        segment.sequence = answered.acknowledgement &+ UInt32(random.below(3_000))
        segment.acknowledgement = answered.sequence &+ UInt32(random.below(3))
      }
      segment.window = UInt16(random.below(1 << 16))
      segment.payload = Bytes((0..<random.below(60)).map { _ in UInt8(random.below(256)) })
      segment.blocks = (0..<random.below(4)).map { _ in
        let start = segment.acknowledgement &+ UInt32(random.below(5_000))
        return .init(start: start, end: start &+ UInt32(random.below(5_000)))
      }
      endpoint.receive(segment, from: NodeID(0), &step)
      while let effect = step.takeEffect() {
        guard case .send(let sent, _) = effect else { continue }
        known.append(sent)
        if known.count > 200 { known.removeFirst(100) }
      }
      step.now = step.now + .microseconds(Int64(random.below(2_000)))
      if round % 7 == 0 {
        let index = UInt32(random.below(20) * 4 + random.below(3))
        endpoint.fire(TCPEndpoint.Timer(index: index), &step)
        while step.takeEffect() != nil {}
      }
    }
    #expect(endpoint.connectionCount <= 20)
  }

  @Test func `read no unit from bytes that are none`() {
    let framing = TCPExchangeConfiguration(security: .tls12).framing
    var random = Seed(3).stream()
    for _ in 0..<2_000 {
      var stream = IncomingStream(framing)
      var bytes = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
      if bytes.count < ExchangeHead.size {
        #expect(stream.take(Bytes(bytes)) == [])
      } else {
        // A number below 0 that names no flight, or a length that does not hold the head.
        if random.below(2) == 0 {
          bytes[0] |= 0x80
        } else {
          bytes.replaceSubrange(8..<12, with: [0, 0, 0, UInt8(random.below(16))])
        }
        #expect(stream.take(Bytes(bytes)) == nil)
      }
    }
    for unit in [StreamUnit.flight(0), .flight(3)] {
      #expect(StreamUnit(head: unit.head) == unit)
    }
    let head = ExchangeHead.request(number: 7, bytes: 100, responseBytes: 200)
    #expect(StreamUnit(head: head.encoded) == .message(head))
    #expect(ExchangeHead(head.response.encoded) == head.response)
  }
}
