// The row of a table of measurements, and what its cells may hold.

public import LabManifest

/// One measured value, as one row of a table.
public struct Measurement: Hashable, Sendable {
  /// The manifest's id.
  public var experiment: String
  /// The identity of the cell, as `cells.csv` lists it.
  public var cell: String
  /// The name of what is compared.
  public var arm: String
  /// The repetition, counted from 0.
  public var repetition: Int
  /// The block of paired trials that a timed value belongs to; `nil` for any other value.
  public var block: Int?
  /// The place of the trial within its block, counted from 0; `nil` for a value that is not timed.
  public var order: Int?
  /// The trial's seed, as its 64 bits in hexadecimal.
  public var seed: String
  /// The metric with its class, unit and direction.
  public var metric: MetricDescription
  /// The place in a series, for a metric that a trial measures more than once.
  public var step: Int?
  /// The value; `nil` when the trial failed or did not measure it.
  public var value: MeasuredValue?
  /// How the trial ended.
  public var status: TrialStatus

  /// Describes a row.
  public init(
    experiment: String, cell: String, arm: String, repetition: Int, block: Int? = nil,
    order: Int? = nil, seed: String, metric: MetricDescription, step: Int?, value: MeasuredValue?,
    status: TrialStatus
  ) {
    self.experiment = experiment
    self.cell = cell
    self.arm = arm
    self.repetition = repetition
    self.block = block
    self.order = order
    self.seed = seed
    self.metric = metric
    self.step = step
    self.value = value
    self.status = status
  }
}

/// What a metric's cell in a table holds.
public enum MeasuredValue: Hashable, Sendable {
  /// A whole number, written as one.
  case integer(Int)
  /// A finite number, written with the fewest digits that read back as the same.
  case number(Double)
  /// A fingerprint, written as sixteen hexadecimal digits.
  case hash(UInt64)
  /// A latency histogram in its text form.
  case histogram(String)
}

extension MeasuredValue {
  /// The value as a number; `nil` for fingerprints and histograms.
  public var number: Double? {
    switch self {
    case .integer(let whole): Double(whole)
    case .number(let number): number
    case .hash, .histogram: nil
    }
  }
}

/// How a trial ended.
public enum TrialStatus: String, Hashable, Sendable, CaseIterable {
  /// It measured all that it was asked for.
  case ok
  /// It ended well but left this metric out.
  case missing
  /// It reported an error or trapped.
  case failed
  /// It ran longer than its limit.
  case timeout
  /// It used more memory than its limit.
  case memory
}
