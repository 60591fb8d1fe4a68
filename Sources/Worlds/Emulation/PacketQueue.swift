// The packets that are under way in one direction, in the order in which they arrive.
import LabCore

/// Packets ordered by the time at which they leave the link; equal times keep their order.
///
/// - Complexity: Adding is linear in the packets that the new one overtakes, mostly none.
struct PacketQueue {
  /// A packet under way.
  struct Entry {
    let due: Instant
    let packet: [UInt8]
  }

  private var entries: [Entry] = []
  private var taken = 0

  /// When the first packet is due; `nil` when none is under way.
  var firstTime: Instant? { taken < entries.count ? entries[taken].due : nil }

  /// Adds a packet.
  mutating func insert(_ packet: [UInt8], due: Instant) {
    var place = entries.count
    while place > taken, entries[place - 1].due > due { place -= 1 }
    entries.insert(Entry(due: due, packet: packet), at: place)
  }

  /// Removes and returns the first packet if it is due at a point in time or before.
  mutating func removeFirst(through now: Instant) -> Entry? {
    guard let first = firstTime, first <= now else { return nil }
    let entry = entries[taken]
    taken += 1
    if taken > 1_024, taken * 2 > entries.count {
      entries.removeFirst(taken)
      taken = 0
    }
    return entry
  }
}
