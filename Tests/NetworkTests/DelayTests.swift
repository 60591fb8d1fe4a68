// Delays, order, bandwidth and the sizes of packets.
import Glibc
import LabCore
import Statistics
import Testing

@testable import Network

@Suite struct `Delays` {
  private func jittery(reordering: Bool) -> LinkModel {
    LinkModel(
      delay: .model(.init(minimum: .milliseconds(10), excess: .exponential(mean: 0.01))),
      reordering: reordering)
  }

  @Test func `a constant delay is exact to the nanosecond`() {
    for nanoseconds in [1, 999, 1_001_000, 20_000_000, 2_900_000_001] as [Int64] {
      var channel = Channel(LinkModel(delay: .constant(.nanoseconds(nanoseconds))))
      #expect(channel.delay() == .nanoseconds(nanoseconds))
      var excess = Channel(
        LinkModel(
          delay: .model(
            .init(minimum: .zero, excess: .constant(Duration.nanoseconds(nanoseconds).seconds)))))
      #expect(excess.delay() == .nanoseconds(nanoseconds))
    }
  }

  @Test func `no delay undercuts the minimum, and negative draws count as none`() {
    let law = Law.normal(mean: 0, standardDeviation: 0.001)
    var channel = Channel(
      LinkModel(
        delay: .model(.init(minimum: .milliseconds(3), excess: law)), reordering: true))
    let delays = (0..<10_000).compactMap { _ in channel.delay() }
    #expect(delays.min() == .milliseconds(3))
    let atMinimum = delays.count { $0 == .milliseconds(3) }
    #expect(abs(atMinimum - 5_000) < 250)
  }

  @Test func `without reordering nothing overtakes, with it much does`() {
    func overtakings(_ reordering: Bool) -> Int {
      var channel = Channel(jittery(reordering: reordering))
      var (last, count) = (Instant.zero, 0)
      for number in 0..<10_000 {
        guard case .arrives(let at, _) = channel.send(at: .zero + .milliseconds(Int64(number)))
        else { continue }
        if at < last { count += 1 }
        last = max(last, at)
      }
      return count
    }
    #expect(overtakings(false) == 0)
    #expect(overtakings(true) > 1_000)
  }

  @Test func `a link that keeps order delays a datagram at most until the one before it`() {
    var (kept, free) = (Channel(jittery(reordering: false)), Channel(jittery(reordering: true)))
    var last = Instant.zero
    for number in 0..<5_000 {
      let now = Instant.zero + .milliseconds(Int64(number))
      guard let own = free.delay(at: now) else { continue }
      last = max(last, now + own)
      #expect(kept.send(at: now) == .arrives(at: last, corrupted: false))
    }
  }

  @Test func `a trace is replayed in order and begins anew after its end`() {
    let trace: [Duration] = [.milliseconds(5), .milliseconds(1), .milliseconds(9)]
    var channel = Channel(LinkModel(delay: .trace(trace), reordering: true))
    let delays = (0..<8).map { _ in channel.delay() }
    #expect(delays == (0..<8).map { trace[$0 % 3] })
    var empty = Channel(LinkModel(delay: .trace([])))
    #expect(empty.delay() == .zero)
  }

  @Test func `an excess of exponential law has its mean`() {
    var channel = Channel(jittery(reordering: true))
    let excess = (0..<100_000).compactMap { _ in channel.delay()?.seconds }.map { $0 - 0.01 }
    #expect(BatchedMean(excess).agrees(with: 0.01))
    #expect(!BatchedMean(excess).agrees(with: 0.011))
  }

  @Test func `spikes have their chance and their size`() {
    let spikes = DelaySpikes(chance: .percent(4), size: .uniform(low: 0.1, high: 0.3))
    var channel = Channel(
      LinkModel(delay: .model(.init(minimum: .milliseconds(1), spikes: spikes)), reordering: true))
    let delays = (0..<200_000).compactMap { _ in channel.delay()?.seconds }
    let high = delays.filter { $0 > 0.001 }
    #expect(BatchedMean(delays.map { $0 > 0.001 ? 1 : 0 }).agrees(with: 0.04))
    #expect(BatchedMean(high).agrees(with: 0.201))
    #expect(high.allSatisfy { $0 >= 0.101 && $0 <= 0.301 })
  }

  /// The logarithm of the drifting factor, sampled at equal steps.
  private func drift(_ deviation: Double, step: Duration, count: Int) -> [Double] {
    let parameters = DelayParameters(
      minimum: .zero, excess: .constant(1),
      drift: DelayDrift(deviation: deviation, correlationTime: .seconds(10)))
    var channel = Channel(LinkModel(delay: .model(parameters), reordering: true), seed: 11)
    return (0..<count).compactMap { channel.delay(at: .zero + step * Int64($0)) }
      .map { log($0.seconds) }
  }

