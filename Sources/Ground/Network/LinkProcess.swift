// The random behaviour of links: what a link model does to one datagram after another.

import Glibc
public import LabCore
import Statistics

/// Why a datagram did not arrive.
public enum LossReason: UInt8, Hashable, Sendable, CaseIterable {
  /// The link lost it.
  case lost
  /// The queue before the narrowest hop was full.
  case queueFull
  /// It is larger than a packet and must not be cut.
  case packetTooLarge
  /// It is larger than any datagram may be; sending it fails.
  case datagramTooLarge
  /// A partition stood between the nodes.
  case partitioned
  /// The receiver was not running.
  case receiverDown
  /// It was changed on the way and is no message any more.
  case unreadable
}

/// What a link makes of one datagram.
public enum Transmission: Hashable, Sendable {
  /// It arrives.
  case arrives(at: Instant, corrupted: Bool)
  /// It arrives twice.
  case arrivesTwice(first: Instant, second: Instant)
  /// It does not arrive.
  case lost(LossReason)
}

/// What one link remembers from one datagram to the next.
public struct LinkState: Sendable, BitwiseCopyable {
  @usableFromInline var lastArrival = Instant.zero
  @usableFromInline var busyUntil = Instant.zero
  @usableFromInline var driftAt = Instant.zero
  @usableFromInline var drift = 0.0
  @usableFromInline var started = false
  @usableFromInline var bad = false
  @usableFromInline var traceIndex: Int32 = 0

  /// A link that has carried nothing yet.
  @inlinable public init() {}
}

/// A link model made ready for many datagrams.
///
/// - Determinism: The model, the state, the stream and the datagrams in their order fix every
///   ``Transmission``.
public struct LinkProcess: Sendable {
  /// The largest payload of a UDP datagram over IPv4: 65,535 bytes less 28 of headers.
  ///
  /// > Reference: RFC 768 and RFC 791.
  public static let largestDatagram = ByteCount(65_507)
  /// The bytes that IPv4 and UDP put before a payload.
  public static let headers = ByteCount(28)

  /// What the link does, as a person describes it.
  public let model: LinkModel
  /// Whether the fate of a datagram depends on nothing but the stream, so that a state is not
  /// needed.
  public let isMemoryless: Bool

  /// The link in a form without references, if it is simple enough for one.
  public let plain: PlainLink?

  private let lossChance: Ratio

  /// Prepares a model.
  ///
  /// - Precondition: Neither the minimum of the delay nor a delay of a trace is negative.
  public init(_ model: LinkModel) {
    self.model = model
    var memoryless = model.reordering && model.bitsPerSecond == nil
    switch model.delay {
    case .model(let parameters):
      precondition(parameters.minimum >= .zero, "a delay of at least \(parameters.minimum)")
      memoryless = memoryless && parameters.drift == nil
    case .trace(let delays):
      precondition(delays.allSatisfy { $0 >= .zero }, "a trace has a negative delay")
      memoryless = false
    }
    switch model.loss {
    case .none: lossChance = .none
    case .bernoulli(let chance): lossChance = chance
    case .gilbertElliott: (lossChance, memoryless) = (.none, false)
    }
    isMemoryless = memoryless
    plain = memoryless ? PlainLink(model, lossChance: lossChance) : nil
  }

  /// Sends one datagram.
  ///
  /// - Parameters:
  ///   - bytes: The length of its payload.
  ///   - now: When it is sent; not before any earlier datagram of the same state.
  ///   - state: What the link remembers; ignored when ``isMemoryless``.
  ///   - random: The stream that decides.
  /// - Complexity: Constant, and linear in the number of fragments of a large datagram.
  public func transmit(
    bytes: Int, at now: Instant, state: inout LinkState, random: inout RandomStream
  ) -> Transmission {
    if let plain, bytes <= plain.largestPayload { return plain.transmit(at: now, &random) }
    guard bytes <= Self.largestDatagram.bytes else { return .lost(.datagramTooLarge) }
    let fragments = fragmentCount(of: bytes)
    if fragments > 1, model.doNotFragment { return .lost(.packetTooLarge) }
    // Fragments after the first repeat the 20 bytes of the IPv4 header.
    let onTheWire = bytes + Self.headers.bytes + 20 * (fragments - 1)
    guard let departure = queue(onTheWire, at: now, &state) else { return .lost(.queueFull) }
    var lost = false
    for _ in 0..<fragments where loses(&state, &random) { lost = true }
    if lost { return .lost(.lost) }
    let arrival = inOrder(departure + delay(at: departure, &state, &random), &state)
    if random.chance(model.duplication) {
      let second = departure + delay(at: departure, &state, &random)
      return .arrivesTwice(first: arrival, second: inOrder(second, &state))
    }
    return .arrives(at: arrival, corrupted: bytes > 0 && random.chance(model.corruption))
  }

  /// How many packets a datagram takes.
  ///
  /// > Reference: RFC 791, section 3.2: every fragment but the last carries a multiple of 8 bytes.
  func fragmentCount(of bytes: Int) -> Int {
    guard bytes > model.maximumPacket.bytes - Self.headers.bytes else { return 1 }
    let last = max(model.maximumPacket.bytes - 20, 8)
    let other = last / 8 * 8
    return 1 + (bytes + 8 - last + other - 1) / other
  }

