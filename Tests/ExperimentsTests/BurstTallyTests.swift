import LabCore
import Testing

@testable import Experiments

@Suite struct `A burst` {
  @Test func `has one inversion for each pair in the wrong order`() {
    var random = Seed(41).stream()
    for count in [0, 1, 2, 3, 7, 64, 100] {
      let numbers = (0..<count).map { _ in random.below(50) }
      let pairs = numbers.indices.flatMap { left in
        numbers.indices.filter { $0 > left && numbers[$0] < numbers[left] }
      }
      #expect(BurstTally.inversions(numbers) == pairs.count)
    }
    #expect(BurstTally.inversions([3, 2, 1]) == 3)
  }

  @Test func `is fair when all wait alike, and not when one waits for all`() {
    #expect(BurstTally.fairness(of: [2, 2, 2, 2]) == 1)
    #expect(BurstTally.fairness(of: [0, 0, 0, 8]) == 0.25)
    // (1 + 2 + 3)² / (3 · (1 + 4 + 9)).
    #expect(abs(BurstTally.fairness(of: [1, 2, 3]) - 36.0 / 42) < 1e-12)
  }
}
