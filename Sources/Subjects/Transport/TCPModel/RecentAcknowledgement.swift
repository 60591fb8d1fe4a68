// RACK: what was sent before something that has arrived, and has not arrived itself, is lost.
import LabCore

/// The segment sent last among those that have arrived, and how much reordering to allow for.
///
/// > Reference: Cheng, Cardwell, Dukkipati and Jha, *The RACK-TLP Loss Detection Algorithm for
/// > TCP*, RFC 8985, section 6. A window of reordering is used from the start only until three
/// > segments have been reported beyond a hole, and always once reordering has been seen.
struct RecentAcknowledgement: Hashable, Sendable {
  /// How many repairs a wider window of reordering lasts.
  private static let roundsOfPatience = 16
  /// How many segments beyond a hole mean a loss at once.
  private static let duplicateThreshold = 3

  /// The place among all sendings of the segment sent last among those that have arrived.
  private var order: Int?
  private(set) var roundTrip = Duration.zero
  private(set) var hasAdvanced = false
  private var hasReordered = false
  private var quarters: Int64 = 1
  private var patience = 0

  /// Notes that a segment has arrived.
  mutating func take(_ entry: Flight.Entry, minimum: Duration?, now: Instant) {
    let sample = now - entry.sentAt
    // The acknowledgement of an earlier sending.
    if entry.repeats > 0, let minimum, sample < minimum { return }
    hasAdvanced = true
    roundTrip = sample
    order = max(order ?? entry.order, entry.order)
  }

  /// Notes that a segment has arrived after one that was sent later.
  mutating func noteReordering() { hasReordered = true }

  /// Notes that something was sent again in vain, so that reordering needs more time.
  mutating func noteDuplicate() {
    quarters = min(quarters + 1, 255)
    patience = Self.roundsOfPatience
  }

  /// Notes that a repair is complete.
  mutating func noteRepair() {
    guard patience > 0 else { return }
    patience -= 1
    if patience == 0 { quarters = 1 }
  }

  /// Says that what the last arrivals mean has been judged.
  mutating func clear() { hasAdvanced = false }

  /// How long a segment may arrive after one that was sent later.
  func reorderingWindow(
    isRepairing: Bool, sacked: Int, minimum: Duration?, smoothed: Duration?
  ) -> Duration {
    if !hasReordered, isRepairing || sacked >= Self.duplicateThreshold { return .zero }
    guard let minimum, let smoothed else { return .zero }
    return min(.nanoseconds(minimum.nanoseconds / 4 * quarters), smoothed)
  }

  /// How long a segment is still waited for; `nil` when it was sent after all that has arrived.
  func patience(for entry: Flight.Entry, window: Duration, now: Instant) -> Duration? {
    guard let order, entry.order < order else { return nil }
    return timeLeft(for: entry, window: window, now: now)
  }

  /// How long after a segment was sent its acknowledgement is due, less the time since.
  func timeLeft(for entry: Flight.Entry, window: Duration, now: Instant) -> Duration {
    roundTrip + window - (now - entry.sentAt)
  }
}
