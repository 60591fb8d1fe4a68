// A metric over the runs that are kept.

import LabGate
import LabManifest
public import LabRecord
public import Statistics

/// The figures of one metric over kept runs, by cell and arm, with the steps between them.
///
/// - Determinism: A pure function of the runs.
public struct MetricHistory: Sendable {
  /// A run that is kept.
  public struct Run: Sendable {
    /// The commit that keeps it, shortened; `working tree` for the record as it is now.
    public var label: String
    /// When the run ended, as RFC 3339 writes it.
    public var time: String
    /// What the run measured, and where.
    public var record: RunRecord

    /// Names a run.
    public init(label: String, time: String, record: RunRecord) {
      self.label = label
      self.time = time
      self.record = record
    }
  }

  /// One figure.
  public struct Point: Hashable, Sendable {
    /// The commit of the run, or `working tree`.
    public var label: String
    /// When the run ended.
    public var time: String
    /// The mean over repetitions; of a latency histogram the pooled median, in seconds.
    public var figure: Double
    /// The 95 % interval; `nil` where there is none.
    public var interval: ClosedRange<Double>?
    /// How many trials went in.
    public var count: Int
    /// How the run differs from the newest one in version or size; empty when it does not.
    public var mark: String
  }

  /// The figures of one arm in one cell, from the oldest run to the newest.
  public struct Series: Sendable {
    /// The cell's coordinates, or its id where it has none.
    public var place: String
    /// What of the compared was measured.
    public var arm: String
    /// The metric's unit; seconds of a latency histogram.
    public var unit: String
    /// The figures.
    public var points: [Point]
    /// Where the figure steps, and how noisy it is.
    public var changes: ChangePoints
  }

  /// What is followed, as the column `metric` says it.
  public let metric: String
  /// The series in the order of the newest record.
  public let series: [Series]

  /// Follows a metric over runs.
  ///
  /// - Parameters:
  ///   - runs: The kept runs, the oldest first.
  ///   - arm: The only arm that is followed; all when `nil`.
  ///   - cell: The only cell that is followed, by id or by coordinates `key=value`; all when `nil`.
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  public init(
    metric: String, runs: [Run], arm: String? = nil, cell: String? = nil
  ) throws(ReportError) {
    self.metric = metric
    do {
      series = try Self.series(metric, runs, arm: arm, cell: cell)
    } catch {
      throw .noMeasurement(
        manifest: runs.last?.record.run.manifest.path ?? "", reason: "\(error)")
    }
  }

  private static func series(
    _ metric: String, _ runs: [Run], arm: String?, cell: String?
  ) throws -> [Series] {
    guard let newest = runs.last?.record else { return [] }
    let indices = runs.map { MeasurementIndex($0.record.rows) }
    // A cell of another version or manifest has another id; its coordinates tell what it is.
    let places = runs.map { run in
      Dictionary(
        run.record.cells.filter { $0.control == nil }.map { (place(of: $0), $0.id) }
      ) { first, _ in first }
    }
    var found: [Series] = []
    for place in newest.cells.filter({ $0.control == nil }).map(place(of:)) {
      let id = places[places.count - 1][place]
      guard cell == nil || cell == id || cell.map({ isPart($0, of: place) }) == true else {
        continue
      }
      for name in newest.run.experiment.arms where arm == nil || arm == name {
        var points: [Point] = []
        var unit = "1"
        for (number, run) in runs.enumerated() {
          guard let description = indices[number].metrics[metric],
            let id = places[number][place],
            let summary = try MetricSummary(
              indices[number].trials(cell: id, arm: name, metric: metric), of: description),
            summary.figure.isFinite
          else { continue }
          unit = description.unit == "histogram" ? "s" : description.unit
          points.append(
            Point(
              label: run.label, time: run.time, figure: summary.figure,
              interval: summary.interval, count: summary.count,
              mark: mark(of: run.record.run, beside: newest.run)))
        }
        guard !points.isEmpty else { continue }
        found.append(
          Series(
            place: place, arm: name, unit: unit, points: points,
            changes: try ChangePoints(of: points.map(\.figure))))
      }
    }
    return found
  }

  private static func place(of cell: RecordedCell) -> String {
    guard !cell.coordinates.isEmpty else { return cell.id }
    return cell.coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Whether every `key=value` of a wish stands in a place.
  private static func isPart(_ wish: String, of place: String) -> Bool {
    let parts = place.split(separator: " ")
    return wish.split(separator: " ").allSatisfy { parts.contains($0) }
  }

  private static func mark(of run: RunDescription, beside newest: RunDescription) -> String {
    var words: [String] = []
    if run.experiment.version != newest.experiment.version {
      words.append("version \(run.experiment.version)")
    }
    if run.size != newest.size { words.append("\(run.size.rawValue) size") }
    return words.joined(separator: ", ")
  }
}

extension MetricHistory.Series {
  /// The figures as a line of blocks of eight heights.
  public var sparkline: String {
    let figures = points.map(\.figure)
    guard let low = figures.min(), let high = figures.max() else { return "" }
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
      figures.map { figure in
        guard high > low else { return blocks[3] }
        return blocks[min(7, Int((figure - low) / (high - low) * 8))]
      })
  }
}
