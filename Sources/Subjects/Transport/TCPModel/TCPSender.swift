// The sending half of a connection: what is sent when, and what acknowledgements change.
import LabCore

/// Sends a stream through a congestion window and repairs what is lost.
///
/// Positions count the stream's bytes from 0; its end takes one more.
/// > Reference: RFC 5681; RFC 6298; RFC 6675 (what is under way); RFC 6937 (how a repair is paced);
/// > RFC 8985 (what is lost, and the probe of a tail); each as Linux does it.
struct TCPSender: Hashable, Sendable {
  /// Where the sender stands, in Linux's words.
  enum State: Hashable, Sendable {
    /// Nothing unusual.
    case open
    /// Something is beyond a hole, and nothing is taken for lost.
    case disorder
    /// Losses are repaired as acknowledgements arrive.
    case recovery
    /// Losses are repaired after a timeout.
    case loss
  }

  /// What the sender's timer is for.
  enum Wait: Hashable, Sendable {
    case timeout
    case probe
    case reordering
  }

  /// A segment to send.
  struct Output: Hashable, Sendable {
    var range: Range<Int>
    var isEnd: Bool
  }

  let configuration: TCPConfiguration
  var stream = OutgoingStream()
  var flight = Flight()
  var window: CongestionWindow
  var roundTrip: RoundTripEstimator
  var recent = RecentAcknowledgement()
  var state = State.open
  /// The position up to which everything is acknowledged.
  var acknowledged = 0
  /// The position behind what was ever sent.
  var next = 0
  /// The position up to which the peer takes data.
  var windowEnd: Int
  /// What was sent when the present repair began: its acknowledgement ends the repair.
  var repairEnd = 0
  /// How often in a row the timer has run out.
  var timeouts = 0
  /// When the timer runs out, and what it is for.
  var timer: (wait: Wait, at: Instant)? {
    get { timerAt.map { (timerWait, $0) } }
    set {
      timerAt = newValue?.at
      timerWait = newValue?.wait ?? .timeout
    }
  }
  /// How many bytes of data a segment holds at most.
  private var room: Int
  private var timerAt: Instant?
  private var timerWait = Wait.timeout
  /// The end of a stream that is closed.
  var hasEnd = false
  /// What was sent when the tail was probed last.
  var probeEnd: Int?
  /// Whether that probe sent something again.
  var probeRepeated = false
  /// The highest position that was ever acknowledged or reported beyond a hole.
  var highest = 0
  /// How many segments have arrived at the peer, and how many of those in the present repair.
  var delivered = 0
  var deliveredInRepair = 0
  /// How many segments were sent in the present repair.
  var sentInRepair = 0
  /// The window before the present repair.
  var windowBeforeRepair = 0
  /// Whether the window, and nothing else, has held data back lately.
  var isWindowLimited = false
  /// The most segments that were under way in the present round trip, and where that ends.
  var mostUnderWay = 0
  var usageEnd = 0
  var lastSending: Instant
  /// What waits to be made into segments.
  var outputs: [Output] = []

  init(_ configuration: TCPConfiguration, windowEnd: Int, at now: Instant) {
    self.configuration = configuration
    self.windowEnd = windowEnd
    room = configuration.room
    window = CongestionWindow(configuration)
    roundTrip = RoundTripEstimator(configuration)
    lastSending = now
  }

  /// Begins to send when the connection stands.
  ///
  /// - Parameters:
  ///   - sample: The round trip of the handshake.
  ///   - repeats: How often a part of the handshake was sent again; more than once leaves a window
  ///     of one segment.
  mutating func begin(roundTrip sample: Duration, repeats: Int, now: Instant) {
    roundTrip.takeMinimum(sample)
    roundTrip.take(sample, acknowledged: 0, sent: 0)
    if repeats > 1 { window.size = 1 }
    lastSending = now
  }

  /// Sends no larger segments than the peer takes.
  mutating func limitSegments(to bytes: Int) {
    room = max(min(room, bytes - 12), 1)
  }

  /// Removes and returns what has to be made into segments.
  mutating func takeOutputs() -> [Output] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  /// How many bytes have never been sent.
  var unsent: Int { stream.end - min(next, stream.end) }

