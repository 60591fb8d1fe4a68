// The data dictionary against the tables.

import LabManifest
import LabRecord
import Testing

@Suite struct `Data dictionary` {
  private let text = DataDictionary.markdown(experiments: [
    ExperimentDescription(
      name: "toy", summary: "A toy.", version: 3, arms: [], parameters: [],
      metrics: [MetricDescription("share", .sampled, unit: "1", .higher, "A | B.")])
  ])

  @Test func `every column, file, class and status is described`() {
    let columns =
      RecordFile.measurementColumns + RecordFile.timingColumns + RecordFile.cellColumns
    for column in columns { #expect(text.contains("| `\(column)` |"), "\(column)") }
    for file in RecordFile.allCases { #expect(text.contains("`\(file.rawValue)`")) }
    for word in MetricClass.allCases.map(\.rawValue) + TrialStatus.allCases.map(\.rawValue) {
      #expect(text.contains("| `\(word)` |"), "\(word)")
    }
  }

  @Test func `metrics stand in tables whose bars are escaped`() {
    #expect(text.contains("## Metrics of `toy`, version 3"))
    #expect(text.contains("| `share` | sampled | `1` | higher | A \\| B. |"))
    #expect(text.hasSuffix("|\n"))
  }
}
