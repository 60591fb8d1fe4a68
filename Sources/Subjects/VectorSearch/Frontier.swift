// Candidates that are still to be followed, the nearest first.

/// A heap of words as ``CandidatePool`` makes them.
struct Frontier {
  private var words: [UInt64] = []

  /// Forgets all candidates and keeps their memory.
  mutating func removeAll() { words.removeAll(keepingCapacity: true) }

  /// Adds a candidate.
  mutating func push(_ word: UInt64) {
    var place = words.count
    words.append(word)
    while place > 0 {
      let parent = (place - 1) / 2
      guard words[parent] > word else { break }
      words[place] = words[parent]
      place = parent
    }
    words[place] = word
  }

  /// Takes the nearest candidate out.
  mutating func pop() -> UInt64? {
    guard let nearest = words.first, let last = words.popLast() else { return nil }
    guard !words.isEmpty else { return nearest }
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < words.count else { break }
      if child + 1 < words.count, words[child + 1] < words[child] { child += 1 }
      guard words[child] < last else { break }
      words[place] = words[child]
      place = child
    }
    words[place] = last
    return nearest
  }
}