  /// Whether everything, the end included, is acknowledged.
  var isComplete: Bool { hasEnd && acknowledged > stream.end }

  /// Sends what the windows allow of what has never been sent.
  mutating func transmit(now: Instant) {
    noteIdleTime(now: now)
    var sent = 0
    while unsent > 0 || (hasEnd && next == stream.end) {
      guard flight.underWay < window.size else { break }
      guard sendNext(now: now) else { break }
      sent += 1
    }
    noteUsage(isLimited: flight.underWay >= window.size, sent: sent)
    guard sent > 0 else { return }
    if state == .recovery { sentInRepair += sent }
    scheduleProbe(afterAcknowledgement: false, now: now)
  }

  /// Sends the next segment that was never sent, whatever the congestion window says.
  mutating func sendNext(now: Instant) -> Bool {
    let isEnd = unsent == 0
    let length = isEnd ? 1 : min(unsent, room, windowEnd - next)
    guard length > 0, hasEnd || !isEnd else { return false }
    let wasEmpty = flight.isEmpty
    flight.append(next..<next + length, isEnd: isEnd, at: now)
    outputs.append(Output(range: next..<next + length, isEnd: isEnd))
    next += length
    lastSending = now
    if wasEmpty || timer?.wait == .probe { restartTimeout(now: now) }
    return true
  }

  /// Lowers the window after a pause, and takes the pause out of the cubic function's time.
  private mutating func noteIdleTime(now: Instant) {
    guard flight.isEmpty, unsent > 0, next > 0 else { return }
    let idle = now - lastSending
    window.skip(idle)
    if configuration.restartsAfterIdle, idle > roundTrip.timeout {
      window.restart(
        afterIdle: idle, timeout: roundTrip.timeout, initial: configuration.initialWindow)
    }
  }

  /// Keeps count of how much of the congestion window is used.
  private mutating func noteUsage(isLimited: Bool, sent: Int) {
    guard sent > 0 || isLimited else { return }
    if acknowledged >= usageEnd || isLimited
      || (!isWindowLimited && flight.count > mostUnderWay)
    {
      isWindowLimited = isLimited
      mostUnderWay = flight.count
      usageEnd = next
    }
  }

  /// Whether more acknowledgements may open the window: only when it is used.
  var usesWindow: Bool {
    isWindowLimited || (window.isInSlowStart && window.size < 2 * mostUnderWay)
  }

  // MARK: Timer

  /// Waits anew for as long as the timeout is, or for nothing when nothing is under way.
  mutating func restartTimeout(now: Instant) {
    guard let first = flight.entries.first else {
      timer = nil
      return
    }
    var delay = roundTrip.timeout
    if let wait = timer?.wait, wait != .timeout {
      delay = max(first.sentAt + roundTrip.timeout - now, .milliseconds(1))
    }
    timer = (.timeout, now + delay)
  }

  /// Probes the tail of the flight before the timeout, when everything is in order.
  ///
  /// - Returns: Whether there is a probe to wait for.
  @discardableResult
  mutating func scheduleProbe(afterAcknowledgement: Bool, now: Instant) -> Bool {
    guard let first = flight.entries.first, state == .open,
      configuration.rules != .sendsNoProbe, let smoothed = roundTrip.smoothed
    else { return false }
    // A lone segment may meet a delayed acknowledgement.
    var delay = smoothed * 2
    delay += flight.count == 1 ? configuration.minimumTimeout : .milliseconds(2)
    let timeout =
      afterAcknowledgement
      ? roundTrip.timeout : first.sentAt + roundTrip.timeout - now
    if timeout > .zero { delay = min(delay, timeout) }
    timer = (.probe, now + delay)
    return true
  }

  /// Takes the end of the timer's time.
  ///
  /// - Returns: Whether the connection goes on; it does not when the peer has been silent for too
  ///   long.
  mutating func fire(now: Instant) -> Bool {
    guard let wait = timer?.wait, !flight.isEmpty else {
      timer = nil
      return true
    }
    switch wait {
    case .timeout: return timeOut(now: now)
    case .probe: probe(now: now)
    case .reordering: endReordering(now: now)
    }
    return true
  }
}
