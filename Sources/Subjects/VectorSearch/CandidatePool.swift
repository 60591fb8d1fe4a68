// The nearest rows that a search has seen.

/// A bounded list of candidates in the order of their distance, each marked once its links were
/// followed.
///
/// A candidate is one word: the distance in the upper half, in a form that orders as whole numbers
/// do, then the row's number and the mark. Equal distances order by row, so that no result depends
/// on the order in which rows were seen.
/// - Complexity: Inserting takes a binary search and moves the words behind.
struct CandidatePool {
  private var words: UnsafeMutablePointer<UInt64>
  private var room: Int
  private(set) var capacity = 0
  private(set) var count = 0
  /// The first candidate that may not have been followed.
  private var cursor = 0

  init() {
    room = 128
    words = .allocate(capacity: room + 1)
  }

  /// Gives the memory back; the pool must not be used any more.
  func deallocate() { words.deallocate() }

  /// Empties the pool and sets how many candidates it keeps.
  mutating func reset(capacity: Int) {
    if capacity > room {
      words.deallocate()
      room = capacity
      words = .allocate(capacity: room + 1)
    }
    self.capacity = capacity
    count = 0
    cursor = 0
  }

  /// A row at a distance, not yet followed.
  @inline(__always)
  static func word(_ row: UInt32, _ distance: Float) -> UInt64 {
    let bits = distance.bitPattern
    let ordered = bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)
    return UInt64(ordered) << 32 | UInt64(row) << 1
  }

  /// The row of a word.
  @inline(__always)
  static func row(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word) >> 1 }

  /// The distance of a word.
  @inline(__always)
  static func distance(_ word: UInt64) -> Float {
    let ordered = UInt32(truncatingIfNeeded: word >> 32)
    let isPositive = ordered & 0x8000_0000 != 0
    return Float(bitPattern: isPositive ? ordered ^ 0x8000_0000 : ~ordered)
  }

  /// Keeps only the candidates whose rows are wanted.
  mutating func keep(_ isWanted: (UInt32) -> Bool) {
    var kept = 0
    for place in 0..<count where isWanted(Self.row(words[place])) {
      words[kept] = words[place]
      kept += 1
    }
    count = kept
    cursor = 0
  }

  /// Keeps only the nearest candidates.
  mutating func shorten(to count: Int) { self.count = min(self.count, count) }

  /// The word at a place.
  @inline(__always)
  subscript(place: Int) -> UInt64 { words[place] }

  /// Whether the pool keeps as many candidates as it can.
  var isFull: Bool { count == capacity }

  /// A row that is not nearer than this one cannot enter; infinite while there is room.
  @inline(__always)
  var bound: Float { count == capacity ? Self.distance(words[count &- 1]) : .infinity }

  /// Adds a candidate if it is among the nearest.
  @inline(__always)
  mutating func insert(_ word: UInt64) {
    if count == capacity, word >= words[count &- 1] & ~1 { return }
    // The first place whose word is larger, found without branches that depend on the data.
    var base = 0
    var length = count
    while length > 1 {
      let half = length >> 1
      base = words[base &+ half &- 1] < word ? base &+ half : base
      length &-= half
    }
    if length == 1, words[base] < word { base &+= 1 }
    let kept = count == capacity ? count &- 1 : count
    if kept > base { (words + base + 1).update(from: words + base, count: kept &- base) }
    words[base] = word
    count = kept &+ 1
    if base < cursor { cursor = base }
  }

  /// The nearest candidate whose links were not followed, marked as followed from now on.
  @inline(__always)
  mutating func follow() -> UInt32? {
    while cursor < count {
      let word = words[cursor]
      if word & 1 == 0 {
        words[cursor] = word | 1
        cursor &+= 1
        return Self.row(word)
      }
      cursor &+= 1
    }
    return nil
  }

  /// The candidate that would be followed next, as far as is known.
  @inline(__always)
  var upcoming: UInt32? { cursor < count ? Self.row(words[cursor]) : nil }
}
