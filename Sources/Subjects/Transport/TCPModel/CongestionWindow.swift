// The congestion window: slow start, Reno's and CUBIC's avoidance, and the reduction at a loss.
import LabCore

/// How many segments may be under way.
///
/// | field | RFC 9438 |
/// | --- | --- |
/// | ``size`` | cwnd |
/// | ``threshold`` | ssthresh |
/// | `plateau` | W_max |
/// | `beforeReduction` | cwnd_prior |
/// | `likeReno` | W_est |
/// | `timeToPlateau` | K |
///
/// As in Linux, acknowledged segments count and not acknowledgements, so that delayed ones do not
/// slow the growth, and a reduction is taken from the window and not from what is under way.
/// > Reference: RFC 5681, sections 3.1 and 3.2; RFC 9438, section 4.
struct CongestionWindow: Hashable, Sendable {
  /// The growth of the cubic function in segments per second cubed: C.
  static let cubicGrowth = 0.4
  /// What CUBIC keeps of the window at a loss: β.
  static let cubicShare = 0.7

  private let control: CongestionControl
  private let rules: TCPRules
  /// The window in segments.
  var size: Int
  /// Where slow start ends.
  private(set) var threshold = Int.max
  /// Reno: acknowledged segments that have not made the window larger.
  private var credit = 0

  private var exact = 0.0
  private var plateau = 0.0
  private var beforeReduction = 0.0
  private var likeReno = 0.0
  private var timeToPlateau = 0.0
  private var origin = 0.0
  /// When the present avoidance began; `nil` when the next acknowledgement begins one.
  private var epoch: Instant?

  init(_ configuration: TCPConfiguration) {
    control = configuration.congestionControl
    rules = configuration.rules
    size = configuration.initialWindow
  }

  /// Whether the window still doubles each round trip.
  var isInSlowStart: Bool { size < threshold }

  /// Grows with acknowledged segments.
  mutating func grow(by acknowledged: Int, roundTrip: Duration, now: Instant) {
    var rest = acknowledged
    if isInSlowStart {
      let growth = min(rest, threshold - size)
      size += growth
      rest -= growth
    }
    guard rest > 0 else { return }
    switch control {
    case .reno:
      credit += rest
      let growth = credit / size
      credit -= growth * size
      size += growth
    case .cubic: growCubic(by: rest, roundTrip: roundTrip, now: now)
    }
  }

  private mutating func growCubic(by acknowledged: Int, roundTrip: Duration, now: Instant) {
    let start: Instant
    if let epoch, Int(exact) == size {
      start = epoch
    } else {
      start = now
      epoch = now
      exact = Double(size)
      likeReno = exact
      origin = max(plateau, exact)
      timeToPlateau = Self.cubeRoot((origin - exact) / Self.cubicGrowth)
    }
    func cubic(_ time: Double) -> Double {
      let distance = time - timeToPlateau
      return Self.cubicGrowth * distance * distance * distance + origin
    }
    let time = (now - start).seconds
    let share = Self.cubicShare
    let slope = likeReno >= beforeReduction ? 1 : 3 * (1 - share) / (1 + share)
    likeReno += slope * Double(acknowledged) / exact
    if cubic(time) < likeReno {
      exact = max(exact, likeReno)
    } else {
      let target = min(max(cubic(time + roundTrip.seconds), exact), 1.5 * exact)
      exact += (target - exact) / exact * Double(acknowledged)
    }
    size = Int(exact)
  }

  /// Lowers the threshold after a loss; the window itself follows while what was lost is repaired.
  mutating func reduce() {
    credit = 0
    epoch = nil
    guard rules != .ignoresCongestion else {
      threshold = size
      return
    }
    switch control {
    case .reno: threshold = max(size / 2, 2)
    case .cubic:
      // Whole segments would lose a part of the window in each reduction.
      let window = Int(exact) == size ? exact : Double(size)
      // Fast convergence: a window that has not reached its plateau leaves room for others.
      plateau = window < plateau ? window * (1 + Self.cubicShare) / 2 : window
      beforeReduction = window
      threshold = max(Int(window * Self.cubicShare), 2)
    }
  }

  /// Forgets the plateau, which a timeout makes meaningless.
  mutating func forgetPlateau() { plateau = 0 }

  /// Ends a repair: the window stands at the threshold.
  mutating func settle() { if threshold < .max { size = threshold } }

  /// Lowers the window of a connection that has sent nothing for longer than its timeout, by half
  /// for each timeout, and no further than the initial window.
  ///
  /// > Reference: RFC 5681, section 4.1, as Linux does it.
  mutating func restart(afterIdle idle: Duration, timeout: Duration, initial: Int) {
    threshold = max(threshold, size - size / 4)
    let floor = min(initial, size)
    var rest = idle - timeout
    while rest > .zero, size > floor {
      size /= 2
      rest = rest - timeout
    }
    size = max(size, floor)
    epoch = nil
  }

  /// Moves the cubic function by a time in which nothing was under way.
  mutating func skip(_ idle: Duration) { epoch = epoch.map { $0 + idle } }

  /// The cube root by Newton's iteration, the same on every machine.
  static func cubeRoot(_ number: Double) -> Double {
    guard number > 0 else { return 0 }
    var root = max(number, 1)
    for _ in 0..<100 {
      let next = (2 * root + number / (root * root)) / 3
      if next >= root { return root }
      root = next
    }
    return root
  }
}
