// What a figure shows, aggregated from the rows of a record.

import LabGate
import LabManifest
import LabRecord
import Statistics

/// One mean with its interval.
struct FigurePoint: Hashable {
  /// The text of the value on the horizontal axis.
  var x: String
  /// What the colour stands for: the arm, or the arm and a swept value.
  var arm: String
  /// The metric.
  var metric: String
  /// The values of the panel keys.
  var panels: [String]
  /// The mean over trials.
  var mean: Double
  /// The 95 % interval; the mean itself where there is none.
  var interval: ClosedRange<Double>
  /// The place of what it comes from among the origins; `nil` in a figure without interaction.
  var origin: Int?
}

/// One point of a cumulative distribution.
struct DistributionPoint: Hashable {
  /// What the colour stands for: the arm, or the arm and a swept value.
  var arm: String
  /// The metric.
  var metric: String
  /// The values of the panel keys.
  var panels: [String]
  /// The value, in seconds for a histogram.
  var value: Double
  /// The share of all values that are at most that.
  var share: Double
  /// The place of what it comes from among the origins; `nil` in a figure without interaction.
  var origin: Int?
}

/// The cells, arms and rows from which figures are drawn.
struct FigureSource {
  var manifest: Manifest
  var cells: [RecordedCell]
  var index: MeasurementIndex
  /// How marks tell what they come from; `nil` in pictures.
  var interaction: FigureInteraction?

  init(manifest: Manifest, record: RunRecord, index: MeasurementIndex) {
    self.manifest = manifest
    cells = record.cells.filter { $0.control == nil }
    self.index = index
  }

  /// The values of a key in the order in which cells first show them.
  func values(of key: String) -> [String] {
    var seen: Set<String> = []
    return cells.compactMap { $0[key] }.filter { seen.insert($0).inserted }
  }

  /// The texts on the horizontal axis that are drawn, in the order of the sweep or of the series.
  func axisTexts(_ request: FigureRequest, drawn: Set<String>) -> [String] {
    guard request.x != FigureRequest.step else {
      return drawn.compactMap { Int($0) }.sorted().map { "\($0)" }
    }
    return values(of: request.x).filter { drawn.contains($0) }
  }

  /// The keys that are neither on the axis nor in panels although their values differ.
  func averagedKeys(_ request: FigureRequest) -> [String] {
    guard request.mark != .curve else { return [] }
    var keys: [String] = []
    for coordinate in cells.flatMap(\.coordinates)
    where !keys.contains(coordinate.key) && coordinate.key != request.x
      && coordinate.key != request.y && coordinate.key != request.series
      && !request.panels.contains(coordinate.key)
    {
      keys.append(coordinate.key)
    }
    return keys.filter { values(of: $0).count > 1 }
  }

  /// What has a colour of its own: an arm, or an arm in the cells with one value of a swept key.
  struct Series {
    var name: String
    var arm: String
    var value: String?
  }

  /// The series of a figure, in the order of arms and then of the sweep.
  func series(_ request: FigureRequest) -> [Series] {
    manifest.arms.flatMap { arm -> [Series] in
      guard let key = request.series else { return [Series(name: arm, arm: arm, value: nil)] }
      return values(of: key).map { value in
        let name = manifest.arms.count > 1 ? "\(arm), \(value)" : value
        return Series(name: name, arm: arm, value: value)
      }
    }
  }

  /// The cells of a group that belong to a series.
  private func cells(
    of group: Group, in series: Series, _ request: FigureRequest
  ) -> [RecordedCell] {
    guard let key = request.series else { return group.cells }
    return group.cells.filter { $0[key] == series.value }
  }

  /// The cells of one place in a figure.
  struct Group {
    var x: String
    var panels: [String]
    var cells: [RecordedCell]
  }

