// The files of a record and how they are read.

import Glibc

/// One file of the folder `Results/<id>`.
public enum RecordFile: String, Hashable, Sendable, CaseIterable {
  /// The rows that a seed reproduces byte for byte.
  case measurements = "measurements.csv"
  /// The rows of trials in real time.
  case observations = "observations.csv"
  /// What trials cost, and how they ended.
  case timings = "timings.csv"
  /// What the cells are.
  case cells = "cells.csv"
  /// Where the rows come from.
  case run = "run.json"

  /// The tables, in the order in which they are written; `run.json` follows last.
  public static let tables: [RecordFile] = [.measurements, .observations, .timings, .cells]

  /// The columns of `measurements.csv` and `observations.csv`.
  public static let measurementColumns = [
    "experiment", "cell_id", "arm", "repetition", "block", "order", "seed", "metric", "class",
    "unit", "direction", "step", "value", "status",
  ]
  /// The columns of `timings.csv`.
  public static let timingColumns = [
    "cell_id", "arm", "repetition", "cpu_seconds", "wall_seconds", "peak_bytes", "status", "error",
  ]
  /// The first columns of `cells.csv`; one column for each swept key follows.
  public static let cellColumns = ["cell_id", "control", "controls"]

  /// The path of the file in a record's folder.
  public func path(in folder: String) -> String { "\(folder)/\(rawValue)" }

  /// Reads a whole file of bounded size.
  ///
  /// - Throws: ``RecordError`` when it cannot be read or is longer than `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(RecordError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw RecordError(path: path, .tooLong(what: "the file", limit: limit))
    }
    // Files of /proc say that they are empty, so the size is only a first guess.
    var content = [UInt8](repeating: 0, count: max(size + 1, 4096))
    var filled = 0
    while true {
      let room = content.count - filled
      let done = content.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, room)
      }
      if done < 0, errno == EINTR { continue }
      guard done >= 0 else { throw unreadable(path) }
      if done == 0 { break }
      filled += done
      guard filled <= limit else {
        throw RecordError(path: path, .tooLong(what: "the file", limit: limit))
      }
      if filled == content.count {
        content.append(contentsOf: repeatElement(0, count: content.count))
      }
    }
    content.removeSubrange(filled...)
    return content
  }

  private static func unreadable(_ path: String) -> RecordError {
    RecordError(path: path, .unreadable(reason: String(cString: strerror(errno))))
  }
}
