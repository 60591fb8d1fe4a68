import Foundation
import LabGate
import LabRecord
import Testing

@testable import LabManifest
@testable import LabReport

@Suite struct FigureSpecificationTests {
  private func draw(
    _ small: SmallRecord = SmallRecord(), _ change: (inout FigureRequest) -> Void = { _ in }
  ) throws -> FigureSpecification {
    var request = small.figures[0]
    change(&request)
    return try FigureSpecification(request, manifest: small.manifest, record: small.record)
  }

  private func json(_ specification: FigureSpecification) throws -> [String: Any] {
    let data = Data(specification.text.utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func rows(_ specification: FigureSpecification) throws -> [[String: Any]] {
    let data = try #require(try json(specification)["data"] as? [String: Any])
    return try #require(data["values"] as? [[String: Any]])
  }

  @Test func `one record gives one specification, byte for byte`() throws {
    #expect(try draw().text == draw().text)
    try expectGolden(draw().text, "delivered.vl.json")
  }

  @Test func `every object of a specification has its keys in order`() throws {
    let specification = try draw()
    let again = try JSONSerialization.data(
      withJSONObject: json(specification), options: [.sortedKeys, .withoutEscapingSlashes])
    let squeezed = specification.text.filter { !$0.isWhitespace }
    let expected = String(decoding: again, as: UTF8.self).filter { !$0.isWhitespace }
    // Foundation may write the same number in another way, so only the keys are held together.
    func keys(_ text: String) -> [String] {
      text.matches(of: /"([^"]*)":/).map { String($0.1) }
    }
    #expect(keys(squeezed) == keys(expected))
  }

  @Test func `a point is the mean of the repetitions with its Student interval`() throws {
    let point = try #require(
      rows(draw()).first {
        $0["series"] as? String == "corrected" && $0["x"] as? String == "64B"
          && $0["column"] as? String == "0%"
      })
    let mean = try #require(point["mean"] as? Double)
    let high = try #require(point["high"] as? Double)
    #expect(abs(mean - 0.99) < 1e-12)
    // t(0.975, 2 degrees of freedom) = 4.302653 times 0.01 over the square root of 3.
    #expect(abs(high - mean - 0.024_841_4) < 1e-6)
  }

  @Test func `a line over steps follows series, place by place`() throws {
    let small = SmallRecord()
    var record = small.record
    record.measurements = record.measurements.flatMap { row -> [LabRecord.Measurement] in
      guard row.metric.name == "sent_bytes" else { return [row] }
      return (0..<12).map { step in
        var row = row
        row.step = step
        row.value = .integer(100 * step + row.repetition)
        return row
      }
    }
    let request = FigureRequest(
      id: "curve", title: "Bytes by step", mark: .line, x: FigureRequest.step,
      metrics: ["sent_bytes"], panels: ["network.link.loss"], logarithmic: [])
    let specification = try FigureSpecification(
      request, manifest: small.manifest, record: record)
    let points = try rows(specification).filter {
      $0["series"] as? String == "literal" && $0["column"] as? String == "5%"
    }
    let places = (0..<12).map(Double.init)
    let texts = points.compactMap { $0["x"] as? String }
    #expect(texts == places.map { "\(Int($0))" })
    #expect(points.compactMap { $0["at"] as? Double } == places)
    // Repetitions 0, 1 and 2 of three sizes each, on an axis in kilobytes.
    let means = points.compactMap { $0["mean"] as? Double }
    #expect(means == places.map { (100 * $0 + 1) / 1_000 })
  }

  @Test func `categories stand in the order of the sweep`() throws {
    let text = try draw { $0.logarithmic = [] }.text
    #expect(text.contains(#""sort": ["64B", "1kB", "70kB"]"#))
    #expect(text.contains(#""type": "ordinal""#))
  }

  @Test func `a logarithmic axis stands at the amounts and says the swept texts`() throws {
    let text = try draw().text
    #expect(
      text.contains(#"[\"64B\", \"1kB\", \"70kB\"][indexof([64, 1000, 70000], datum.value)]"#))
    #expect(text.contains(#""type": "log""#))
  }

  @Test func `values whose labels would touch stand as categories`() {
    let near = ["64B", "1kB", "65kB", "70kB"]
    #expect(SweptScale.forLine(near, logarithmic: true, width: 520) == .categorical)
    #expect(SweptScale.forLine(["0%", "1%"], logarithmic: true, width: 520) == .categorical)
    #expect(SweptScale.forLine(["1B", "1ms"], logarithmic: false, width: 520) == .categorical)
    #expect(SweptScale.forLine(["star", "ring"], logarithmic: false, width: 520) == .categorical)
    #expect(
      SweptScale.forLine(["10ms", "1s"], logarithmic: true, width: 520) == .logarithmic([0.01, 1]))
    #expect(SweptScale.forLine(["0%", "50%"], logarithmic: false, width: 520) == .linear([0, 50]))
  }

