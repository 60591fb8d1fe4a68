// The states of the environments of test executions, as checkpoints keep them.

extension TestPrioritisation.State: KeptState {
  public var words: [UInt64] { [cycle, place, passed, failed].map { UInt64($0) } }

  public init?(words: [UInt64]) {
    let numbers = words.compactMap { Int(exactly: $0) }
    guard words.count == 4, numbers.count == 4, words.allSatisfy({ $0 < 1 << 62 }),
      // Every test of the cycle that was gone through has been counted.
      numbers[1] <= numbers[2] + numbers[3]
    else { return nil }
    self.init(cycle: numbers[0], place: numbers[1], passed: numbers[2], failed: numbers[3])
  }
}

extension TestSelection.State: KeptState {
  public var words: [UInt64] {
    [UInt64(test), UInt64(failures), (hasFailedAlone ? 1 : 0) + (isBroken ? 2 : 0)]
  }

  public init?(words: [UInt64]) {
    guard words.count == 3, let test = Int(exactly: words[0]), words[2] <= 3,
      words[1] <= UInt64(TestSelection.runLimit)
    else { return nil }
    self.init()
    (self.test, failures) = (test, Int(words[1]))
    (hasFailedAlone, isBroken) = (words[2] & 1 == 1, words[2] & 2 == 2)
  }
}
