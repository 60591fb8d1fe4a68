// What all rules have in common, and how their thresholds are made comparable.
import LabCore
import Statistics

/// A rule that calls timings of a head slower than those of a base, or does not.
protocol DetectionRule {
  /// How strongly the rule takes the head for slower, on the scale of the one threshold that its
  /// users may set; minus infinity when no threshold would make it speak.
  func score(_ sample: TimingSample, _ random: inout RandomStream) throws -> Double

  /// Whether the rule speaks with the threshold that it is published with.
  func alerts(_ sample: TimingSample, score: Double) throws -> Bool
}

/// A rule with a threshold at which it is wrong equally often as others.
struct CalibratedRule {
  let rule: any DetectionRule
  /// The score above which the rule speaks.
  let threshold: Double

  /// Sets the threshold on samples in which nothing has changed.
  ///
  /// - Parameters:
  ///   - falseAlarms: The share of the samples in which the rule may speak at most.
  init(
    _ rule: any DetectionRule, on samples: [TimingSample], falseAlarms: Double, seed: Seed
  ) throws {
    self.rule = rule
    var random = seed.stream()
    var scores: [Double] = []
    for sample in samples { scores.append(try rule.score(sample, &random)) }
    scores.sort(by: >)
    let allowed = Int(falseAlarms * Double(samples.count))
    threshold = allowed < scores.count ? scores[allowed] : -.infinity
  }
}
