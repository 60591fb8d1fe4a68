// The twin of value iteration: policies that are evaluated exactly and improved until none is
// better.

extension OptimalValues {
  /// Evaluates a policy by solving its linear equations, improves it, and begins again.
  ///
  /// It gives what sweeping gives, by another way, to rounding.
  /// - Parameter discount: From 0 to below 1, so that every policy has a value.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for another discount;
  ///   ``LearningError/unbounded(sweeps:)`` when values are not finite, or policies still get
  ///   better after a thousand rounds.
  /// - Complexity: O(states³) a round; rounds are few.
  /// > Reference: Howard, *Dynamic Programming and Markov Processes*, 1960; Sutton and Barto, 2018,
  /// > section 4.3.
  public init(
    byImprovingPolicies model: TransitionModel, discount: Double
  ) throws(LearningError) {
    guard discount >= 0, discount < 1 else {
      throw .badSetting(name: "the discount", value: "\(discount)", expected: "0 to below 1")
    }
    var policy = [Int](repeating: 0, count: model.stateCount)
    let roundLimit = 1_000
    for round in 1...roundLimit {
      let values = OptimalValues(model, model.values(of: policy, discount: discount), discount)
      guard values.areFinite else { throw .unbounded(sweeps: round) }
      let better = policy.indices.map { state in
        let actions = values.ofActions[state]
        let best = actions.firstOfGreatest()
        // Only a gain beyond rounding counts, lest equally good policies take turns for ever.
        let rounding = max(1e-11, 1e-15 / (1 - discount)) * max(1, abs(actions[best]))
        return actions[best] > actions[policy[state]] + rounding ? best : policy[state]
      }
      if better == policy {
        self = values
        return
      }
      policy = better
    }
    throw .unbounded(sweeps: roundLimit)
  }
}

extension TransitionModel {
  /// What each state is worth to someone who follows a policy: the solution of
  /// (1 − discount · P) v = r by Gaussian elimination.
  ///
  /// - Precondition: The discount is below 1, so that the matrix is diagonally dominant.
  func values(of policy: [Int], discount: Double) -> [Double] {
    let count = stateCount
    var rows = (0..<count).map { state in
      var row = [Double](repeating: 0, count: count + 1)
      row[state] = 1
      for outcome in outcomes(of: policy[state], in: state) {
        row[count] += outcome.probability * outcome.reward
        if !outcome.isTerminal { row[outcome.state] -= discount * outcome.probability }
      }
      return row
    }
    for pivot in 0..<count {
      let above = rows[pivot]
      for row in (pivot + 1)..<max(count, pivot + 1) where rows[row][pivot] != 0 {
        let factor = rows[row][pivot] / above[pivot]
        for column in pivot...count { rows[row][column] -= factor * above[column] }
      }
    }
    var values = [Double](repeating: 0, count: count)
    for row in (0..<count).reversed() {
      let known = ((row + 1)..<max(count, row + 1)).reduce(0) { $0 + rows[row][$1] * values[$1] }
      values[row] = (rows[row][count] - known) / rows[row][row]
    }
    return values
  }
}
