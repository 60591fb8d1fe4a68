// From rows of a record to the numbers that one criterion looks at.
import LabManifest
import LabRecord
import Statistics

/// The numbers of one metric of one arm in some cells, one for each trial.
struct Sample {
  /// What tells a trial of one arm from another: the cell and the repetition.
  struct Place: Hashable {
    var cell: String
    var repetition: Int
  }

  /// The values in the order of cells and repetitions.
  var values: [(place: Place, value: Double)] = []
  /// The pooled latency histograms, where the metric is one.
  var histogram: LatencyHistogram?
  /// How many values are not there, by the reason.
  var absent: [String: Int] = [:]

  /// The numbers alone.
  var numbers: [Double] { values.map(\.value) }
  /// How many values are not there.
  var missing: Int { absent.values.reduce(0, +) }

  /// What is not there, in words: `3 of 20 values are missing (2 timeout, 1 failed)`.
  func absence(of metric: String, arm: String) -> String {
    let total = values.count + missing + Int(histogram == nil ? 0 : pooled)
    let parts = absent.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return "\(missing) of \(total) values of \(metric) in arm \(arm) are missing "
      + "(\(parts.joined(separator: ", ")))"
  }

  /// How many trials' histograms are pooled.
  var pooled = 0

  mutating func miss(_ reason: String, count: Int = 1) { absent[reason, default: 0] += count }
}

/// Collects the numbers of one metric, with nothing skipped.
struct SampleCollector {
  var index: MeasurementIndex
  /// How many repetitions each cell must have; `nil` when nobody says.
  var repetitions: Int?
  /// How many the cells must have that stopped at a precision.
  var stopped: [String: Int] = [:]

  /// The numbers of an arm in some cells.
  ///
  /// A trial that measured a series counts as one value: the series is reduced by the statistic
  /// itself, because repetitions, not steps, are independent of each other.
  func sample(
    metric: String, arm: String, cells: [RecordedCell], statistic: Criterion.Statistic
  ) -> Sample {
    var sample = Sample()
    for cell in cells {
      let trials = index.trials(cell: cell.id, arm: arm, metric: metric)
      let repetitions = stopped[cell.id] ?? repetitions
      if trials.isEmpty {
        sample.miss("without a row", count: repetitions ?? 1)
      } else if let repetitions, trials.count < repetitions {
        sample.miss("without a row", count: repetitions - trials.count)
      }
      for trial in trials { add(trial, of: cell, to: &sample, statistic: statistic) }
    }
    return sample
  }

  private func add(
    _ trial: MeasurementIndex.TrialValues, of cell: RecordedCell, to sample: inout Sample,
    statistic: Criterion.Statistic
  ) {
    guard trial.isComplete else {
      return sample.miss(trial.status == .ok ? "empty" : trial.status.rawValue)
    }
    var numbers: [Double] = []
    for value in trial.values {
      switch value {
      case .integer(let whole): numbers.append(Double(whole))
      case .number(let number) where number.isFinite: numbers.append(number)
      case .histogram(let text):
        guard pool(text, into: &sample) else { return sample.miss("unreadable") }
      case .number: return sample.miss("not finite")
      case .hash: return sample.miss("fingerprints, which are no numbers")
      case nil: return sample.miss("empty")
      }
    }
    guard let value = Self.reduce(numbers, by: statistic) else {
      sample.pooled += 1
      return
    }
    let place = Sample.Place(cell: cell.id, repetition: trial.repetition)
    sample.values.append((place, value))
  }

  private func pool(_ text: String, into sample: inout Sample) -> Bool {
    do {
      try LatencyHistogram.pool(text, into: &sample.histogram)
      return true
    } catch {
      return false
    }
  }

  /// One number for the series of a trial; `nil` for a series without numbers.
  private static func reduce(_ series: [Double], by statistic: Criterion.Statistic) -> Double? {
    guard series.count > 1 else { return series.first }
    switch statistic {
    case .mean, .share, .quantile: return series.reduce(0, +) / Double(series.count)
    case .median: return (try? SortedSample(series))?.median
    case .interquartileMean: return (try? SortedSample(series))?.interquartileMean
    case .minimum: return series.min()
    case .maximum: return series.max()
    }
  }
}
