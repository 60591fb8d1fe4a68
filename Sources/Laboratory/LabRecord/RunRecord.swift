// A record in memory.

public import LabManifest

/// Everything that a folder `Results/<id>` says of one run.
public struct RunRecord: Hashable, Sendable {
  /// Where the rows come from.
  public var run: RunDescription
  /// The cells, those of the sweep in its order, then those of the controls.
  public var cells: [RecordedCell]
  /// The rows that the seed reproduces, by cell, arm, repetition, metric and step.
  public var measurements: [Measurement]
  /// The rows of trials in real time, in the same order.
  public var observations: [Measurement]
  /// What trials cost, in the same order.
  public var timings: [TrialTiming]

  /// Puts a record together.
  public init(
    run: RunDescription, cells: [RecordedCell], measurements: [Measurement],
    observations: [Measurement], timings: [TrialTiming]
  ) {
    self.run = run
    self.cells = cells
    self.measurements = measurements
    self.observations = observations
    self.timings = timings
  }

  /// Measurements and observations together; of a record with rows of one kind without a copy.
  public var rows: [Measurement] {
    observations.isEmpty ? measurements : measurements + observations
  }

  /// The metrics that were kept.
  public var metrics: [MetricDescription] { run.experiment.metrics.map(\.description) }

  /// Reads a record and checks it: every table against its digest, every row against cells and
  /// metrics.
  ///
  /// - Parameters:
  ///   - folder: The path of `Results/<id>`.
  ///   - tableLimit: The longest table that is read, in bytes.
  /// - Throws: ``RecordError`` with path and line. The caller tells its user; nothing is repaired.
  /// - Complexity: Linear in the size of the files.
  public static func load(
    folder: String, tableLimit: Int = 1 << 30
  ) throws(RecordError) -> RunRecord {
    try load(named: folder) { file throws(RecordError) in
      try RecordFile.read(
        file.path(in: folder), limit: file == .run ? RunDescription.sizeLimit : tableLimit)
    }
  }

  /// Reads a record whose files come from anywhere, and checks it as ``load(folder:tableLimit:)``
  /// does.
  ///
  /// - Parameters:
  ///   - name: What errors call the folder.
  ///   - read: Gives the content of a file, of bounded size.
  /// - Throws: ``RecordError`` with path and line, and what `read` throws.
  public static func load(
    named name: String, read: (RecordFile) throws(RecordError) -> [UInt8]
  ) throws(RecordError) -> RunRecord {
    let run = try RunDescription.decode(try read(.run), path: RecordFile.run.path(in: name))
    func table(_ file: RecordFile) throws(RecordError) -> [UInt8] {
      let bytes = try read(file)
      guard run.files[file.rawValue] == ContentDigest.sha256(bytes) else {
        throw RecordError(path: file.path(in: name), .changed)
      }
      return bytes
    }
    let cells = try RecordedCell.read(try table(.cells), path: RecordFile.cells.path(in: name))
    let known = Set(cells.map(\.id))
    let metrics = run.experiment.metrics.map(\.description)
    func rows(_ file: RecordFile) throws(RecordError) -> [Measurement] {
      try Measurement.read(
        try table(file), path: file.path(in: name), metrics: metrics, cells: known)
    }
    return RunRecord(
      run: run, cells: cells, measurements: try rows(.measurements),
      observations: try rows(.observations),
      timings: try TrialTiming.read(try table(.timings), path: RecordFile.timings.path(in: name)))
  }
}
