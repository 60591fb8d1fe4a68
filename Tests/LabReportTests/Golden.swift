// Texts that were looked at once and must not change unseen.

import Foundation
import Testing

/// Holds a text against the file of a name in `Fixtures`.
///
/// With `LAB_RECORD=all` in the environment the file is written instead; look at the difference
/// then.
func expectGolden(
  _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  let file = fixtures.appending(path: name)
  if ProcessInfo.processInfo.environment["LAB_RECORD"] == "all" {
    try text.write(to: file, atomically: true, encoding: .utf8)
  }
  let golden = try String(contentsOf: file, encoding: .utf8)
  let old = golden.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(old, new).enumerated().first { $1.0 != $1.1 }
  #expect(
    golden == text,
    "\(name) differs first in line \((line?.offset ?? min(old.count, new.count)) + 1)",
    sourceLocation: sourceLocation)
}

/// A new folder that is removed at the end.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "fleetlab-report-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path(percentEncoded: false))
}
