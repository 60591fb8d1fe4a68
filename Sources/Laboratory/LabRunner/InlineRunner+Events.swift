// The events of a single trial.

import Glibc
public import LabManifest
import LabRecord

extension InlineRunner {
  /// The longest list of events that is read, in bytes.
  private static let eventsLimit = 1 << 30

  /// Runs a trial with its trace and gives what it wrote into `events.txt`, one line an event.
  ///
  /// - Parameter index: The index of the trial in the plan.
  /// - Returns: `nil` for a trial that writes no such file.
  /// - Throws: ``RunError``; a trial that fails is ``RunError/worker(_:)``. The trace is removed.
  public func events(of index: Int, of plan: Plan) throws(RunError) -> [String]? {
    var name = Array("\(Self.temporaryRoot)/fleetlab-events-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else {
      throw .folder(path: Self.temporaryRoot, reason: String(cString: strerror(errno)))
    }
    let folder = name.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
    defer { FolderTree.remove(folder) }
    let outcome = try run(index, of: plan, traceFolder: folder)
    guard outcome.status == .ok else {
      throw .worker(
        "a replay ended as \(outcome.status.rawValue): \(outcome.error ?? "no reason given"); a "
          + "trial that ends well was expected; run it again with 'fleetlab replay'")
    }
    let path = "\(folder)/events.txt"
    guard access(path, F_OK) == 0 else { return nil }
    let bytes = try recording { () throws(RecordError) in
      try RecordFile.read(path, limit: Self.eventsLimit)
    }
    return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a trial runs in real time, so that a replay meets other events.
  ///
  /// - Returns: `false` when the experiment is unknown.
  public func runsInRealTime(_ cell: Cell, of plan: Plan) -> Bool {
    experiments[plan.manifest.experiment.name]?.runsInRealTime(cell.settings) ?? false
  }

  private static var temporaryRoot: String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
  }
}
