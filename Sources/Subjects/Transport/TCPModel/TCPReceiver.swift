// The receiving half of a connection: order, holes, and when to acknowledge.
import LabCore

/// Puts arriving data in order and decides when it is acknowledged.
///
/// Positions count the peer's data from 0; its end takes one more.
/// > Reference: RFC 9293, section 3.10.7.4; RFC 2018 and RFC 2883 (which blocks are reported);
/// > RFC 5681, section 4.2, with Linux's quick acknowledgements: while the window grows, 16 at the
/// > beginning and after a disturbance, and one for whatever is pushed while data flows one way.
struct TCPReceiver: Hashable, Sendable {
  /// When what has arrived is acknowledged.
  enum Urgency: Int, Hashable, Sendable, Comparable {
    case none
    case soon
    case now

    static func < (left: Urgency, right: Urgency) -> Bool { left.rawValue < right.rawValue }
  }

  private static let mostQuick = 16

  private let configuration: TCPConfiguration
  /// The position that is expected next.
  private(set) var next = 0
  /// Whether everything has arrived, the end included.
  private(set) var hasEnded = false
  /// The data that is in order and has not been taken.
  private(set) var arrived: [Bytes] = []
  /// What the next acknowledgement is due to.
  private(set) var urgency = Urgency.none

  /// Data beyond a hole, by its position; the pieces do not overlap.
  private var held: [Int: Bytes] = [:]
  /// The ranges that ``held`` covers, joined and in order.
  private var runs: [Range<Int>] = []
  /// A position in each run, the one that grew last first.
  private var recent: [Int] = []
  /// The newest data that had arrived before; reported once.
  private var again: Range<Int>?
  private var end: Int?

  /// Up to where has been acknowledged.
  private(set) var acknowledged = 0
  /// The largest segment that has arrived.
  private var largest = 0
  /// How many acknowledgements are still sent at once.
  private var quick = 0
  /// Whether this end answers, so that acknowledgements can travel with its data.
  private var isInteractive = false
  private var lastArrival: Instant
  private var hasArrived = false
  /// How many bytes this end takes beyond its acknowledgement; it grows with what arrives.
  private(set) var window: Int

  init(_ configuration: TCPConfiguration, at now: Instant) {
    self.configuration = configuration
    window = Self.firstWindow(configuration)
    lastArrival = now
  }

  /// The window that an end states at first: 64 KiB, or less where that is the most.
  static func firstWindow(_ configuration: TCPConfiguration) -> Int {
    min(1 << 16, configuration.receiveWindow.bytes)
  }

  /// Begins to receive when the connection stands.
  mutating func begin(at now: Instant) { lastArrival = now }

  /// The position that an acknowledgement states.
  var acknowledgement: Int {
    if configuration.rules == .acknowledgesBeyondHoles, let last = runs.last {
      return last.upperBound
    }
    return next
  }

  /// Removes and returns the data that is in order.
  mutating func takeArrived() -> [Bytes] {
    defer { arrived = [] }
    return arrived
  }

  /// What lies beyond holes, for an acknowledgement with room for so many blocks; a duplicate comes
  /// first.
  func blocks(atMost count: Int) -> [Range<Int>] {
    var blocks: [Range<Int>] = []
    if let again { blocks.append(again) }
    for position in recent {
      guard blocks.count < count else { break }
      guard let run = runs.first(where: { $0.contains(position) }) else { continue }
      if !blocks.dropFirst(again == nil ? 0 : 1).contains(run) { blocks.append(run) }
    }
    return Array(blocks.prefix(count))
  }

  /// Takes the data and the end of one segment.
  ///
  /// - Parameter timeout: The end's own retransmission timeout; a pause longer than it makes
  ///   acknowledgements quick again.
  mutating func take(
    _ payload: Bytes, at start: Int, flags: TCPSegment.Flags, timeout: Duration, now: Instant
  ) {
    let stop = start + payload.count + (flags.contains(.finish) ? 1 : 0)
    guard stop > start, start <= next + configuration.receiveWindow.bytes else { return }
    if flags.contains(.finish) { end = start + payload.count }
    if hasEnded || stop <= next
      || runs.contains(where: { $0.contains(start) && $0.upperBound >= stop })
    {
      return takeAgain(payload, start..<stop)
    }
    let hadHoles = !runs.isEmpty
    let before = next
    if start <= next {
      if start < next { again = start..<next }
      deliver(payload.slice(min(next - start, payload.count)..<payload.count))
      takeHeld()
    } else {
      hold(payload, start..<stop)
    }
    noteArrival(payload.count, timeout: timeout, now: now)
    judge(advanced: next - before, hadHoles: hadHoles, isPushed: flags.contains(.push))
  }