  @Test func `a drift keeps its stationary deviation`() {
    let values = drift(0.4, step: .seconds(5), count: 200_000)
    #expect(BatchedMean(values).agrees(with: 0))
    let squares = BatchedMean(values.map { $0 * $0 })
    #expect(squares.agrees(with: 0.16))
    #expect(!squares.agrees(with: 0.44 * 0.44))
  }

  @Test(arguments: [1, 5, 10, 30] as [Int64])
  func `a drift's correlation falls by e in its correlation time`(step: Int64) {
    let values = drift(0.4, step: .seconds(step), count: 200_000)
    let products = BatchedMean(zip(values, values.dropFirst()).map { $0 * $1 / 0.16 })
    #expect(products.agrees(with: exp(-Double(step) / 10)))
    // A correlation time of 20 s would be noticed.
    #expect(!products.agrees(with: exp(-Double(step) / 20)))
  }

  @Test func `a drift starts in its stationary state and stands still while no time passes`() {
    let first = (0..<20_000).compactMap { seed -> Double? in
      let parameters = DelayParameters(
        minimum: .zero, excess: .constant(1),
        drift: DelayDrift(deviation: 0.4, correlationTime: .zero))
      var channel = Channel(LinkModel(delay: .model(parameters)), seed: UInt64(seed))
      let (one, two) = (channel.delay(at: .zero), channel.delay(at: .zero))
      #expect(one == two)
      return one.map { log($0.seconds) }
    }
    #expect(BatchedMean(first.map { $0 * $0 }).agrees(with: 0.16))
  }