  private func queue(_ bytes: Int, at now: Instant, _ state: inout LinkState) -> Instant? {
    guard let rate = model.bitsPerSecond else { return now }
    let start = max(now, state.busyUntil)
    let waiting = Double((start - now).nanoseconds) * rate / 8e9
    guard waiting + Double(bytes) <= Double(model.queue.bytes) else { return nil }
    state.busyUntil = start + Duration.delay(Double(bytes) * 8 / rate)
    return state.busyUntil
  }

  private func loses(_ state: inout LinkState, _ random: inout RandomStream) -> Bool {
    guard case .gilbertElliott(let goodToBad, let badToGood, let lossGood, let lossBad) = model.loss
    else { return random.chance(lossChance) }
    if !state.started {
      // The chain begins in its stationary state, so that short runs lose as much as long ones.
      state.started = true
      let total = goodToBad.value + badToGood.value
      state.bad = total > 0 && random.unit() * total < goodToBad.value
    } else if random.chance(state.bad ? badToGood : goodToBad) {
      state.bad.toggle()
    }
    return random.chance(state.bad ? lossBad : lossGood)
  }

  private func delay(
    at now: Instant, _ state: inout LinkState, _ random: inout RandomStream
  ) -> Duration {
    let parameters: DelayParameters
    switch model.delay {
    case .trace(let delays):
      guard !delays.isEmpty else { return .zero }
      let delay = delays[Int(state.traceIndex)]
      state.traceIndex = (state.traceIndex + 1) % Int32(delays.count)
      return delay
    case .model(let model): parameters = model
    }
    var seconds = parameters.excess.map { max(0, $0.sample(&random)) } ?? 0
    if let drift = parameters.drift {
      seconds *= factor(of: drift, at: now, &state, &random)
    }
    if let spikes = parameters.spikes, random.chance(spikes.chance) {
      seconds += max(0, spikes.size.sample(&random))
    }
    return parameters.minimum + Duration.delay(seconds)
  }

  /// The drifting factor now, by the exact step of an Ornstein-Uhlenbeck process since the last
  /// datagram.
  private func factor(
    of drift: DelayDrift, at now: Instant, _ state: inout LinkState, _ random: inout RandomStream
  ) -> Double {
    let kept: Double
    if state.driftAt == .zero, state.drift == 0 {
      kept = 0
    } else {
      let elapsed = (now - state.driftAt).seconds
      kept = elapsed > 0 ? exp(-elapsed / drift.correlationTime.seconds) : 1
    }
    let fresh = (1 - kept * kept).squareRoot() * drift.deviation
    state.drift = kept * state.drift + random.standardNormal() * fresh
    state.driftAt = now
    return exp(state.drift)
  }

  private func inOrder(_ arrival: Instant, _ state: inout LinkState) -> Instant {
    guard !model.reordering else { return arrival }
    state.lastArrival = max(state.lastArrival, arrival)
    return state.lastArrival
  }
}

/// A link that delays by a constant or an exponential law and loses by chance, nothing else: the
/// common case of large simulations, without a reference to count.
///
/// It draws from the stream exactly as its ``LinkProcess`` would.
public struct PlainLink: Sendable, BitwiseCopyable {
  /// The longest payload that goes in one packet; larger datagrams take the whole ``LinkProcess``.
  public let largestPayload: Int
  @usableFromInline let minimum: Duration
  /// The mean of the exponential excess in seconds; 0 for none.
  @usableFromInline let meanExcess: Double
  @usableFromInline let lossChance: Ratio

  init?(_ model: LinkModel, lossChance: Ratio) {
    guard case .model(let parameters) = model.delay, parameters.spikes == nil,
      model.duplication == .none, model.corruption == .none
    else { return nil }
    switch parameters.excess {
    case nil: meanExcess = 0
    case .exponential(let mean): meanExcess = mean
    default: return nil
    }
    minimum = parameters.minimum
    self.lossChance = lossChance
    let room = model.maximumPacket.bytes - LinkProcess.headers.bytes
    largestPayload = min(room, LinkProcess.largestDatagram.bytes)
  }

  /// Sends one datagram of at most ``largestPayload``.
  @inlinable @inline(__always)
  public func transmit(at now: Instant, _ random: inout RandomStream) -> Transmission {
    if random.chance(lossChance) { return .lost(.lost) }
    guard meanExcess > 0 else { return .arrives(at: now + minimum, corrupted: false) }
    let excess = Duration.delay(random.exponential(mean: meanExcess))
    return .arrives(at: now + minimum + excess, corrupted: false)
  }
}

extension Duration {
  /// A delay from drawn seconds, to the nearest nanosecond: none for negative ones, at most a year.
  @inlinable @inline(__always)
  static func delay(_ seconds: Double) -> Duration {
    Duration(nanoseconds: Int64(Swift.max(0, Swift.min(seconds, 3.2e7)) * 1e9 + 0.5))
  }
}
