// How conduct differs among algorithms and among seeds.

import LabCore
import Statistics

/// What a learner did while it learnt, and would do lastly.
struct Conduct: Hashable {
  /// For each tenth of its life, the share of each action.
  let shares: [[Double]]
  /// What it would do in each state.
  let decisions: [Int]

  /// Takes a life.
  ///
  /// - Precondition: It has ten actions or more.
  init(_ actions: [Int], decisions: [Int]) {
    precondition(actions.count >= Self.parts, "a life of \(actions.count) actions has no tenths")
    shares = (0..<Self.parts).map { part in
      let stretch = actions[
        (part * actions.count / Self.parts)..<((part + 1) * actions.count / Self.parts)]
      return (0..<SelectionExam.actions).map { action in
        Double(stretch.count { $0 == action }) / Double(stretch.count)
      }
    }
    self.decisions = decisions
  }

  private static let parts = 10

  /// The difference of two, from 0 to 1: half of it the mean over the tenths of the total variation
  /// between shares, half the share of the states in which they decide differently.
  func difference(from other: Conduct) -> Double {
    let variation = zip(shares, other.shares).reduce(0) { sum, pair in
      sum + zip(pair.0, pair.1).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }
    let differing = zip(decisions, other.decisions).count { $0 != $1 }
    return (variation / Double(Self.parts) + Double(differing) / Double(decisions.count)) / 2
  }
}

/// How conduct differs among algorithms and among seeds.
struct ConductDifferences: Hashable {
  /// For each algorithm, the mean difference between two of its seeds.
  let own: [Double]
  /// For each pair of algorithms, how much more they differ than their seeds do.
  let excesses: [Double]
  /// For each pair, the chance of being told apart so well if they were one, adjusted for all.
  let pValues: [Double]

  private static let orders = 9_999

  /// Compares `[algorithm][seed]`.
  ///
  /// - Throws: `StatisticsError` for fewer than two seeds.
  init(_ conducts: [[Conduct]], seed: Seed) throws(StatisticsError) {
    func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }
    let own = conducts.map { seeds in
      mean(
        seeds.indices.flatMap { first in
          seeds[..<first].map { seeds[first].difference(from: $0) }
        })
    }
    let pairs = conducts.indices.flatMap { first in
      conducts.indices[(first + 1)...].map { (first, $0) }
    }
    excesses = pairs.map { first, second in
      mean(
        conducts[first].flatMap { one in conducts[second].map { one.difference(from: $0) } })
        - (own[first] + own[second]) / 2
    }
    self.own = own
    var pValues: [Double] = []
    for (place, (first, second)) in pairs.enumerated() {
      let test = try EnergyDistance(
        conducts[first], conducts[second], orders: Self.orders, seed: seed.child(place)
      ) { $0.difference(from: $1) }
      pValues.append(test.pValue)
    }
    self.pValues = try Holm.adjusted(pValues)
  }
}