  @Test func `a negative delay is refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = LinkProcess(LinkModel(delay: .constant(.milliseconds(-1))))
    }
    await #expect(processExitsWith: .failure) {
      _ = LinkProcess(LinkModel(delay: .trace([.zero, .milliseconds(-1)])))
    }
  }
}

@Suite struct `Bandwidth` {
  @Test func `the time on the wire is exact, headers among the bytes`() {
    // 1,222 + 28 bytes at 1 Mbit/s are 10 ms; 7 + 28 bytes at 3 Mbit/s are 93,333 ns and a third.
    var slow = Channel(LinkModel(bitsPerSecond: 1e6))
    #expect(slow.delay(1_222) == .milliseconds(10))
    var third = Channel(LinkModel(bitsPerSecond: 3e6))
    #expect(third.delay(7) == .nanoseconds(93_333))
    var fast = Channel(LinkModel(bitsPerSecond: 1e9))
    #expect(fast.delay(1_472) == .nanoseconds(12_000))
  }

  @Test func `datagrams wait for one another and add up`() {
    var channel = Channel(LinkModel(delay: .constant(.milliseconds(7)), bitsPerSecond: 1e6))
    for number in 1...20 as ClosedRange<Int64> {
      #expect(channel.delay(1_222) == .milliseconds(7 + 10 * number))
    }
    // After 205 ms the last one has gone; a new datagram finds the hop free.
    #expect(channel.delay(1_222, at: .zero + .milliseconds(205)) == .milliseconds(17))
  }

  @Test func `fragments repeat the header of 20 bytes`() {
    // 2,972 bytes of payload are 3,000 with headers, and 20 more for the second and third packet
    // each.
    var channel = Channel(LinkModel(bitsPerSecond: 8e6))
    #expect(channel.delay(2_972) == .microseconds(3_040))
  }

  @Test func `a full queue drops what does not fit, byte for byte`() {
    let model = LinkModel(bitsPerSecond: 8e6, queue: ByteCount(3_000))
    var channel = Channel(model)
    #expect(channel.delay(972) == .milliseconds(1))
    #expect(channel.delay(972) == .milliseconds(2))
    #expect(channel.send(973) == .lost(.queueFull))
    #expect(channel.delay(972) == .milliseconds(3))
    #expect(channel.send(0) == .lost(.queueFull))
    // Half a millisecond later 500 bytes have left.
    let later = Instant.zero + .microseconds(500)
    #expect(channel.send(473, at: later) == .lost(.queueFull))
    #expect(channel.delay(472, at: later) == .milliseconds(3))
  }

  @Test func `a queue against a plain twin that counts bytes`() {
    let model = LinkModel(bitsPerSecond: 8e6, queue: ByteCount(20_000))
    var channel = Channel(model)
    var random = Seed(12).stream()
    // At 8 Mbit/s a byte takes a microsecond, so the twin counts in whole numbers.
    var (now, busyUntil, dropped) = (0, 0, 0)
    for _ in 0..<20_000 {
      now += random.below(1_500)
      let payload = random.below(1_472)
      let waiting = max(0, busyUntil - now)
      let sent = channel.send(payload, at: .zero + .microseconds(Int64(now)))
      if waiting + payload + 28 > 20_000 {
        dropped += 1
        #expect(sent == .lost(.queueFull))
      } else {
        busyUntil = max(now, busyUntil) + payload + 28
        #expect(sent == .arrives(at: .zero + .microseconds(Int64(busyUntil)), corrupted: false))
      }
    }
    #expect(dropped > 100)
  }
}

@Suite struct `Packets` {
  @Test(arguments: [
    (0, 1), (1, 1), (1_472, 1), (1_473, 2), (2_952, 2), (2_953, 3), (65_507, 45),
  ])
  func `a datagram over Ethernet takes its fragments`(bytes: Int, fragments: Int) {
    #expect(LinkProcess(LinkModel()).fragmentCount(of: bytes) == fragments)
  }

  @Test func `fragments equal a plain twin that cuts packets, at every packet size`() {
    for packet in 68...1_600 {
      let process = LinkProcess(LinkModel(maximumPacket: ByteCount(packet)))
      for bytes in [0, 1, packet - 28, packet - 27, 1_480, 2_960, 5_000, 9_001, 65_507] {
        var (left, pieces) = (bytes + 8, 1)
        while left > packet - 20 {
          left -= (packet - 20) / 8 * 8
          pieces += 1
        }
        #expect(process.fragmentCount(of: bytes) == pieces, "\(bytes) B in packets of \(packet) B")
      }
    }
  }

  @Test func `a datagram over the packet size is dropped when it must not be cut`() {
    var channel = Channel(LinkModel(doNotFragment: true))
    #expect(channel.delay(1_472) == .zero)
    #expect(channel.send(1_473) == .lost(.packetTooLarge))
    #expect(channel.send(65_508) == .lost(.datagramTooLarge))
  }

  @Test(arguments: [1_500, 65_535, 65_536, 1_000_000])
  func `a datagram of 65,507 bytes goes and one of 65,508 does not, whatever the packet size`(
    packet: Int
  ) {
    for reordering in [false, true] {
      var channel = Channel(
        LinkModel(reordering: reordering, maximumPacket: ByteCount(packet)))
      #expect(channel.delay(65_507) == .zero)
      #expect(channel.send(65_508) == .lost(.datagramTooLarge))
    }
  }
}

@Suite struct `Plain links` {
  /// The same model in a form that is not plain: spikes that never come draw nothing.
  private func twins(_ model: LinkModel) -> (plain: Channel, full: Channel) {
    var detour = model
    if case .model(var parameters) = model.delay {
      parameters.spikes = DelaySpikes(chance: .none, size: .constant(1))
      detour.delay = .model(parameters)
    }
    return (Channel(model, seed: 13), Channel(detour, seed: 13))
  }

  @Test(arguments: [0, 1, 30, 100])
  func `draw exactly as the whole process does`(percent: Double) {
    for excess in [nil, Law.exponential(mean: 0.003)] {
      for packet in [1_500, 700, 65_536] {
        var (plain, full) = twins(
          LinkModel(
            delay: .model(.init(minimum: .milliseconds(2), excess: excess)), reordering: true,
            loss: .bernoulli(.percent(percent)), maximumPacket: ByteCount(packet)))
        #expect(plain.process.plain != nil && full.process.plain == nil)
        #expect(plain.process.isMemoryless && full.process.isMemoryless)
        var sizes = Seed(14).stream()
        for number in 0..<3_000 {
          let (bytes, now) = (sizes.below(70_000), Instant.zero + .microseconds(Int64(number)))
          #expect(plain.send(bytes, at: now) == full.send(bytes, at: now), "\(bytes) B")
          #expect(plain.random == full.random)
        }
      }
    }
  }

  @Test func `are made only of models that have nothing else`() {
    let delay = DelayModel.model(.init(minimum: .zero, excess: .exponential(mean: 0.1)))
    let simple = LinkModel(delay: delay, reordering: true)
    #expect(LinkProcess(simple).plain != nil)
    var others = [LinkModel](repeating: simple, count: 7)
    others[0].duplication = .percent(1)
    others[1].corruption = .percent(1)
    others[2].bitsPerSecond = 1e6
    others[3].reordering = false
    others[4].delay = .trace([.zero])
    others[5].loss = .gilbertElliott(
      goodToBad: .percent(1), badToGood: .percent(1), lossGood: .none, lossBad: .none)
    others[6].delay = .model(
      .init(
        minimum: .zero, excess: .constant(1),
        drift: DelayDrift(deviation: 1, correlationTime: .seconds(1))))
    for model in others { #expect(LinkProcess(model).plain == nil) }
  }
}
