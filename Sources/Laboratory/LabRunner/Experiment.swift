// What an experiment is, and what it measures with.

public import LabManifest
public import LabRecord
public import Statistics

/// A place where a subject meets a world: it runs one trial and measures.
///
/// An experiment holds no state: each call of ``run(_:into:)`` is a trial of its own, possibly in a
/// process of its own.
public protocol Experiment: Sendable {
  /// What the experiment says of itself.
  static var description: ExperimentDescription { get }

  /// Whether a trial with these settings runs in real time.
  ///
  /// Such trials run alone, one after the other, and their rows go to `observations.csv`; all
  /// others must give the same rows whenever they run with the same seed.
  static func runsInRealTime(_ settings: Settings) -> Bool

  /// What exact values depend on beside the machine and the toolchain, by name: kernels that are
  /// chosen when the program runs.
  ///
  /// They become keys of the record; values of records whose keys differ are never compared.
  static var exactness: [String: String] { get }

  /// What a plan needs and this machine does not have, each with how to get it.
  ///
  /// The record of such a plan stays as it is when its manifest was found in a folder.
  static func missing(for plan: Plan) -> [String]

  /// Runs one trial.
  ///
  /// - Throws: Whatever made the trial impossible; the runner records its description, and goes on
  ///   with the next trial.
  static func run(_ trial: Trial, into recorder: inout Recorder) throws
}

extension Experiment {
  /// Virtual time.
  public static func runsInRealTime(_ settings: Settings) -> Bool { false }
  /// Nothing.
  public static var exactness: [String: String] { [:] }
  /// Nothing is needed.
  public static func missing(for plan: Plan) -> [String] { [] }
}

/// Takes what a trial measures.
public struct Recorder: Sendable {
  /// A folder for the trial's traces; `nil` unless the trial is being replayed.
  public let traceFolder: String?
  /// What was recorded, in order.
  public private(set) var entries: [Entry] = []

  /// One recorded value.
  public struct Entry: Sendable, Hashable {
    /// The metric's name.
    public var metric: String
    /// The place in a series.
    public var step: Int?
    /// What was measured, in the metric's unit.
    public var value: MeasuredValue
  }

  /// Makes an empty recorder.
  public init(traceFolder: String? = nil) { self.traceFolder = traceFolder }

  /// Records a number.
  ///
  /// - Parameters:
  ///   - metric: The name of a metric that the experiment describes.
  ///   - value: A finite number in the metric's unit.
  ///   - step: The place in a series.
  /// - Precondition: `value` is finite; an experiment that may divide by zero records nothing
  ///   instead.
  public mutating func record(_ metric: String, _ value: Double, step: Int? = nil) {
    precondition(value.isFinite, "\(metric) is \(value), which is not a measurement")
    entries.append(Entry(metric: metric, step: step, value: .number(value)))
  }

  /// Records a whole number.
  public mutating func record(_ metric: String, _ value: Int, step: Int? = nil) {
    entries.append(Entry(metric: metric, step: step, value: .integer(value)))
  }

  /// Records a fingerprint.
  public mutating func record(_ metric: String, hash: UInt64, step: Int? = nil) {
    entries.append(Entry(metric: metric, step: step, value: .hash(hash)))
  }

  /// Records a latency histogram.
  public mutating func record(_ metric: String, _ histogram: LatencyHistogram, step: Int? = nil) {
    entries.append(Entry(metric: metric, step: step, value: .histogram(histogram.text)))
  }
}