  /// The cells grouped by the axis and the panels, in the order of the sweep.
  func groups(_ request: FigureRequest) -> [Group] {
    var groups: [Group] = []
    var places: [[String]: Int] = [:]
    let isCellwise = interaction?.isCellwise ?? false
    for cell in cells {
      let x = request.mark == .distribution ? "" : cell[request.x] ?? ""
      let panels = request.panels.map { cell[$0] ?? "" }
      let key = [x] + panels + (isCellwise ? [cell.id] : [])
      if let place = places[key] {
        groups[place].cells.append(cell)
      } else {
        places[key] = groups.count
        groups.append(Group(x: x, panels: panels, cells: [cell]))
      }
    }
    return groups
  }

  /// The means with their intervals, and what is not shown.
  func points(_ request: FigureRequest) throws(StatisticsError) -> (
    points: [FigurePoint], notes: [String], origins: [FigureOrigin]
  ) {
    var points: [FigurePoint] = []
    var origins: [FigureOrigin] = []
    let groups = groups(request)
    var absence = FigureAbsence()
    for metric in request.metrics {
      if let unit = index.metrics[metric]?.unit, unit == "histogram" || unit == "hash" {
        absence.extra.append("\(metric) is a \(unit), of which no mean is drawn")
        continue
      }
      for series in series(request) {
        for group in groups {
          let mine = cells(of: group, in: series, request)
          let places =
            request.x == FigureRequest.step
            ? steps(metric: metric, arm: series.arm, cells: mine, &absence)
            : [(group.x, numbers(metric: metric, arm: series.arm, cells: mine, &absence))]
          for (x, values) in places where !values.isEmpty {
            let summary = try MeanInterval(values)
            points.append(
              FigurePoint(
                x: x, arm: series.name, metric: metric, panels: group.panels, mean: summary.mean,
                interval: summary.interval ?? summary.mean...summary.mean,
                origin: note(mine, arm: series.arm, metric: metric, in: &origins)))
          }
        }
      }
    }
    return (points, absence.notes, origins)
  }

  /// Keeps what a mark comes from, where anybody asks for it.
  ///
  /// - Returns: Its place among the origins.
  func note(
    _ cells: [RecordedCell], arm: String, metric: String, in origins: inout [FigureOrigin]
  ) -> Int? {
    guard interaction != nil else { return nil }
    origins.append(FigureOrigin(cells: cells, arm: arm, metric: metric, index: index))
    return origins.count - 1
  }

  func numbers(
    metric: String, arm: String, cells: [RecordedCell], _ absence: inout FigureAbsence
  ) -> [Double] {
    var values: [Double] = []
    for cell in cells {
      for trial in index.trials(cell: cell.id, arm: arm, metric: metric) {
        let value = TrialMean.of(trial)
        absence.count(metric: metric, arm: arm, isThere: value != nil)
        if let value { values.append(value) }
      }
    }
    return values
  }

  /// The numbers of each place of the trials' series.
  private func steps(
    metric: String, arm: String, cells: [RecordedCell], _ absence: inout FigureAbsence
  ) -> [(x: String, values: [Double])] {
    var places: [[Double]] = []
    for cell in cells {
      for trial in index.trials(cell: cell.id, arm: arm, metric: metric) {
        absence.count(metric: metric, arm: arm, isThere: trial.isComplete)
        for (step, value) in (trial.isComplete ? trial.values : []).enumerated() {
          if step == places.count { places.append([]) }
          switch value {
          case .integer(let whole): places[step].append(Double(whole))
          case .number(let number): places[step].append(number)
          case .hash, .histogram, nil: break
          }
        }
      }
    }
    return places.enumerated().map { ("\($0)", $1) }
  }

