// Which cells a criterion judges.

import LabManifest
import LabRecord

extension RecordedCell {
  /// Whether the coordinates meet every selection; a key that is not swept meets none.
  func isSelected(by selection: [Criterion.Selection]) -> Bool {
    selection.allSatisfy { wanted in
      self[wanted.key].map { wanted.values.contains($0) } ?? false
    }
  }
}
