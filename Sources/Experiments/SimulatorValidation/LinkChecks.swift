// What a link does to datagrams, against what its parameters say.
import LabCore
import Network
import Simulation
import Statistics

/// The share of datagrams that a link loses, and how long its losses last.
struct LossCheck {
  var check: Check
  private static let loss = 0.05
  private static let goodToBad = 0.02
  private static let badToGood = 0.25

  func run(datagrams: Int, factor: Double, seed: Seed) -> Check.Outcome {
    let (goodToBad, badToGood) = (Self.goodToBad, Self.badToGood)
    let formula: Double
    let model: LossModel
    switch check {
    case .bernoulliLoss:
      formula = Self.loss
      model = .bernoulli(ratio(Self.loss * factor))
    case .gilbertElliottBurst:
      // A visit to the bad state, where everything is lost, lasts 1 / r datagrams.
      formula = 1 / badToGood
      model = gilbert(goodToBad, badToGood * factor)
    default:
      formula = goodToBad / (goodToBad + badToGood)
      model = gilbert(goodToBad * factor, badToGood)
    }
    let link = LinkModel(loss: model)
    let stream = LinkStream.run(datagrams: datagrams, over: link, seed: seed)
    let lost = stream.arrived.count { !$0 }
    if check == .gilbertElliottBurst {
      let bursts = zip([true] + stream.arrived, stream.arrived).count { $0 && !$1 }
      return Check.Outcome(
        measured: Double(lost) / Double(max(bursts, 1)), formula: formula,
        fingerprint: stream.fingerprint)
    }
    return Check.Outcome(
      measured: Double(lost) / Double(datagrams), formula: formula, fingerprint: stream.fingerprint)
  }

  private func gilbert(_ goodToBad: Double, _ badToGood: Double) -> LossModel {
    .gilbertElliott(
      goodToBad: ratio(goodToBad), badToGood: ratio(badToGood), lossGood: .none,
      lossBad: .percent(100))
  }

  private func ratio(_ value: Double) -> Ratio { .percent(min(value, 1) * 100) }
}

/// The mean delay of a link whose excess follows a law.
struct DelayCheck {
  var check: Check

  func run(datagrams: Int, factor: Double, seed: Seed) -> Check.Outcome {
    let law = self.law(factor: 1)
    let link = LinkModel(
      delay: .model(DelayParameters(minimum: .milliseconds(10), excess: self.law(factor: factor))),
      reordering: true)
    let stream = LinkStream.run(datagrams: datagrams, over: link, seed: seed)
    let total = stream.delays.reduce(0) { $0 + $1.nanoseconds }
    return Check.Outcome(
      measured: Double(total) / 1e9 / Double(datagrams), formula: 0.010 + law.mean,
      fingerprint: stream.fingerprint)
  }

  /// The law of the excess in seconds; the factor stretches it.
  private func law(factor: Double) -> Law {
    let unit = 0.020 * factor
    switch check {
    case .delayConstant: return .constant(unit)
    case .delayUniform: return .uniform(low: 0.5 * unit, high: 1.5 * unit)
    case .delayNormal: return .normal(mean: unit, standardDeviation: 0.1 * unit)
    case .delayLognormal: return .lognormal(median: unit, sigma: 0.5)
    case .delayGamma: return .gamma(shape: 2.5, scale: 0.4 * unit)
    case .delayWeibull: return .weibull(shape: 1.5, scale: unit)
    case .delayPareto: return .pareto(minimum: 0.75 * unit, tailIndex: 4)
    case .delayMixture:
      return .mixture([
        (weight: 0.9, law: .constant(unit)), (weight: 0.1, law: .exponential(mean: 5 * unit)),
      ])
    case .delayEmpirical:
      let values = [0.4, 0.6, 0.7, 0.9, 1.0, 1.1, 1.4, 1.9].map { $0 * unit }
      do { return .empirical(try SortedSample(values)) } catch {
        preconditionFailure("eight finite values are a sample: \(error)")
      }
    default: return .exponential(mean: unit)
    }
  }
}

/// A run of datagrams from one node to another, one a millisecond.
struct LinkStream {
  /// Whether each datagram arrived.
  var arrived: [Bool]
  /// How long each one that arrived was under way, in the order of sending.
  var delays: [Duration]
  var fingerprint: UInt64

  static func run(datagrams: Int, over link: LinkModel, seed: Seed) -> LinkStream {
    var world = SimulatedWorld(NetworkDescription(nodes: 2, link: link), seed: seed) { node, _ in
      StreamNode(remaining: node == NodeID(0) ? datagrams : 0)
    }
    var delays = [Duration?](repeating: nil, count: datagrams)
    world.run(until: .zero + .seconds(3_600) + .milliseconds(Int64(datagrams))) { _, at, number in
      delays[number.value] = at - StreamNode.departure(number.value)
    }
    return LinkStream(
      arrived: delays.map { $0 != nil }, delays: delays.compactMap { $0 },
      fingerprint: world.fingerprint)
  }
}

/// Sends numbered datagrams at fixed times, or reports those that arrive.
struct StreamNode: Instance {
  /// The number of a datagram.
  struct Message: WireMessage {
    var value: Int
    var wireBytes: Int { 8 }
    func encode(into writer: inout ByteWriter) { writer.write(Int64(value)) }
    static func decode(_ bytes: Bytes) -> Message? {
      var reader = ByteReader(bytes)
      guard let value = reader.read(Int64.self), reader.remaining == 0 else { return nil }
      return Message(value: Int(value))
    }
    func hash(into hasher: inout StableHasher) { hasher.combine(value) }
  }

  typealias Report = Message

  enum Timer: UInt32, TimerName {
    case send
  }

  /// How many datagrams are to be sent.
  var remaining: Int
  private var next = 0

  init(remaining: Int) { self.remaining = remaining }

  /// When the datagram with a number is sent.
  static func departure(_ number: Int) -> Instant { .zero + .milliseconds(Int64(number)) }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    if remaining > 0 { step.set(.send, after: .zero) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    step.send(Message(value: next), to: NodeID(1))
    next += 1
    if next < remaining { step.set(.send, after: .milliseconds(1)) }
  }

  mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    step.report(message)
  }
}
