// What a replayed trial leaves for people to look at.
import Foundation
import Journal
import LabCore
import Simulation

/// Writes a trace in its three forms.
enum TraceFiles {
  /// Writes `timeline.svg`, `packets.pcapng` and `events.txt`.
  ///
  /// - Parameter folder: A folder that exists.
  static func write(_ trace: Trace, names: [String], to folder: String) throws {
    try AtomicFile.write(
      Timeline.svg(trace, names: names, title: "Timeline"), to: "\(folder)/timeline.svg")
    try AtomicFile.write(PacketCapture.pcapng(trace), to: "\(folder)/packets.pcapng")
    let rest = "\(trace.dropped) later events were not kept"
    let lines = trace.events.map(\.description) + [rest, ""]
    try AtomicFile.write(lines.joined(separator: "\n"), to: "\(folder)/events.txt")
  }
}
