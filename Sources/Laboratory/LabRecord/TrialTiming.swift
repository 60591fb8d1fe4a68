// The table of what trials cost.

/// What one trial cost, and how it ended; the only rows that differ from run to run.
public struct TrialTiming: Hashable, Sendable {
  /// The identity of the cell, as `cells.csv` lists it.
  public var cell: String
  /// The name of what is compared.
  public var arm: String
  /// The repetition, counted from 0.
  public var repetition: Int
  /// Processor time of all threads of the worker, in seconds; `nil` when the worker died.
  public var cpuSeconds: Double?
  /// Time on the wall clock, in seconds.
  public var wallSeconds: Double?
  /// The most memory that the worker held during the trial, in bytes; `nil` when unknown.
  public var peakBytes: Int?
  /// How the trial ended.
  public var status: TrialStatus
  /// What went wrong, the end of the worker's log and the command that replays the trial, as
  /// several lines; `nil` for a trial that ended well.
  public var error: String?

  /// Describes what a trial cost.
  public init(
    cell: String, arm: String, repetition: Int, cpuSeconds: Double?, wallSeconds: Double?,
    peakBytes: Int?, status: TrialStatus, error: String?
  ) {
    self.cell = cell
    self.arm = arm
    self.repetition = repetition
    self.cpuSeconds = cpuSeconds
    self.wallSeconds = wallSeconds
    self.peakBytes = peakBytes
    self.status = status
    self.error = error
  }
}

extension TrialTiming {
  /// The table `timings.csv`.
  static func table(of timings: [TrialTiming]) -> [UInt8] {
    var writer = CSVWriter(columns: RecordFile.timingColumns)
    for timing in timings {
      writer.append([
        timing.cell, timing.arm, "\(timing.repetition)", timing.cpuSeconds?.description ?? "",
        timing.wallSeconds?.description ?? "", timing.peakBytes?.description ?? "",
        timing.status.rawValue, timing.error ?? "",
      ])
    }
    return writer.bytes
  }

  /// Reads what ``table(of:)`` wrote.
  static func read(_ bytes: [UInt8], path: String) throws(RecordError) -> [TrialTiming] {
    var reader = try CSVReader(bytes, path: path)
    try reader.expect(RecordFile.timingColumns)
    var timings: [TrialTiming] = []
    while let row = try reader.next() {
      var fields = FieldReader(row, of: reader)
      let cell = try fields.name()
      let arm = try fields.name()
      guard let repetition = try fields.count() else { throw fields.error("", "a repetition") }
      let cpu = try fields.amount()
      let wall = try fields.amount()
      let peak = try fields.count()
      let status = try fields.word(TrialStatus.self)
      let error = fields.text()
      timings.append(
        TrialTiming(
          cell: cell, arm: arm, repetition: repetition, cpuSeconds: cpu, wallSeconds: wall,
          peakBytes: peak, status: status, error: error.isEmpty ? nil : error))
    }
    return timings
  }
}
