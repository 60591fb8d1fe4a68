// Exact returns of episodes that a limit of steps cuts off.

extension TransitionModel {
  /// What a policy earns on average in an episode of at most so many steps, without discount.
  ///
  /// - Parameter policy: The action of each state.
  /// - Complexity: O(steps · states · outcomes of an action).
  public func expectedReturn(of policy: [Int], within steps: Int) -> Double {
    meanOfStarts(within: steps) { state, worth in
      expectedReturn(of: policy[state], in: state, discount: 1, worth: worth)
    }
  }

  /// What the best behaviour earns on average in an episode of at most so many steps, where it may
  /// depend on how many are left.
  ///
  /// - Complexity: O(steps · outcomes).
  public func bestReturn(within steps: Int) -> Double {
    meanOfStarts(within: steps) { state, worth in
      (0..<actionCount).reduce(-.infinity) { best, action in
        max(best, expectedReturn(of: action, in: state, discount: 1, worth: worth))
      }
    }
  }

  /// What choosing every action equally often earns on average in an episode of at most so many
  /// steps.
  ///
  /// - Complexity: O(steps · outcomes).
  public func randomReturn(within steps: Int) -> Double {
    meanOfStarts(within: steps) { state, worth in
      (0..<actionCount).reduce(0) { sum, action in
        sum + expectedReturn(of: action, in: state, discount: 1, worth: worth)
          / Double(actionCount)
      }
    }
  }

  /// How often on average a policy comes to each state and acts there, in an episode of at most so
  /// many steps.
  ///
  /// - Parameter policy: The action of each state.
  /// - Complexity: O(steps · states · outcomes of an action).
  public func visits(of policy: [Int], within steps: Int) -> [Double] {
    var visits = [Double](repeating: 0, count: stateCount)
    var chances = visits
    for start in starts { chances[start] += 1 / Double(starts.count) }
    for _ in 0..<steps {
      var next = [Double](repeating: 0, count: stateCount)
      for (state, chance) in chances.enumerated() where chance > 0 {
        visits[state] += chance
        for outcome in outcomes(of: policy[state], in: state) where !outcome.isTerminal {
          next[outcome.state] += chance * outcome.probability
        }
      }
      chances = next
    }
    return visits
  }

  /// Goes back from the last step to the first, and takes the mean over the starts.
  private func meanOfStarts(
    within steps: Int, _ value: (_ state: Int, _ worth: [Double]) -> Double
  ) -> Double {
    var worth = [Double](repeating: 0, count: stateCount)
    for _ in 0..<steps { worth = (0..<stateCount).map { value($0, worth) } }
    return starts.reduce(0) { $0 + worth[$1] } / Double(starts.count)
  }
}
