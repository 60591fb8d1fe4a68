// What became of one trial, in memory, on the wire between processes and in the journal.

public import LabRecord

/// What became of one trial.
public struct TrialOutcome: Codable, Hashable, Sendable {
  /// The trial's index in the plan.
  public var trial: Int
  /// How it ended; never ``TrialStatus/missing``, which belongs to single metrics.
  @ByName public var status: TrialStatus
  /// Processor time of all threads of the process, in seconds; `nil` when the process died.
  public var cpuSeconds: Double?
  /// Time on the wall clock, in seconds.
  public var wallSeconds: Double
  /// The most memory that the process held while the trial ran, in bytes; `nil` when unknown.
  public var peakBytes: Int?
  /// What it recorded, of the metrics that the manifest keeps; empty unless it ended well.
  public var entries: [Recorder.Entry]
  /// What went wrong, in one line; `nil` when nothing did.
  public var error: String?
  /// The end of the worker's log when the trial took the worker with it, or of what a program from
  /// outside printed when its trial did not end well.
  public var log: String?
  /// The program from outside that ran the trial; `nil` for an arm of the experiment itself.
  public var subject: RunDescription.Subject?

  /// Describes an outcome.
  public init(
    trial: Int, status: TrialStatus, cpuSeconds: Double? = nil, wallSeconds: Double,
    peakBytes: Int? = nil, entries: [Recorder.Entry] = [], error: String? = nil,
    log: String? = nil, subject: RunDescription.Subject? = nil
  ) {
    self.trial = trial
    self.status = status
    self.cpuSeconds = cpuSeconds
    self.wallSeconds = wallSeconds
    self.peakBytes = peakBytes
    self.entries = entries
    self.error = error
    self.log = log
    self.subject = subject
  }
}

extension Recorder.Entry: Codable {
  /// The kinds of value, as one letter each.
  private enum Kind: String, Codable {
    case integer = "i"
    case number = "n"
    case hash = "f"
    case histogram = "h"

    init(of value: MeasuredValue) {
      switch value {
      case .integer: self = .integer
      case .number: self = .number
      case .hash: self = .hash
      case .histogram: self = .histogram
      }
    }
  }

  /// Reads `[metric, step, kind, text]`.
  ///
  /// - Throws: `DecodingError` when the text is no value of the kind.
  public init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    let metric = try container.decode(String.self)
    let step = try container.decode(Int?.self)
    let kind = try container.decode(Kind.self)
    let text = try container.decode(String.self)
    let unit =
      switch kind {
      case .integer, .number: "1"
      case .hash: "hash"
      case .histogram: "histogram"
      }
    guard let value = MeasuredValue(text: text, unit: unit), Kind(of: value) == kind else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text.prefix(80))' is not a value of kind \(kind)")
    }
    self.init(metric: metric, step: step, value: value)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    try container.encode(metric)
    try container.encode(step)
    try container.encode(Kind(of: value))
    try container.encode(value.text)
  }
}
