// A record as the command line names it: a folder, or a revision and a folder.
import LabRecord
import LabRunner

/// Where a record is to be read from.
struct RecordPlace {
  /// What git takes for a commit; `nil` for the working tree.
  let revision: String?
  /// The path of `Results/<id>`.
  let folder: String

  /// Reads `Results/<id>` or `REVISION:Results/<id>`; a folder that is there is taken by its name.
  init(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2, !FolderProbe.exists(text) {
      (revision, folder) = (parts[0], parts[1])
    } else {
      (revision, folder) = (nil, text)
    }
  }

  /// The record.
  func load() throws -> RunRecord {
    do throws(RecordError) {
      guard let revision else { return try RunRecord.load(folder: folder) }
      return try RecordHistory(checkout: ".").record(at: revision, folder: folder)
    } catch { throw Failure(.failed, "\(error)") }
  }
}
