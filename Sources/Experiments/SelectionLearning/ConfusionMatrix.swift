// How often which answer met which truth.

/// Weights of pairs of a true class and an answer.
struct ConfusionMatrix {
  /// `[truth][answer]`.
  private(set) var weights: [[Double]]

  /// Begins with nothing counted.
  init(classes: Int) {
    weights = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  }

  /// Counts a pair.
  mutating func count(truth: Int, answer: Int, _ weight: Double = 1) {
    weights[truth][answer] += weight
  }

  private var total: Double { weights.joined().reduce(0, +) }
  private var diagonal: Double { weights.indices.reduce(0) { $0 + weights[$1][$1] } }
  private var truths: [Double] { weights.map { $0.reduce(0, +) } }
  private var answers: [Double] {
    weights.indices.map { answer in weights.reduce(0) { $0 + $1[answer] } }
  }

  /// The share of right answers.
  var accuracy: Double { total > 0 ? diagonal / total : 0 }

  /// The mean over the true classes that occur of the share of right answers.
  var balancedAccuracy: Double {
    let recalls = zip(weights.indices, truths).filter { $0.1 > 0 }.map {
      weights[$0.0][$0.0] / $0.1
    }
    return recalls.isEmpty ? 0 : recalls.reduce(0, +) / Double(recalls.count)
  }

  /// Matthews' correlation coefficient for any number of classes; 0 where truths or answers are
  /// all of one class.
  /// > Reference: Gorodkin, *Comparing Two K-category Assignments by a K-category Correlation
  /// > Coefficient*, Computational Biology and Chemistry 28, 2004, equation 8.
  var correlation: Double {
    let (truths, answers, total) = (truths, answers, total)
    let together = zip(truths, answers).reduce(0) { $0 + $1.0 * $1.1 }
    let spread =
      (total * total - truths.reduce(0) { $0 + $1 * $1 })
      * (total * total - answers.reduce(0) { $0 + $1 * $1 })
    return spread > 1e-12 * total * total * total * total
      ? (total * diagonal - together) / spread.squareRoot() : 0
  }
}
