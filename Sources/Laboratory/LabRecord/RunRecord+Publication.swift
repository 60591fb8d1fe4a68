// How a record takes its place.

import Glibc
import Journal
import LabCore
public import LabManifest

extension RunRecord {
  /// Writes every file of the record into a folder and returns when they survive a power cut.
  ///
  /// The folder is a waiting room on the file system of the results: a full disk is met here, while
  /// the old record is untouched.
  /// - Throws: ``RecordError`` with the file that could not be written.
  public func stage(in folder: String) throws(RecordError) {
    var run = run
    for file in RecordFile.tables {
      let bytes = content(of: file)
      run.files[file.rawValue] = ContentDigest.sha256(bytes)
      try Self.write(bytes, to: file.path(in: folder))
    }
    let path = RecordFile.run.path(in: folder)
    try Self.write(try run.json(path: path), to: path)
  }

  /// Moves the files of a staged record into their place, `run.json` last.
  ///
  /// When it is cut off in the middle, the folder holds tables which differ from their digests, so
  /// that ``load(folder:tableLimit:)`` refuses them; the caller stages and publishes once more.
  /// - Parameters:
  ///   - staged: The folder that ``stage(in:)`` filled.
  ///   - folder: `Results/<id>`, which is made if it is not there.
  /// - Throws: ``RecordError``; with ``RecordError/Problem/smaller(_:than:)`` when the folder holds
  ///   the record of a larger run.
  public static func publish(staged: String, to folder: String) throws(RecordError) {
    let size = try RunDescription.load(folder: staged).size
    try checkReplaceable(folder: folder, by: size)
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw unwritable(folder) }
    for file in RecordFile.tables { try move(file, from: staged, to: folder) }
    // The tables must be in place for good before the description that vouches for them.
    try sync(folder)
    try move(.run, from: staged, to: folder)
    try sync(folder)
  }

  /// Checks that a folder holds no record of a larger run than the given size.
  ///
  /// - Throws: ``RecordError`` with ``RecordError/Problem/smaller(_:than:)``, or the error of an
  ///   unreadable `run.json`; a folder without one is free.
  public static func checkReplaceable(folder: String, by size: RunSize) throws(RecordError) {
    let path = RecordFile.run.path(in: folder)
    guard access(path, F_OK) == 0 else { return }
    let existing = try RunDescription.load(folder: folder)
    guard existing.size <= size else {
      throw RecordError(path: path, .smaller(size, than: existing.size))
    }
  }

  private func content(of file: RecordFile) -> [UInt8] {
    switch file {
    case .measurements: Measurement.table(of: measurements)
    case .observations: Measurement.table(of: observations)
    case .timings: TrialTiming.table(of: timings)
    case .cells: RecordedCell.table(of: cells)
    case .run: preconditionFailure("run.json is no table")
    }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(RecordError) {
    do {
      try AtomicFile.write(Bytes(bytes), to: path)
    } catch {
      throw RecordError(path: path, .unwritable(reason: "\(error)"))
    }
  }

  private static func move(
    _ file: RecordFile, from staged: String, to folder: String
  ) throws(RecordError) {
    let path = file.path(in: folder)
    guard rename(file.path(in: staged), path) == 0 else { throw unwritable(path) }
  }

  private static func sync(_ folder: String) throws(RecordError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw unwritable(folder) }
  }

  private static func unwritable(_ path: String) -> RecordError {
    RecordError(path: path, .unwritable(reason: String(cString: strerror(errno))))
  }
}