  @Test(arguments: [
    ("64B", 64.0), ("1.5kB", 1_500), ("64KiB", 65_536), ("20ms", 0.02), ("1%", 1), ("-3", -3),
    ("1e3", 1_000),
  ])
  func `swept texts are read with their units`(text: String, amount: Double) {
    #expect(SweptQuantity(text)?.amount == amount)
  }

  @Test(arguments: ["", "star", "5 parsecs", "nan", "inf", "1e999", "ms"])
  func `words are no amounts`(text: String) {
    #expect(SweptQuantity(text) == nil)
  }

  @Test func `bars stand on zero and a logarithmic axis has points instead`() throws {
    let small = SmallRecord()
    let request = small.figures[1]
    let bars = try FigureSpecification(request, manifest: small.manifest, record: small.record)
    #expect(bars.text.contains(#""type": "bar""#))
    #expect(bars.text.contains(#""zero": true"#))
    var other = request
    other.logarithmic = [.y]
    let points = try FigureSpecification(other, manifest: small.manifest, record: small.record)
    #expect(!points.text.contains(#""type": "bar""#))
    #expect(points.text.contains(#""type": "point""#))
  }

  @Test func `a logarithmic axis that must show zero says so`() throws {
    let text = try draw { $0.logarithmic = [.y] }.text
    #expect(text.contains(#""type": "symlog""#))
    #expect(text.contains("logarithmic around 0"))
  }

  @Test func `intervals that reach zero are cut on a logarithmic axis and that is told`() throws {
    var small = SmallRecord()
    small.repetitions = 2
    var record = small.record
    for (place, row) in record.measurements.enumerated() where row.metric.name == "delivered_share"
    {
      record.measurements[place].value = .number(row.repetition == 0 ? 0.01 : 1)
    }
    var request = small.figures[0]
    request.logarithmic = [.y]
    let specification = try FigureSpecification(request, manifest: small.manifest, record: record)
    #expect(specification.text.contains(#""type": "log""#))
    #expect(specification.notes.contains { $0.hasPrefix("Intervals that reach 0") })
    let lows = try rows(specification).compactMap { $0["low"] as? Double }
    #expect(lows.allSatisfy { $0 > 0 })
  }

