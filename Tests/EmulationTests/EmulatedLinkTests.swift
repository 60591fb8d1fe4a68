import Emulation
import Glibc
import LabCore
import Network
import Statistics
import Testing

/// These need root and a TUN device; elsewhere they are skipped.
@Suite(.serialized, .enabled(if: EmulatedLink.missing() == nil, "root and /dev/net/tun are needed"))
struct `Emulated links` {
  private static let seed = Seed(7)

  private func link(_ model: LinkModel) throws -> EmulatedLink {
    try EmulatedLink(NetworkDescription(nodes: 2, link: model), seed: Self.seed)
  }

  /// Sends datagrams from node 0, no more than a socket keeps, and counts those that node 1 gets.
  private func arrivals(of count: Int, over link: EmulatedLink) throws -> Int {
    let pinger = try Pinger(link)
    defer { pinger.close() }
    for _ in 0..<count { pinger.send(from: 0, bytes: 100) }
    var arrived = 0
    while pinger.receive(at: 1, milliseconds: 200) != nil { arrived += 1 }
    return arrived
  }

  /// What the link model makes of so many datagrams from node 0 with the same seed.
  private func losses(of count: Int, _ model: LinkModel) -> Int {
    let process = LinkProcess(model)
    var state = LinkState()
    var random = Self.seed.child("links").child(0).child(1).stream()
    return (0..<count).count { _ in
      let fate = process.transmit(bytes: 100, at: .zero, state: &state, random: &random)
      if case .lost = fate { return true } else { return false }
    }
  }

  @Test func `lose the datagrams that the simulator's link loses`() throws {
    let model = LinkModel(delay: .constant(.milliseconds(1)), loss: .bernoulli(.percent(30)))
    let link = try link(model)
    let arrived = try arrivals(of: 200, over: link)
    let outcome = try link.stop(latenessLimit: .seconds(10))
    let lost = losses(of: 200, model)
    #expect(lost > 40 && lost < 80)
    #expect(outcome.directions[0].packets == 200 && arrived == 200 - lost)
    #expect(outcome.directions[0].lost == [.lost: lost])
    #expect(outcome.directions[0].bytes == 200 * 128)
    #expect(outcome.directions[1].packets == 0)
  }

  @Test func `delay both directions by no less than their delay`() throws {
    let link = try link(LinkModel(delay: .constant(.milliseconds(5))))
    let pinger = try Pinger(link)
    defer { pinger.close() }
    for _ in 0..<10 {
      let begin = Pinger.now()
      pinger.send(from: 0, bytes: 100)
      #expect(pinger.receive(at: 1, milliseconds: 5_000) == 100)
      pinger.send(from: 1, bytes: 200)
      #expect(pinger.receive(at: 0, milliseconds: 5_000) == 200)
      #expect(Pinger.now() - begin >= .milliseconds(10))
    }
    let outcome = try link.stop(latenessLimit: .seconds(10))
    #expect(outcome.lateness.count == 20)
    #expect(outcome.directions.map(\.delivered) == [10, 10])
    #expect("\(outcome)".contains("there: 10 packets, 0.0 % lost, 10 delivered"))
  }

  @Test func `deliver copies, and nothing that was changed on the way`() throws {
    let copying = try link(LinkModel(duplication: .percent(100)))
    #expect(try arrivals(of: 50, over: copying) == 100)
    let changing = try link(LinkModel(corruption: .percent(100)))
    #expect(try arrivals(of: 50, over: changing) == 0)
    #expect(try changing.stop(latenessLimit: .seconds(10)).directions[0].delivered == 50)
  }

  @Test func `drop what finds no room before the narrowest hop`() throws {
    let link = try link(LinkModel(bitsPerSecond: 1e6, queue: ByteCount(1_280)))
    let arrived = try arrivals(of: 100, over: link)
    let outcome = try link.stop(latenessLimit: .seconds(10))
    #expect(arrived >= 10 && arrived < 100)
    #expect(outcome.directions[0].lost == [.queueFull: 100 - arrived])
  }

  @Test func `refuse a run whose packets were late`() throws {
    let link = try link(LinkModel())
    #expect(try arrivals(of: 10, over: link) == 10)
    #expect(throws: EmulationError.self) { try link.stop(latenessLimit: .nanoseconds(1)) }
  }

  @Test func `have addresses that nobody else has`() throws {
    let link = try link(LinkModel())
    let pinger = try Pinger(link)
    defer { pinger.close() }
    #expect(throws: Pinger.Failure.self) { try Pinger(link) }
    let other = try Pinger(self.link(LinkModel()))
    other.close()
    #expect(Pinger.bound(to: 0) == -EADDRNOTAVAIL)
  }

  @Test func `have two ends`() {
    #expect(throws: EmulationError.nodeCount(3)) {
      try EmulatedLink(NetworkDescription(nodes: 3), seed: Self.seed)
    }
  }
}
