// Lost, doubled and changed datagrams against the formulas of their models.
import LabCore
import Network
import Statistics
import Testing

@Suite struct `Losses` {
  @Test func `a link without losses loses nothing`() {
    var channel = Channel(LinkModel())
    #expect(!channel.losses(10_000).contains(true))
  }

  @Test(arguments: [0.001, 0.05, 0.3, 0.9])
  func `Bernoulli losses have their share, and a share that is 10 % wrong is caught`(
    share: Double
  ) {
    let count = 400_000
    var channel = Channel(LinkModel(loss: .bernoulli(.of(share))), seed: 3)
    let losses = BatchedMean(channel.losses(count).map { $0 ? 1 : 0 })
    #expect(losses.agrees(with: share))
    // At the smallest share a deviation of 10 % is not yet three standard errors.
    if share > 0.01 { #expect(!losses.agrees(with: share * 1.1)) }
  }

  @Test func `Bernoulli losses are independent of one another`() {
    var channel = Channel(LinkModel(loss: .bernoulli(.percent(20))))
    let losses = channel.losses(200_000)
    let pairs = zip(losses, losses.dropFirst()).map { $0 && $1 ? 1.0 : 0 }
    #expect(BatchedMean(pairs).agrees(with: 0.04))
  }

  private struct Chain: CustomTestStringConvertible {
    var goodToBad, badToGood, lossGood, lossBad: Double

    var stationaryLoss: Double {
      (badToGood * lossGood + goodToBad * lossBad) / (goodToBad + badToGood)
    }
    var model: LinkModel {
      LinkModel(
        loss: .gilbertElliott(
          goodToBad: .of(goodToBad), badToGood: .of(badToGood), lossGood: .of(lossGood),
          lossBad: .of(lossBad)))
    }
    var testDescription: String { "p=\(goodToBad) r=\(badToGood) \(lossGood) \(lossBad)" }
  }

  private static let chains = [
    Chain(goodToBad: 0.01, badToGood: 0.2, lossGood: 0, lossBad: 1),
    Chain(goodToBad: 0.05, badToGood: 0.25, lossGood: 0.01, lossBad: 0.6),
    Chain(goodToBad: 0.3, badToGood: 0.1, lossGood: 0.02, lossBad: 0.5),
  ]

  @Test(arguments: chains)
  private func `the stationary loss of Gilbert and Elliott follows the formula`(chain: Chain) {
    var channel = Channel(chain.model, seed: 5)
    let losses = BatchedMean(channel.losses(1_000_000).map { $0 ? 1 : 0 })
    #expect(losses.agrees(with: chain.stationaryLoss))
    var wrong = chain
    wrong.badToGood *= 1.1
    #expect(!losses.agrees(with: wrong.stationaryLoss), "a parameter 10 % wrong went unnoticed")
  }

  @Test(arguments: [0.5, 0.2, 0.05])
  func `bursts last 1 / r packets, and a parameter that is 10 % wrong is caught`(
    badToGood: Double
  ) {
    let chain = Chain(goodToBad: 0.02, badToGood: badToGood, lossGood: 0, lossBad: 1)
    var channel = Channel(chain.model, seed: 6)
    var (bursts, length): ([Double], Double) = ([], 0)
    for isLost in channel.losses(1_500_000) {
      if isLost {
        length += 1
      } else if length > 0 {
        bursts.append(length)
        length = 0
      }
    }
    let mean = BatchedMean(bursts)
    #expect(mean.agrees(with: 1 / badToGood))
    #expect(!mean.agrees(with: 1.1 / badToGood))
  }

  @Test func `the chain equals a plain twin, draw for draw`() {
    let chain = Self.chains[1]
    var channel = Channel(chain.model, seed: 7)
    var random = Seed(7).stream()
    var isBad = random.unit() * (0.05 + 0.25) < 0.05
    for step in 0..<50_000 {
      if step > 0, random.unit() < (isBad ? 0.25 : 0.05) { isBad.toggle() }
      #expect((channel.send() == .lost(.lost)) == (random.unit() < (isBad ? 0.6 : 0.01)))
    }
  }

  @Test func `short runs lose as much as long ones, as the chain begins in its stationary state`() {
    let chain = Self.chains[0]
    let first = (0..<40_000).map { seed -> Double in
      var channel = Channel(chain.model, seed: UInt64(seed))
      return channel.send() == .lost(.lost) ? 1 : 0
    }
    #expect(BatchedMean(first).agrees(with: chain.stationaryLoss))
  }

  @Test func `a chain that never moves stays in its good state`() {
    let chain = Chain(goodToBad: 0, badToGood: 0, lossGood: 0, lossBad: 1)
    var channel = Channel(chain.model)
    #expect(!channel.losses(1_000).contains(true))
  }

  @Test func `a datagram of many fragments is lost if any fragment is`() {
    // 14,720 bytes of payload are ten fragments.
    var channel = Channel(LinkModel(loss: .bernoulli(.percent(2))), seed: 8)
    let losses = (0..<100_000).map { _ in channel.send(14_700) == .lost(.lost) ? 1.0 : 0 }
    let kept = (0..<10).reduce(1.0) { kept, _ in kept * 0.98 }
    #expect(BatchedMean(losses).agrees(with: 1 - kept))
    #expect(!BatchedMean(losses).agrees(with: 0.02))
  }

  @Test func `doubled datagrams have their share, and both copies arrive in order`() {
    var channel = Channel(
      LinkModel(
        delay: .model(.init(minimum: .milliseconds(5), excess: .exponential(mean: 0.002))),
        duplication: .percent(10)))
    var copies: [Double] = []
    for _ in 0..<100_000 {
      switch channel.send() {
      case .arrivesTwice(let first, let second):
        copies.append(1)
        #expect(first <= second)
      case .arrives: copies.append(0)
      case .lost: Issue.record("lost")
      }
    }
    #expect(BatchedMean(copies).agrees(with: 0.1))
    #expect(!BatchedMean(copies).agrees(with: 0.11))
  }

  @Test func `changed datagrams have their share, and an empty one cannot change`() {
    var channel = Channel(LinkModel(corruption: .percent(25)))
    let changed = (0..<100_000).map { _ in
      channel.send() == .arrives(at: .zero, corrupted: true) ? 1.0 : 0
    }
    #expect(BatchedMean(changed).agrees(with: 0.25))
    #expect(
      (0..<1_000).allSatisfy { _ in channel.send(0) == .arrives(at: .zero, corrupted: false) })
  }
}
