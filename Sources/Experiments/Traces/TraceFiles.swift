// What a replayed trial leaves for people to look at.
import Foundation
import Journal
import LabCore
import Simulation

/// Writes a trace in its three forms.
enum TraceFiles {
  /// Writes `timeline.svg`, `packets.pcapng` and `events.txt`, and of QUIC a log of each
  /// connection.
  ///
  /// - Parameters:
  ///   - folder: A folder that exists.
  ///   - logs: What the endpoints of QUIC logged, whose keys let readers decrypt the capture.
  static func write(
    _ trace: Trace, names: [String], to folder: String, logs: QUICLogs? = nil
  ) throws {
    try AtomicFile.write(
      Timeline.svg(trace, names: names, title: "Timeline"), to: "\(folder)/timeline.svg")
    let capture = PacketCapture.pcapng(
      trace, comment: logs.map { _ in QUICLogs.remark }, keyLog: logs?.keys ?? [])
    try AtomicFile.write(capture, to: "\(folder)/packets.pcapng")
    try logs?.write(names: names, to: folder)
    let rest = "\(trace.dropped) later events were not kept"
    let lines = trace.events.map(\.description) + [rest, ""]
    try AtomicFile.write(lines.joined(separator: "\n"), to: "\(folder)/events.txt")
  }
}
