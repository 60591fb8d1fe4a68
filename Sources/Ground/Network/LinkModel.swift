public import LabCore
public import Statistics

/// How one direction of a link treats datagrams, as plain values.
///
/// The delay of a datagram is the time in the bandwidth queue, the serialisation time, and the
/// propagation delay of ``DelayModel``.
/// > Reference: The shape (a minimum, a right tail, a slowly moving parameter, rare spikes, first
/// > in first out) follows Acharya and Saltz, *A Study of Internet Round-Trip Delay*,
/// > UMIACS-TR-96-97.
public struct LinkModel: Hashable, Sendable {
  /// The propagation delay.
  public var delay: DelayModel
  /// Whether a datagram may overtake an earlier one; without it the link is first in, first out.
  public var reordering: Bool
  /// Which datagrams are lost on the way.
  public var loss: LossModel
  /// The chance that a datagram arrives twice.
  public var duplication: Ratio
  /// The chance that one byte of a datagram is changed on the way.
  public var corruption: Ratio
  /// The rate of the narrowest hop in bits a second; `nil` for a link that never queues.
  public var bitsPerSecond: Double?
  /// How many bytes may wait for the narrowest hop; a datagram that does not fit is dropped.
  public var queue: ByteCount
  /// The largest packet on the path, with its IPv4 and UDP headers.
  public var maximumPacket: ByteCount
  /// Whether a datagram over ``maximumPacket`` is dropped instead of being cut into fragments.
  public var doNotFragment: Bool

  /// Describes a link; the defaults are a perfect link with the packet size of Ethernet.
  public init(
    delay: DelayModel = .constant(.zero),
    reordering: Bool = false,
    loss: LossModel = .none,
    duplication: Ratio = .none,
    corruption: Ratio = .none,
    bitsPerSecond: Double? = nil,
    queue: ByteCount = ByteCount(256 * 1024),
    maximumPacket: ByteCount = ByteCount(1500),
    doNotFragment: Bool = false
  ) {
    self.delay = delay
    self.reordering = reordering
    self.loss = loss
    self.duplication = duplication
    self.corruption = corruption
    self.bitsPerSecond = bitsPerSecond
    self.queue = queue
    self.maximumPacket = maximumPacket
    self.doNotFragment = doNotFragment
  }
}

/// The propagation delay of a link.
public enum DelayModel: Hashable, Sendable {
  /// A minimum and what comes on top of it.
  case model(DelayParameters)
  /// The delays of a recorded trace, one a datagram, from the first again after the last.
  case trace([Duration])

  /// The same delay for every datagram.
  public static func constant(_ delay: Duration) -> DelayModel {
    .model(DelayParameters(minimum: delay))
  }
}

/// A delay as a minimum, a random excess, a slow movement of the excess, and rare spikes.
public struct DelayParameters: Hashable, Sendable {
  /// The delay that no datagram undercuts.
  public var minimum: Duration
  /// The law of the excess in seconds; negative draws count as none.
  public var excess: Law?
  /// The slow movement of the excess.
  public var drift: DelayDrift?
  /// Rare additional delays.
  public var spikes: DelaySpikes?

  /// Describes a delay.
  public init(
    minimum: Duration, excess: Law? = nil, drift: DelayDrift? = nil, spikes: DelaySpikes? = nil
  ) {
    self.minimum = minimum
    self.excess = excess
    self.drift = drift
    self.spikes = spikes
  }
}

/// A factor on the excess that wanders: the exponential of a stationary first-order process with
/// mean zero, whose correlation falls by 1/e in ``correlationTime``.
public struct DelayDrift: Hashable, Sendable {
  /// The standard deviation of the factor's logarithm.
  public var deviation: Double
  /// The time in which the correlation falls by a factor of e.
  public var correlationTime: Duration

  /// Describes a drift.
  public init(deviation: Double, correlationTime: Duration) {
    self.deviation = deviation
    self.correlationTime = correlationTime
  }
}

/// A rare additional delay that a single datagram meets.
public struct DelaySpikes: Hashable, Sendable {
  /// The chance for each datagram.
  public var chance: Ratio
  /// The law of the additional delay in seconds.
  public var size: Law

  /// Describes spikes.
  public init(chance: Ratio, size: Law) {
    self.chance = chance
    self.size = size
  }
}

/// Which datagrams a link loses.
public enum LossModel: Hashable, Sendable {
  /// Every datagram arrives.
  case none
  /// Each with the same chance, independently.
  case bernoulli(Ratio)
  /// By the state of a two-state chain that steps once a packet.
  ///
  /// > Reference: Gilbert, BSTJ 39, 1960; Elliott, BSTJ 42, 1963. The stationary loss is
  /// > (r·lossGood + p·lossBad) / (p + r), where p is `goodToBad` and r is `badToGood`; a visit to
  /// > the bad state lasts 1/r packets on average.
  case gilbertElliott(goodToBad: Ratio, badToGood: Ratio, lossGood: Ratio, lossBad: Ratio)
}
