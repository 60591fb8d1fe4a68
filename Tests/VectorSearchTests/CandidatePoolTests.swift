import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Candidate pool` {
  private static let distances: [Float] = [
    -.greatestFiniteMagnitude, -3.5, -1, -.leastNonzeroMagnitude, -0.0, 0,
    .leastNonzeroMagnitude, 0.1, 2, .greatestFiniteMagnitude,
  ]

  @Test func `words order as their distances do and give them back`() {
    for (place, distance) in Self.distances.enumerated() {
      let word = CandidatePool.word(12345, distance)
      #expect(CandidatePool.row(word) == 12345)
      #expect(CandidatePool.distance(word).bitPattern == distance.bitPattern)
      for other in Self.distances[(place + 1)...] {
        #expect(word < CandidatePool.word(3, other))
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 64, 300])
  func `it keeps what sorting keeps, and follows the nearest first`(capacity: Int) {
    var stream = Seed(UInt64(capacity)).stream()
    var pool = CandidatePool()
    defer { pool.deallocate() }
    pool.reset(capacity: capacity)
    var all: [UInt64] = []
    var followed: Set<UInt32> = []
    for row in 0..<400 as Range<UInt32> {
      let word = CandidatePool.word(row, Float(stream.below(150)))
      all.append(word)
      pool.insert(word)
      let kept = all.sorted().prefix(capacity)
      #expect((0..<pool.count).map { pool[$0] & ~1 } == Array(kept))
      guard row % 3 == 0 else { continue }
      let expected = kept.map(CandidatePool.row).first { !followed.contains($0) }
      #expect(pool.follow() == expected)
      if let expected { followed.insert(expected) }
    }
  }

  @Test func `the frontier gives back everything in order`() {
    var stream = Seed(5).stream()
    var frontier = Frontier()
    let words = (0..<500).map { CandidatePool.word($0, Float(stream.below(99))) }
    for word in words { frontier.push(word) }
    #expect((0..<500).map { _ in frontier.pop() } == words.sorted())
    #expect(frontier.pop() == nil)
  }
}
