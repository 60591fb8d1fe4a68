import Testing

@testable import LabGate

@Suite struct EventBaselineTests {
  private let lines = (0..<1_000).map { "\($0)ms n1 sends #\($0)" }

  @Test func `events that agree show no difference`() throws {
    let kept = EventBaseline(lines: lines)
    let read = try EventBaseline.decode(kept.text, path: "e.txt")
    #expect(read == kept)
    #expect(read.firstDifference(to: lines) == nil)
  }

  @Test(arguments: [0, 23, 24, 999]) func `the first event that differs is named`(place: Int) {
    var changed = lines
    for index in place..<changed.count { changed[index] += "0" }
    #expect(
      EventBaseline(lines: lines).firstDifference(to: changed)
        == "event \(place) is the first to differ: \(changed[place])")
  }

  @Test func `a trial that goes on or ends early is said to`() {
    let kept = EventBaseline(lines: lines)
    #expect(kept.firstDifference(to: lines + ["more"]) == "event 1000 is new: more")
    #expect(
      kept.firstDifference(to: Array(lines.dropLast()))
        == "after 999 of 1000 events there are no more")
  }

  @Test func `a trial with more events than are kept is compared as far as that`() {
    let many = (0..<(EventBaseline.eventsMax + 5)).map { "\($0)" }
    let kept = EventBaseline(lines: many)
    #expect(kept.count == EventBaseline.eventsMax)
    #expect(kept.firstDifference(to: many) == nil)
    #expect(kept.text.utf8.count < 512 * 1024)
  }

  @Test func `a damaged, a cut and a newer file are refused`() throws {
    let text = EventBaseline(lines: lines).text
    for bad in [
      text.replacing("A", with: "B"), String(text.dropLast(5)), "",
      String(repeating: "\0", count: 99),
      text.replacing("fleetlab-events 1", with: "fleetlab-events 2"),
      text.replacing("1000", with: "999"),
    ] {
      #expect(throws: BaselineError.self) { try EventBaseline.decode(bad, path: "e.txt") }
    }
  }
}