  /// The cumulative distributions, and what is not shown.
  func distributions(_ request: FigureRequest) throws -> (
    points: [DistributionPoint], notes: [String], origins: [FigureOrigin]
  ) {
    var points: [DistributionPoint] = []
    var origins: [FigureOrigin] = []
    let groups = groups(request)
    var absence = FigureAbsence()
    for metric in request.metrics {
      for series in series(request) {
        for group in groups {
          let mine = cells(of: group, in: series, request)
          let curve = try curve(metric: metric, arm: series.arm, cells: mine, &absence)
          guard !curve.isEmpty else { continue }
          let origin = note(mine, arm: series.arm, metric: metric, in: &origins)
          points += curve.map {
            DistributionPoint(
              arm: series.name, metric: metric, panels: group.panels, value: $0.value,
              share: $0.share, origin: origin)
          }
        }
      }
    }
    return (points, absence.notes, origins)
  }

  /// The shares at which a distribution is read: every percent, and finer in the upper tail.
  private static let shares: [Double] =
    (0...99).map { Double($0) / 100 } + [0.995, 0.997, 0.998, 0.999, 0.9995, 0.9999, 1]

  private func curve(
    metric: String, arm: String, cells: [RecordedCell], _ absence: inout FigureAbsence
  ) throws -> [(value: Double, share: Double)] {
    var pooled: LatencyHistogram?
    var numbers: [Double] = []
    for cell in cells {
      for trial in index.trials(cell: cell.id, arm: arm, metric: metric) {
        absence.count(metric: metric, arm: arm, isThere: trial.isComplete)
        for value in trial.isComplete ? trial.values : [] {
          switch value {
          case .histogram(let text): try LatencyHistogram.pool(text, into: &pooled)
          case .integer(let whole): numbers.append(Double(whole))
          case .number(let number): numbers.append(number)
          case .hash, nil: break
          }
        }
      }
    }
    var curve: [(value: Double, share: Double)] = []
    if let pooled, pooled.count > 0 {
      for share in Self.shares {
        curve.append((Double(try pooled.quantile(share)) / 1e9, share))
      }
    } else if !numbers.isEmpty {
      let sorted = try SortedSample(numbers)
      for share in Self.shares { curve.append((try sorted.quantile(share), share)) }
    }
    return curve
  }
}

/// Which values a figure would need and does not have.
struct FigureAbsence {
  private var missing: [String: (count: Int, total: Int)] = [:]
  private var order: [String] = []
  /// What else is not shown.
  var extra: [String] = []

  mutating func count(metric: String, arm: String, isThere: Bool) {
    let key = "\(metric) of arm \(arm)"
    if missing[key] == nil { order.append(key) }
    let before = missing[key, default: (0, 0)]
    missing[key] = (before.count + (isThere ? 0 : 1), before.total + 1)
  }

  /// One sentence for each metric and arm that lacks values.
  var notes: [String] {
    extra
      + order.compactMap { key in
        guard let (count, total) = missing[key], count > 0 else { return nil }
        return count == total
          ? "\(key) was not measured"
          : "\(count) of \(total) values of \(key) are missing and not drawn"
      }
  }
}

/// The one number that a trial contributes to a mean.
enum TrialMean {
  /// The value, or the mean of a series; `nil` for a trial that is not complete or holds no
  /// numbers.
  static func of(_ trial: MeasurementIndex.TrialValues) -> Double? {
    guard trial.isComplete else { return nil }
    var sum = 0.0
    for value in trial.values {
      switch value {
      case .integer(let whole): sum += Double(whole)
      case .number(let number) where number.isFinite: sum += number
      case .number, .hash, .histogram, nil: return nil
      }
    }
    return trial.values.isEmpty ? nil : sum / Double(trial.values.count)
  }
}

/// A mean with its 95 % interval by Student's t.
struct MeanInterval: Hashable {
  /// The mean.
  var mean: Double
  /// The interval; `nil` for one value and for values that do not differ.
  var interval: ClosedRange<Double>?

  /// Summarises at least one number.
  init(_ values: [Double]) throws(StatisticsError) {
    let sorted = try SortedSample(values)
    guard sorted.min < sorted.max else {
      mean = sorted.min
      return
    }
    let found = try StudentT.meanInterval(values, confidence: 0.95)
    mean = found.estimate
    interval = found.low...found.high
  }
}
