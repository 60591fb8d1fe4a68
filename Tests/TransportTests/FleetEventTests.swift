import LabCore
import Testing
import Transport

struct `The fleet event` {
  private func event(_ data: String = "payload", target: String? = "n2") -> FleetEvent {
    var random = Seed(5).stream()
    return FleetEvent(
      id: FleetEvent.randomID(&random), type: "test.completed", source: "n0", target: target,
      data: data, timestamp: .zero + .milliseconds(93_784_005))
  }

  @Test func `it comes back from its JSON as it was`() {
    for data in ["", "plain", "quotes \" and \\ and \n and \u{1}", "ümläut 🐟"] {
      let original = event(data)
      #expect(FleetEvent(json: original.json) == original)
    }
    #expect(FleetEvent(json: event(target: nil).json) == event(target: nil))
  }

  @Test func `its JSON begins with the bytes that the document takes for a stream`() {
    var reader = ByteReader(event().json)
    #expect(reader.read(UInt32.self) == 2_065_852_772)
  }

  @Test func `a missing target is left out and the date is a string`() {
    let text = String(decoding: event(target: nil).json, as: UTF8.self)
    #expect(!text.contains("target"))
    #expect(text.contains("\"timestamp\":\"2026-01-02T02:03:04.005Z\""))
  }

  @Test func `what is no event is refused`() {
    for text in ["", "{", "null", "[]", "{}", "{\"id\":1,\"type\":\"a\"}", "{\"id\":\"a\"}"] {
      #expect(FleetEvent(json: Bytes(Array(text.utf8))) == nil, "\(text)")
    }
    let whole = event().json
    #expect(FleetEvent(json: whole.slice(4..<whole.count)) == nil)
  }

  @Test func `random bytes never trap`() {
    var random = Seed(6).stream()
    for _ in 0..<5_000 {
      let bytes = (0..<random.below(80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(FleetEvent(json: Bytes(bytes)) == nil)
    }
  }

  @Test func `ids are version 4 UUIDs and differ`() {
    var random = Seed(7).stream()
    let ids = (0..<1_000).map { _ in FleetEvent.randomID(&random) }
    #expect(Set(ids).count == ids.count)
    for id in ids {
      let groups = id.split(separator: "-")
      #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
      #expect(groups[2].first == "4" && "89ab".contains(groups[3].first ?? "-"))
    }
  }
}
