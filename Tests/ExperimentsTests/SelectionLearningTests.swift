// What the experiments on the selection of tests measure.

import Foundation
import LabCore
import LabRecord
import Learning
import Testing

@testable import Experiments

@Suite struct `An exam in selecting tests` {
  private static let suites = SelectionDrawing().suites(2, seed: Seed(5))

  @Test func `gives the oracle all marks, and random actions none`() throws {
    let exam = try SelectionExam(Self.suites)
    let oracle = try exam.marks(of: .oracle)
    #expect(oracle.agreement == 1 && oracle.balancedAccuracy == 1 && oracle.regret == 0)
    #expect(abs(oracle.correlation - 1) < 1e-9 && oracle.normalisedReturn == 1)
    let random = try exam.marks(of: .random)
    #expect(abs(random.normalisedReturn) < 1e-9 && abs(random.correlation) < 1e-9)
    #expect(abs(random.agreement - 0.2) < 0.05)
  }

  @Test func `tells what rules lose, and confusion more`() throws {
    let exam = try SelectionExam(Self.suites)
    for rule in [SelectionRule.report, .retry, .fixed, .majority] {
      let marks = try exam.marks(of: rule)
      #expect(marks.regret > 0 && marks.normalisedReturn < 1, "\(rule)")
      #expect(marks.agreement > 0 && marks.agreement < 1, "\(rule)")
    }
    func confused(_ share: Double) throws -> SelectionExam.Marks {
      try exam.marks(confusion: share) { _, state in state.failures == 0 ? 0 : 2 }
    }
    #expect(try confused(0) == exam.marks(of: .report))
    #expect(try confused(0.5).regret > confused(0).regret)
    #expect(try confused(1).agreement == exam.marks(of: .random).agreement)
  }

  @Test func `counts a matrix of two classes as Matthews did`() {
    var matrix = ConfusionMatrix(classes: 2)
    // 6 true positives, 2 false negatives, 1 false positive, 3 true negatives.
    for (truth, answer, count) in [(1, 1, 6.0), (1, 0, 2), (0, 1, 1), (0, 0, 3)] {
      matrix.count(truth: truth, answer: answer, count)
    }
    #expect(matrix.accuracy == 0.75 && matrix.balancedAccuracy == 0.75)
    #expect(abs(matrix.correlation - (6 * 3 - 1 * 2) / (7.0 * 8 * 4 * 5).squareRoot()) < 1e-12)
    var constant = ConfusionMatrix(classes: 2)
    constant.count(truth: 0, answer: 1)
    constant.count(truth: 1, answer: 1)
    #expect(constant.correlation == 0 && constant.accuracy == 0.5)
  }
}

@Suite struct `Learning to select tests` {
  private func numbers(_ arm: String, _ parameters: String) throws -> [String: Double] {
    try trialValues(of: SelectionLearning.self, arm, "exam-suites: 1, \(parameters)")
      .compactMapValues(\.number)
  }

  @Test(arguments: LearningAlgorithm.allCases)
  func `takes all nine by our face, and fewer by names and words`(
    _ algorithm: LearningAlgorithm
  ) throws {
    let name = algorithm.rawValue
    #expect(try numbers(name, "executions: 300, suites: 2")["accepted_fraction"] == 1)
    let isNamed = ["q-learning", "decision-transformer", "actor-critic"].contains(name)
    let named = try numbers(name, "executions: 300, suites: 2, face: three-names")
    #expect(named["accepted_fraction"] == (isNamed ? 1 : 0))
    #expect((named["agreement"] == nil) == !isNamed)
    let takesWords = ![.ddpg, .td3, .sac].contains(algorithm)
    #expect(
      try numbers(name, "executions: 300, suites: 2, face: words")["accepted_fraction"]
        == (takesWords ? 1 : 0))
    #expect(try numbers(name, "executions: 300, suites: 2, face: closed")["accepted_fraction"] == 0)
  }

  @Test func `earns more from more executions`() throws {
    let few = try numbers("ppo", "suites: 4, executions: 100")
    let many = try numbers("ppo", "suites: 4, executions: 8000")
    #expect(try #require(many["normalised_return"]) > 0.5)
    #expect(try #require(few["normalised_return"]) < (try #require(many["normalised_return"])))
  }

  @Test func `beside settings of its own leads by a tenth, if they are the same`() throws {
    let found = try numbers("sarsa", "executions: 300, suites: 2, beside-own: true")
    #expect(
      abs(
        try #require(found["lead_over_nine_tenths"])
          - 0.1 * (try #require(found["normalised_return"]))) < 1e-9)
  }
}

@Suite struct `Differences of conduct` {
  /// Somebody who does one thing first and another for the rest, and decides likewise.
  private static func conduct(_ first: Int, _ then: Int, after count: Int = 50) -> Conduct {
    let actions = Array(repeating: first, count: count) + Array(repeating: then, count: 100 - count)
    return Conduct(actions, decisions: [first, then])
  }

  @Test func `count what is done and what would be done`() {
    let same = Self.conduct(0, 1)
    #expect(same.difference(from: same) == 0)
    // Half the life and one of two decisions differ.
    #expect(same.difference(from: Self.conduct(0, 2)) == 0.5)
    #expect(same.difference(from: Self.conduct(2, 3)) == 1)
  }

  @Test func `part algorithms from seeds`() throws {
    let fast = (0..<10).map { Self.conduct(0, 1, after: 10 + $0 % 5) }
    let slow = (0..<10).map { Self.conduct(0, 1, after: 60 + $0 % 5) }
    let twin = (0..<10).map { Self.conduct(0, 1, after: 10 + ($0 + 2) % 5) }
    let differences = try ConductDifferences([fast, slow, twin], seed: Seed(3))
    #expect(differences.own.allSatisfy { $0 > 0 && $0 < 0.03 })
    #expect(differences.pValues.map { $0 <= 0.05 } == [true, false, true])
    #expect(differences.excesses[0] > 0.2 && abs(differences.excesses[1]) < 0.01)
  }
}