  @Test func `values that are not there are told and not drawn as zero`() throws {
    var small = SmallRecord()
    small.failing = ["cell-0%-64B corrected 1"]
    let specification = try draw(small)
    #expect(
      specification.notes.contains(
        "1 of 18 values of delivered_share of arm corrected are missing and not drawn"))
    let point = try #require(
      rows(specification).first {
        $0["series"] as? String == "corrected" && $0["x"] as? String == "64B"
          && $0["column"] as? String == "0%"
      })
    #expect(abs((point["mean"] as? Double ?? 0) - 0.99) < 1e-12)
  }

  @Test func `an arm keeps its colour when another one has no values`() throws {
    var small = SmallRecord()
    let ids = small.record.cells.map(\.id)
    small.failing = Set(ids.flatMap { id in (0..<3).map { "\(id) literal \($0)" } })
    let specification = try draw(small)
    #expect(specification.text.contains(##""range": ["#D55E00"]"##))
    #expect(specification.notes.contains("delivered_share of arm literal was not measured"))
  }

  @Test func `swept keys that are neither axis nor panel are named`() throws {
    let specification = try draw { $0.panels = [] }
    #expect(specification.notes.contains("All values of loss together"))
    #expect(try draw().notes.count == 1)
  }

  @Test func `a distribution rises to one`() throws {
    let small = SmallRecord()
    let specification = try FigureSpecification(
      small.figures[2], manifest: small.manifest, record: small.record)
    let rows = try rows(specification).filter { $0["series"] as? String == "literal" }
    let shares = rows.compactMap { $0["share"] as? Double }
    let values = rows.compactMap { $0["value"] as? Double }
    #expect(shares.count > 100)
    #expect(shares == shares.sorted())
    #expect(values == values.sorted())
    #expect(shares.last == 1)
    // 20 times 400 µs, in milliseconds.
    #expect(abs((values.last ?? 0) - 8) < 1e-9)
    #expect(specification.text.contains("latency (ms)"))
  }

  @Test func `a curve has a point for each cell, in the order of the sweep`() throws {
    let specification = try draw {
      $0.mark = .curve
      $0.x = "sent_bytes"
      $0.panels = []
    }
    let points = try rows(specification).filter { $0["series"] as? String == "literal" }
    #expect(points.count == 6)
    #expect(points.compactMap { $0["place"] as? Int } == Array(0..<6))
    let drawn = try draw { $0.panels = [] }
    let across = try draw {
      $0.metrics = ["sent_bytes"]
      $0.panels = []
    }
    #expect(drawn.notes != specification.notes)
    #expect(!across.isEmpty)
    #expect(Set(points.compactMap { $0["x"] as? Double }).count > 1)
    #expect(points.allSatisfy { ($0["y"] as? Double).map { (0...1).contains($0) } ?? false })
    #expect(specification.text.contains("\"order\""))
  }

  @Test func `a crossing is interpolated, and one that was not met is told`() {
    func marks(_ times: Double) -> CrossingMarks {
      let points = [("10", 1.0, 2.0), ("1000", 200, 2)].flatMap { x, one, other in
        [("one", one), ("other", other)].map { arm, mean in
          FigurePoint(
            x: x, arm: arm, metric: "m", panels: [], mean: mean, interval: mean...mean, origin: nil)
        }
      }
      return CrossingMarks(
        [FigureRequest.Crossing(arm: "one", times: times, other: "other")], points: points,
        metric: "m", places: ["10": 10, "1000": 1_000])
    }
    // The ratio grows from 0.5 to 100; it is 1 where log x has grown by log 2 / log 200 of the way.
    let text = marks(1).layers.map(\.text).joined()
    #expect(marks(1).layers.count == 2 && marks(1).notes.isEmpty)
    #expect(text.contains("18.3"))
    #expect(marks(150).layers.isEmpty)
    #expect(marks(150).notes == ["one = 150 × other is not met between two measured points"])
  }

  @Test func `no two arms share a colour and a mark`() {
    let looks = (0..<20).map { place in
      let series = FigureSeries(
        arms: [(place: place, name: "one"), (place: place + 1, name: "other")], metrics: ["m"])
      return series.colour(width: 500).text + series.shape(width: 500).text
    }
    #expect(Set(looks).count == looks.count)
  }

  @Test func `rows that are no measurements are an error of the record`() throws {
    let small = SmallRecord()
    var record = small.record
    for (place, row) in record.measurements.enumerated() where row.metric.name == "latency" {
      record.measurements[place].value = .histogram("lh1 99")
    }
    #expect(throws: ReportError.self) {
      try RunReport(manifest: small.manifest, record: record)
    }
  }

  @Test func `a histogram has no mean to draw and a figure without data is empty`() throws {
    let specification = try draw { $0.metrics = ["latency"] }
    #expect(specification.isEmpty)
    #expect(specification.notes.contains("latency is a histogram, of which no mean is drawn"))
  }

  @Test func `metrics of two units have an axis each and one legend`() throws {
    let text = try draw { $0.metrics = ["delivered_share", "sent_bytes"] }.text
    #expect(text.contains("\"vconcat\""))
    #expect(text.contains(#""color": "shared""#))
    #expect(text.contains("sent bytes (MB)"))
  }

  @Test func `a quotation mark in a key cannot leave its expression`() throws {
    let text = try draw { $0.title = #"a "b" \ c"# }.text
    #expect(text.contains(#"a \"b\" \\ c"#))
    #expect(try !json(draw { $0.title = #"a "b" \ c"# }).isEmpty)
  }

  @Test func `labels leave out the folder that all of them lie in`() {
    #expect(FigureWords.withoutCommonFolder([".a/b/one", ".a/b/two"]) == ["one", "two"])
    #expect(FigureWords.withoutCommonFolder(["a/b/one", "a/two"]) == ["b/one", "two"])
    #expect(FigureWords.withoutCommonFolder(["a/one", "b/two"]) == ["a/one", "b/two"])
    #expect(FigureWords.withoutCommonFolder(["one", "a/two"]) == ["one", "a/two"])
    #expect(FigureWords.withoutCommonFolder([]).isEmpty)
  }
}
