import LabGate
import LabManifest
import LabRecord
import Testing

@Suite struct ListingTests {
  private var outcomes: [CriterionOutcome] {
    var trials = Trials()
    trials.cell("a")
    trials.measure(arm: "literal", [0.25, 0.25, 0.25])
    trials.measure(arm: "corrected", [1, 1, 1])
    var criterion = Criterion.sample(.atLeast(0.9))
    criterion.text = "events arrive, \"all\" of them"
    return [trials.judge(criterion)]
  }

  @Test func `text has aligned columns and no trailing spaces`() {
    let text = CriterionListing(outcomes).print(as: .text)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("CRITERION           VERDICT  FIGURE [95 %]"))
    #expect(lines[1].hasPrefix("transport/delivers  fail     0.25"))
    #expect(lines.allSatisfy { $0.last != " " })
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `colours appear only when they are asked for and do not move columns`() {
    let plain = CriterionListing(outcomes).print(as: .text)
    let coloured = CriterionListing(outcomes).print(as: .text, colours: true)
    #expect(coloured.contains("\u{1B}[31mfail\u{1B}[0m"))
    let stripped = coloured.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "")
    #expect(stripped == plain)
  }

  @Test func `csv quotes what it must and has one row an outcome`() throws {
    let text = CriterionListing(outcomes).print(as: .csv)
    #expect(text.hasPrefix(CriterionListing.columns.joined(separator: ",") + "\n"))
    #expect(text.contains("transport,delivers,\"events arrive, \"\"all\"\" of them\",fail,"))
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test func `json keeps the order of its keys`() {
    let text = CriterionListing(outcomes).print(as: .json)
    let keys = [
      "experiment", "criterion", "text", "verdict", "bar", "subject", "control", "flipped",
    ]
    let places = keys.map { key in text.firstRange(of: "\"\(key)\":")?.lowerBound }
    #expect(!places.contains(nil))
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    #expect(text == CriterionListing(outcomes).print(as: .json))
  }

  @Test func `claims are printed in all forms`() {
    let claim = Claim(
      id: "Q4", section: "3.2", quote: "events,\narrive", criterion: "share",
      experiment: "transport",
      asWritten: ["transport/delivers"], ours: [], condition: nil, notTestable: nil)
    let listing = ClaimListing(ClaimJudge(outcomes: outcomes).outcomes(of: [claim]))
    #expect(listing.print(as: .text).contains("Q4     refuted  transport/delivers  0.25"))
    #expect(listing.print(as: .csv).contains("Q4,3.2,\"events,\narrive\",refuted"))
    #expect(listing.print(as: .json).contains("\"quote\": \"events,\\narrive\""))
  }

  @Test(arguments: [
    (0.0, "s", "0 s"), (0.0123456, "s", "12.35 ms"), (1500, "B", "1.5 kB"), (3, "1", "3"),
    (0.97349, "1", "0.9735"), (1e-9, "s", "1 ns"), (123_456_789, "1", "123500000"),
    (-2.5, "1", "−2.5"), (7, "events", "7 events"), (2.5, "×", "2.5 ×"),
  ])
  func `figures are written with four digits and a fitting unit`(
    value: Double, unit: String, expected: String
  ) {
    #expect(FigureText.quantity(value, unit: unit) == expected)
  }

  @Test func `a figure and its interval share one unit`() {
    #expect(
      FigureText.figure(0.0009, interval: 0.0008...0.0011, unit: "s") == "0.9 [0.8, 1.1] ms")
    #expect(FigureText.figure(nil, interval: nil, unit: "s") == "–")
    #expect(FigureText.plusMinus(0.0123, half: 0.00045, unit: "s") == "12.3 ± 0.45 ms")
  }

  @Test func `json escapes what it must and writes no infinity`() {
    let value = JSONValue.object([
      .init("a", .string("\"\\\n\u{1}")), .init("b", .number(.infinity)), .init("c", .number(0.5)),
    ])
    #expect(value.line == #"{"a": "\"\\\n\u0001", "b": null, "c": 0.5}"#)
  }
}
