import Foundation
import LabGate
import LabRecord
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct `A heatmap` {
  private static let request = FigureRequest(
    id: "map", title: "How many times the bytes", mark: .heatmap, x: "event-size",
    y: "network.link.loss", metrics: ["sent_bytes"], panels: [], logarithmic: [],
    crossings: [.init(arm: "corrected", times: 1.5, other: "literal")])

  private func draw(
    _ request: FigureRequest = request, _ change: (inout RunRecord) -> Void = { _ in }
  ) throws -> (specification: FigureSpecification, rows: [[String: Any]]) {
    var small = SmallRecord()
    small.repetitions = 6
    var record = small.record
    change(&record)
    let specification = try FigureSpecification(request, manifest: small.manifest, record: record)
    let json = try JSONSerialization.jsonObject(with: Data(specification.text.utf8))
    let data = (json as? [String: Any])?["data"] as? [String: Any]
    return (specification, try #require(data?["values"] as? [[String: Any]]))
  }

  /// Multiplies the bytes of an arm by a factor that depends on the repetition.
  private func scale(
    _ record: inout RunRecord, _ arm: String, at loss: String, by factor: (Int) -> Double
  ) {
    for (place, row) in record.measurements.enumerated()
    where row.metric.name == "sent_bytes" && row.arm == arm && row.cell.contains(loss) {
      guard case .integer(let bytes)? = row.value else { continue }
      record.measurements[place].value = .number(Double(bytes) * factor(row.repetition))
    }
  }

  @Test func `shows a ratio for each place, and frames those that reach the multiple`() throws {
    let (specification, rows) = try draw { record in
      scale(&record, "corrected", at: "5%") { _ in 0.5 }
    }
    #expect(rows.count == 6)
    for row in rows {
      let isLossy = row["y"] as? String == "5%"
      #expect(row["ratio"] as? Double == (isLossy ? 0.75 : 1.5))
      #expect(row["reached"] as? Bool == !isLossy)
      #expect(row["step"] as? String == (isLossy ? "0.67–0.95" : "1.5–2"))
      // Values that do not differ have no interval.
      #expect(row["low"] == nil)
    }
    #expect(specification.notes.first?.contains("lies at 1.5 or above") == true)
    #expect(specification.text.contains(#""filter": "datum.reached""#))
  }

  @Test func `frames no place whose interval begins below the multiple`() throws {
    let (_, rows) = try draw { record in
      scale(&record, "corrected", at: "5%") { 0.8 + 0.1 * Double($0) }
      scale(&record, "corrected", at: "0%") { 1.2 + 0.1 * Double($0) }
    }
    for row in rows {
      let isLossy = row["y"] as? String == "5%"
      let low = try #require(row["low"] as? Double)
      let high = try #require(row["high"] as? Double)
      let ratio = try #require(row["ratio"] as? Double)
      #expect(low < ratio && ratio < high && ratio > 1.5)
      #expect((low < 1.5) == isLossy)
      #expect(row["reached"] as? Bool == !isLossy)
    }
  }

  @Test func `pairs trials, so that what both arms met alike widens no interval`() throws {
    let (_, rows) = try draw { record in
      for arm in ["literal", "corrected"] {
        scale(&record, arm, at: "cell") { 1 + 10 * Double($0) }
      }
    }
    #expect(rows.allSatisfy { $0["ratio"] as? Double == 1.5 && $0["low"] == nil })
  }

  @Test func `says how many places have no ratio`() throws {
    let (specification, rows) = try draw { record in
      for (place, row) in record.measurements.enumerated() where row.cell == "cell-0%-64B" {
        record.measurements[place].value = nil
      }
    }
    #expect(rows.count == 5)
    #expect(specification.notes.contains("1 places have no ratio, as values are missing"))
  }

  @Test func `stands in panels below each other`() throws {
    var request = Self.request
    request.y = "nodes"
    request.panels = ["network.link.loss"]
    let text = try draw(request).specification.text
    #expect(text.contains(#""columns": 1"#) && text.contains(#""facet""#))
  }
}
