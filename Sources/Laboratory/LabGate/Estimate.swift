// One figure from the values of repetitions, with its interval.

import LabCore
import LabManifest
import Statistics

/// A figure, the interval in which the truth lies with 95 % confidence, and what they rest on.
struct Estimate {
  /// The figure.
  var figure: Double
  /// The interval; `nil` where the statistic has none, or where the values do not differ.
  var interval: ClosedRange<Double>?
  /// How many values went in.
  var count: Int
  /// Why the figure alone must not decide; `nil` when it may.
  var doubt: String?

  /// How often intervals cover the truth.
  static let confidence = 0.95
  /// How often the bootstrap draws anew.
  static let replicates = 2_000
  /// The fewest values for which a bootstrap interval of the median can cover 95 %.
  ///
  /// Even the range of all n values misses the median with a chance of 2^(1−n), and no resampling
  /// leaves that range; below six values the chance is above 5 %.
  static let fewestForBootstrap = 6

  /// The figure that a criterion's statistic makes of one number for each trial.
  ///
  /// - Parameter standsAlone: Whether a single value may speak for itself, because the metric is
  ///   exact or counted.
  init(
    _ numbers: [Double], statistic: Criterion.Statistic, standsAlone: Bool, seed: Seed
  ) throws(StatisticsError) {
    let sorted = try SortedSample(numbers)
    count = numbers.count
    switch statistic {
    case .share:
      figure = sorted.mean
      guard sorted.values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        doubt = "a value is neither 0 nor 1, so there is no share"
        return
      }
      let ones = sorted.values.count { $0 == 1 }
      interval = Self.range(
        try Wilson.interval(successes: ones, trials: count, confidence: Self.confidence))
    case .minimum: figure = sorted.min
    case .maximum: figure = sorted.max
    case .quantile(let share): figure = try sorted.quantile(share)
    case .mean, .median, .interquartileMean:
      let allEqual = sorted.min == sorted.max
      figure = allEqual ? sorted.min : Self.value(of: numbers, by: statistic)
      if allEqual {
        if count == 1, !standsAlone { doubt = Self.oneValue }
      } else if statistic == .mean {
        interval = Self.range(try StudentT.meanInterval(numbers, confidence: Self.confidence))
      } else if count < Self.fewestForBootstrap {
        doubt = Self.tooFew(count)
      } else {
        interval = Self.range(
          try Self.bootstrap(seed).interval(numbers) { Self.value(of: $0, by: statistic) })
      }
    }
  }

  /// The figure of one arm divided by that of another, over trials that met the same chances.
  ///
  /// - Parameters:
  ///   - numerators: The values of the judged arm.
  ///   - denominators: The values of the other arm, partners at equal places.
  init(
    ratioOf numerators: [Double], to denominators: [Double], statistic: Criterion.Statistic,
    standsAlone: Bool, seed: Seed
  ) throws(StatisticsError) {
    func ratio(_ left: [Double], _ right: [Double]) -> Double {
      Self.value(of: left, by: statistic) / Self.value(of: right, by: statistic)
    }
    count = numerators.count
    figure = ratio(numerators, denominators)
    guard figure.isFinite, denominators.allSatisfy({ $0 > 0 }) else {
      figure = .nan
      doubt = "the other arm has a value that is not above 0, and there is no ratio to that"
      return
    }
    switch statistic {
    case .minimum, .maximum, .quantile: return
    case .mean, .median, .interquartileMean, .share: break
    }
    let ratios = zip(numerators, denominators).map { $0 / $1 }
    if let first = ratios.first, ratios.allSatisfy({ $0 == first }) {
      figure = first
      if count == 1, !standsAlone { doubt = Self.oneValue }
    } else if count < Self.fewestForBootstrap {
      doubt = Self.tooFew(count)
    } else {
      interval = Self.range(
        try Self.bootstrap(seed).pairedInterval(numerators, denominators, of: ratio))
    }
  }

  /// The figure of one arm less that of another, over trials that met the same chances.
  ///
  /// - Parameters:
  ///   - minuends: The values of the judged arm.
  ///   - subtrahends: The values of the other arm, partners at equal places.
  init(
    differenceOf minuends: [Double], and subtrahends: [Double], statistic: Criterion.Statistic,
    standsAlone: Bool, seed: Seed
  ) throws(StatisticsError) {
    func difference(_ left: [Double], _ right: [Double]) -> Double {
      Self.value(of: left, by: statistic) - Self.value(of: right, by: statistic)
    }
    count = minuends.count
    figure = difference(minuends, subtrahends)
    let differences = zip(minuends, subtrahends).map { $0 - $1 }
    switch statistic {
    case .minimum, .maximum, .quantile: return
    case .mean, .median, .interquartileMean, .share:
      if let first = differences.first, differences.allSatisfy({ $0 == first }) {
        figure = first
        if count == 1, !standsAlone { doubt = Self.oneValue }
      } else if statistic == .mean || statistic == .share {
        interval = Self.range(try StudentT.meanInterval(differences, confidence: Self.confidence))
      } else if count < Self.fewestForBootstrap {
        doubt = Self.tooFew(count)
      } else {
        interval = Self.range(
          try Self.bootstrap(seed).pairedInterval(minuends, subtrahends, of: difference))
      }
    }
  }

  /// A figure that has neither an interval nor a doubt.
  init(exactly figure: Double, count: Int) {
    self.figure = figure
    self.count = count
  }

  private static let oneValue = "one repetition gives no interval"

  private static func tooFew(_ count: Int) -> String {
    "\(count) repetitions are too few for a bootstrap interval, which needs \(fewestForBootstrap)"
  }

  private static func bootstrap(_ seed: Seed) -> Bootstrap {
    Bootstrap(.percentile, replicates: replicates, confidence: confidence, seed: seed)
  }

  private static func range(_ interval: ConfidenceInterval) -> ClosedRange<Double> {
    min(interval.low, interval.high)...max(interval.low, interval.high)
  }

  /// The statistic of numbers, of which there is at least one.
  private static func value(of numbers: [Double], by statistic: Criterion.Statistic) -> Double {
    switch statistic {
    case .mean, .share: numbers.reduce(0, +) / Double(numbers.count)
    case .minimum: numbers.min() ?? .nan
    case .maximum: numbers.max() ?? .nan
    case .median: (try? SortedSample(numbers))?.median ?? .nan
    case .interquartileMean: (try? SortedSample(numbers))?.interquartileMean ?? .nan
    case .quantile(let share): (try? SortedSample(numbers).quantile(share)) ?? .nan
    }
  }
}
