// What has been sent and not yet acknowledged, and the counts that congestion control needs of it.
import LabCore

/// The segments under way, in the order of the stream.
///
/// | name | RFC 6675 | Linux |
/// | --- | --- | --- |
/// | ``underWay`` | pipe | `tcp_packets_in_flight` |
/// | ``sacked`` | | `sacked_out` |
/// | ``lost`` | | `lost_out` |
/// | ``repaired`` | | `retrans_out` |
struct Flight: Hashable, Sendable {
  /// One segment that was sent; it keeps its borders when it is sent again.
  struct Entry: Hashable, Sendable {
    /// The positions that it covers; the end of the stream covers one.
    let range: Range<Int>
    let isEnd: Bool
    /// When it was last sent.
    var sentAt: Instant
    /// Its place among all sendings, which tells apart what was sent at one moment.
    var order: Int
    /// How often it was sent again.
    var repeats = 0
    /// Whether the peer has it beyond a hole.
    var isSacked = false
    /// Whether it is taken for lost.
    var isLost = false
    /// Whether it was sent again and is not taken for lost since.
    var isRepaired = false
  }

  private(set) var entries: [Entry] = []
  private(set) var sacked = 0
  private(set) var lost = 0
  private(set) var repaired = 0
  /// How often a segment was ever taken for lost.
  private(set) var losses = 0
  private var sendings = 0

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }
  /// How many segments are on the network, as far as is known.
  var underWay: Int { entries.count - sacked - lost + repaired }
  /// Whether everything is in order: nothing reported beyond a hole, lost or sent again.
  var isCalm: Bool { sacked == 0 && lost == 0 && repaired == 0 }

  mutating func append(_ range: Range<Int>, isEnd: Bool, at now: Instant) {
    entries.append(Entry(range: range, isEnd: isEnd, sentAt: now, order: sendings))
    sendings += 1
  }

  /// Removes the entries that end at or before a position.
  mutating func remove(upTo position: Int) -> [Entry] {
    let count = entries.firstIndex { $0.range.upperBound > position } ?? entries.count
    guard count > 0 else { return [] }
    let removed = Array(entries[..<count])
    entries.removeFirst(count)
    for entry in removed {
      if entry.isSacked { sacked -= 1 }
      if entry.isLost { lost -= 1 }
      if entry.isRepaired { repaired -= 1 }
    }
    return removed
  }

  /// Marks an entry as held by the peer.
  mutating func sack(_ index: Int) {
    if entries[index].isLost { lost -= 1 }
    if entries[index].isRepaired { repaired -= 1 }
    entries[index].isLost = false
    entries[index].isRepaired = false
    entries[index].isSacked = true
    sacked += 1
  }

  /// Takes an entry that the peer does not hold for lost.
  ///
  /// - Returns: Whether it was a repair that is lost now.
  @discardableResult
  mutating func lose(_ index: Int) -> Bool {
    guard !entries[index].isSacked else { return false }
    let wasRepaired = entries[index].isRepaired
    if wasRepaired { repaired -= 1 }
    if !entries[index].isLost { lost += 1 }
    if wasRepaired || !entries[index].isLost { losses += 1 }
    entries[index].isRepaired = false
    entries[index].isLost = true
    return wasRepaired
  }

  /// Notes that an entry is sent again.
  mutating func `repeat`(_ index: Int, at now: Instant) {
    if !entries[index].isRepaired { repaired += 1 }
    entries[index].isRepaired = true
    entries[index].repeats += 1
    entries[index].sentAt = now
    entries[index].order = sendings
    sendings += 1
  }
}
