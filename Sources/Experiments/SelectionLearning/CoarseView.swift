// Tests as tables see them.

import Learning

/// How a coarse view shows a test to learners that keep a table: in so few ways that another test
/// looks like one that was seen.
struct CoarseView: Hashable {
  /// For the duration and each of the three chances, the bounds between levels.
  private let bounds: [[Float]]
  /// How many of the numbers are cut into levels; those behind are few anyway.
  private static let cut = 4

  /// Finds levels that equally many of the tests have.
  ///
  /// - Parameter levels: How many there are of each number.
  init(of suites: [TestSelection], levels: Int) {
    let seen = suites.flatMap { suite in
      suite.tests.indices.map { test in
        var state = TestSelection.State()
        state.test = test
        return suite.observation(in: state)
      }
    }
    bounds = (0..<Self.cut).map { number in
      let sorted = seen.map { $0[number] }.sorted()
      return (1..<levels).map { sorted[$0 * sorted.count / levels] }
    }
  }

  /// What is seen of an observation: levels, and not the place among the tests.
  func callAsFunction(_ observation: [Float]) -> [Float] {
    var coarse = observation
    for (number, bounds) in bounds.enumerated() {
      coarse[number] = Float(bounds.count { $0 <= observation[number] })
    }
    coarse[coarse.count - 1] = 0
    return coarse
  }
}