  /// Says that an acknowledgement has left, alone or with data.
  mutating func noteAcknowledged() {
    if urgency != .none, quick > 0 { quick -= 1 }
    acknowledged = acknowledgement
    urgency = .none
    again = nil
  }

  /// Says that data has been sent, which carries an acknowledgement.
  mutating func noteSending(now: Instant) {
    if hasArrived, now - lastArrival < configuration.delayedAcknowledgement { isInteractive = true }
  }

  /// Says that an acknowledgement has waited as long as it may.
  mutating func noteDelay() { isInteractive = false }

  /// Asks for an acknowledgement at once, as something unexpected arrived.
  mutating func acknowledgeQuickly() {
    isInteractive = false
    quick = Self.mostQuick
    urgency = .now
  }

  private mutating func takeAgain(_ payload: Bytes, _ range: Range<Int>) {
    again = range
    if configuration.rules == .deliversAgain, !payload.isEmpty { arrived.append(payload) }
    acknowledgeQuickly()
  }

  private mutating func deliver(_ bytes: Bytes) {
    if !bytes.isEmpty { arrived.append(bytes) }
    next += bytes.count
    endIfComplete()
  }

  private mutating func endIfComplete() {
    guard let end, next == end, !hasEnded else { return }
    hasEnded = true
    next += 1
  }

  /// Hands on what a filled hole had kept back.
  private mutating func takeHeld() {
    while let run = runs.first, run.lowerBound <= next {
      // Positions of pieces that what just arrived covers in part lie before the next one.
      while next < run.upperBound, !hasEnded {
        guard let piece = pieceCovering(next) else { break }
        deliver(piece)
      }
      runs.removeFirst()
      recent.removeAll { run.contains($0) }
    }
    if runs.isEmpty { held = [:] }
  }

  /// The rest of the held piece that has a position, from that position on.
  private mutating func pieceCovering(_ position: Int) -> Bytes? {
    if let whole = held.removeValue(forKey: position) { return whole }
    guard
      let start = held.keys.filter({ $0 < position }).max(), let piece = held[start],
      start + piece.count > position
    else { return nil }
    held[start] = nil
    return piece.slice(position - start..<piece.count)
  }

  /// Keeps data beyond a hole; parts that are there already are not kept again.
  private mutating func hold(_ payload: Bytes, _ range: Range<Int>) {
    if configuration.rules == .deliversWhateverArrives {
      next = range.lowerBound
      return deliver(payload)
    }
    var position = range.lowerBound
    for run in runs where run.upperBound > position && run.lowerBound < range.upperBound {
      keep(payload, range.lowerBound, position..<max(position, run.lowerBound))
      position = run.upperBound
    }
    keep(payload, range.lowerBound, position..<max(position, range.upperBound))
    let touched = runs.filter {
      $0.upperBound >= range.lowerBound && $0.lowerBound <= range.upperBound
    }
    let joined = touched.reduce(range) { whole, run in
      min(whole.lowerBound, run.lowerBound)..<max(whole.upperBound, run.upperBound)
    }
    runs.removeAll { touched.contains($0) }
    let place = runs.firstIndex { $0.lowerBound > joined.lowerBound } ?? runs.count
    runs.insert(joined, at: place)
    recent.removeAll { joined.contains($0) }
    recent.insert(range.lowerBound, at: 0)
  }

  private mutating func keep(_ payload: Bytes, _ start: Int, _ range: Range<Int>) {
    let last = min(range.upperBound - start, payload.count)
    guard range.lowerBound - start < last else { return }
    held[range.lowerBound] = payload.slice(range.lowerBound - start..<last)
  }

  private mutating func noteArrival(_ bytes: Int, timeout: Duration, now: Instant) {
    largest = max(largest, min(bytes, configuration.room))
    if !hasArrived || now - lastArrival > timeout { quick = Self.mostQuick }
    hasArrived = true
    lastArrival = now
    // Linux: a window that grows, by two segments for each that is not small, is told at once.
    if bytes >= 128, window < configuration.receiveWindow.bytes {
      window = min(window + 2 * configuration.room, configuration.receiveWindow.bytes)
      quick = max(quick, 1)
    }
  }

  /// Decides how soon what has just arrived is acknowledged.
  private mutating func judge(advanced: Int, hadHoles: Bool, isPushed: Bool) {
    let isRead = isPushed && !isInteractive
    let isDue =
      hadHoles || !runs.isEmpty || hasEnded || again != nil || next - acknowledged > largest
      || (quick > 0 && !isInteractive) || isRead
    urgency = max(urgency, isDue ? .now : .soon)
  }
}
