// What could at best be earned, by value iteration.

/// The worth of every state and action under the best behaviour, computed from the model alone.
///
/// It is the oracle of the tabular learners: what they come to by acting is compared with it.
public struct OptimalValues: Hashable, Sendable {
  /// For each state, what is earned from there on.
  public let ofStates: [Double]
  /// For each state and action, what is earned from there on: `[state][action]`.
  public let ofActions: [[Double]]

  /// How much of a reward is left a step later.
  public let discount: Double

  /// Sweeps over all states until no value changes any more.
  ///
  /// - Parameters:
  ///   - discount: How much of a reward is left a step later, from 0 to 1.
  ///   - tolerance: The largest change of a value in the last sweep.
  /// - Throws: ``LearningError/unbounded(sweeps:)`` when the values do not settle or are not
  ///   finite, as with rewards that are no finite numbers, and
  ///   ``LearningError/badSetting(name:value:expected:)`` for a discount out of range.
  /// - Complexity: O(outcomes) a sweep.
  /// > Reference: Sutton and Barto, 2018, section 4.4.
  public init(
    of model: TransitionModel, discount: Double, tolerance: Double = 1e-13
  ) throws(LearningError) {
    guard discount >= 0, discount <= 1 else {
      throw .badSetting(name: "the discount", value: "\(discount)", expected: "0 to 1")
    }
    let sweepLimit = 200_000
    var values = [Double](repeating: 0, count: model.stateCount)
    for sweep in 1...sweepLimit {
      let next = (0..<model.stateCount).map { state in
        (0..<model.actionCount).reduce(-.infinity) { best, action in
          max(best, model.expectedReturn(of: action, in: state, discount: discount, worth: values))
        }
      }
      let change = zip(values, next).reduce(0) { max($0, abs($1.0 - $1.1)) }
      values = next
      guard values.allSatisfy(\.isFinite) else { throw .unbounded(sweeps: sweep) }
      if change <= tolerance {
        self.init(model, values, discount)
        // The greatest of some numbers hides those that are none.
        guard areFinite else { throw .unbounded(sweeps: sweep) }
        return
      }
    }
    throw .unbounded(sweeps: sweepLimit)
  }

  /// The actions' worth, from that of the states.
  init(_ model: TransitionModel, _ values: [Double], _ discount: Double) {
    ofStates = values
    self.discount = discount
    ofActions = (0..<model.stateCount).map { state in
      (0..<model.actionCount).map {
        model.expectedReturn(of: $0, in: state, discount: discount, worth: values)
      }
    }
  }

  /// Whether every value is a finite number.
  var areFinite: Bool { ofActions.allSatisfy { $0.allSatisfy(\.isFinite) } }

  /// The best action of each state, the lowest of those that are equally good.
  ///
  /// With a discount of 1 it is the best behaviour only where every loop costs something: an action
  /// that costs nothing and leads round in a circle is worth as much as the way to the end, and the
  /// policy may take it for ever.
  public var policy: [Int] { ofActions.map { $0.firstOfGreatest(within: 1e-10) } }
}

extension [Double] {
  /// The first index whose number lies no further below the greatest than the tolerance.
  ///
  /// - Precondition: There is a number.
  func firstOfGreatest(within tolerance: Double = 0) -> Int {
    let greatest = self.max() ?? 0
    return firstIndex { $0 >= greatest - tolerance } ?? 0
  }
}
