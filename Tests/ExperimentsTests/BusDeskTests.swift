// What clients of a node ask and get, without sockets.
import Events
import LabCore
import Testing
import Transport

@testable import Experiments

@Suite struct `Desk of a node` {
  private var desk = BusDesk(members: ["a", "b"])

  private mutating func ask(_ line: String, from id: Int) -> [EventBusCommand] {
    desk.take(Array(line.utf8), from: id)
    return desk.takeCommands()
  }

  private mutating func heard(_ id: Int) -> [String] {
    var lines: [String] = []
    while desk.hasReplies(id) {
      lines += String(decoding: desk.takeReplies(id, about: 1), as: UTF8.self)
        .split(separator: "\n").map(String.init)
    }
    return lines
  }

  private static func delivery(_ position: UInt64, bytes: Int = 1) -> EventDelivery {
    EventDelivery(
      event: FleetEvent(
        id: "i", type: "t", source: "a", target: nil,
        data: String(repeating: "x", count: bytes), timestamp: .zero + .seconds(86_400)),
      sequence: position, position: position)
  }

  private mutating func open() throws -> Int {
    let id = desk.open()
    return try #require(id)
  }

  @Test mutating func `answers each publisher with its own number`() throws {
    let (one, two) = (try open(), try open())
    let first = ask(#"{"publish": {"type": "t", "data": "x", "number": 7}}"#, from: one)
    let second = ask(#"{"publish": {"type": "t", "target": "b", "id": "i"}}"#, from: two)
    #expect(first == [.publish(number: 0, type: "t", data: "x")])
    #expect(second == [.publish(number: 1, id: "i", type: "t", target: "b", data: "")])
    desk.take(.refused(number: 1, .storeFull))
    desk.take(.published(number: 0, sequence: 12))
    #expect(heard(one) == [#"{"published": 12, "number": 7}"#])
    #expect(heard(two).first?.hasPrefix(#"{"refused": "peers lack"#) == true)
  }

  @Test(arguments: [
    "", "{}", "[]", "nonsense", "{\"publish\": 3}", "{\"commit\": -1}",
    "{\"status\": true, \"commit\": 1}",
    "{\"status\": true, \"statsu\": 1}", "{\"publish\": {\"type\": \"t\", \"targt\": \"b\"}}",
    "{\"subscribe\": {\"form\": \"oldest\"}}",
    "{\"publish\": {\"data\": \"x\"}}", "{\"commit\": 3}", "{\"subscribe\": {\"name\": \"a/b\"}}",
    "{\"subscribe\": {\"name\": \"~0\"}}", "{\"subscribe\": {\"from\": \"now\"}}",
    "{\"subscribe\": {\"source\": \"z\"}}", "{\"subscribe\": {\"target\": \"z\"}}",
    String(repeating: "[", count: 100_000), "\u{0}\u{1}", "{\"publish\": {\"type\": \"\\ud800\"}}",
  ])
  mutating func `ends a connection that asks for nonsense, with the reason`(line: String) throws {
    let id = try open()
    #expect(ask(line, from: id).isEmpty)
    let answers = heard(id)
    #expect(answers.count == 1 && answers[0].hasPrefix(#"{"error": "#), "\(answers)")
    #expect(desk.isOver(id) && !desk.isOpenToRequests(id))
    #expect(ask(#"{"status": true}"#, from: id).isEmpty)
  }

  @Test
  mutating func
    `hands a subscriber what comes after its subscription holds, as text when it is taken`()
    throws
  {
    let id = try open()
    let asked = ask(#"{"subscribe": {"name": "log", "type": "t.*", "from": "3"}}"#, from: id)
    #expect(asked == [.subscribe("log", to: EventFilter(type: "t.*"), from: .after(3))])
    desk.take(.delivered(subscriber: "log", Self.delivery(1)))
    desk.take(.subscribed("log", from: 4))
    desk.take(.delivered(subscriber: "log", Self.delivery(4)))
    desk.take(.committed(subscriber: "log", position: 4))
    let lines = heard(id)
    #expect(
      lines == [
        #"{"subscribed": 4}"#,
        #"{"position": 4, "source": "a", "sequence": 4, "id": "i", "type": "t", "data": "x", "#
          + #""timestamp": "1970-01-02T00:00:00.000Z"}"#, #"{"committed": 4}"#,
      ])
    #expect(ask(#"{"commit": 4}"#, from: id) == [.commit(subscriber: "log", position: 4)])
  }

  @Test mutating func `lets a client take over a name, and tells the one before`() throws {
    let (one, two) = (try open(), try open())
    _ = ask(#"{"subscribe": {"name": "log"}}"#, from: one)
    _ = ask(#"{"subscribe": {"name": "log"}}"#, from: two)
    // What was asked for the first client is answered before what was asked for the second.
    desk.take(.subscribed("log", from: 1))
    desk.take(.delivered(subscriber: "log", Self.delivery(1)))
    desk.take(.subscribed("log", from: 1))
    desk.take(.delivered(subscriber: "log", Self.delivery(1)))
    #expect(heard(one).map { $0.hasPrefix(#"{"error": "another client"#) } == [true])
    #expect(heard(two).count == 2)
    desk.close(one)
    #expect(desk.takeCommands().isEmpty)
    desk.close(two)
    #expect(desk.takeCommands().isEmpty, "the position of a name is kept")
  }

  @Test mutating func `forgets a subscriber without a name, and uses its place again`() throws {
    for _ in 0..<3 {
      let id = try open()
      let asked = ask(#"{"subscribe": {}}"#, from: id)
      #expect(asked == [.subscribe("~0", from: .newest)])
      desk.close(id)
      #expect(desk.takeCommands() == [.unsubscribe("~0")])
    }
  }

  @Test mutating func `does not read a client that has too much outstanding`() throws {
    let id = try open()
    var count = 0
    while desk.isOpenToRequests(id), count < 10_000 {
      _ = ask(#"{"publish": {"type": "t", "data": "x"}}"#, from: id)
      count += 1
    }
    #expect(count == BusDesk.outstanding)
    for number in 0..<count { desk.take(.published(number: number, sequence: 1)) }
    #expect(!desk.isOpenToRequests(id), "the answers wait")
    #expect(heard(id).count == count && desk.isOpenToRequests(id))
    let large = String(repeating: "x", count: 1 << 20)
    count = 0
    while desk.isOpenToRequests(id), count < 100 {
      _ = ask(#"{"publish": {"type": "t", "data": "\#(large)"}}"#, from: id)
      count += 1
    }
    #expect(count == BusDesk.outstandingBytes >> 20)
  }

  @Test mutating func `does not read a client that asks more than is answered`() throws {
    let id = try open()
    var count = 0
    while desk.isOpenToRequests(id), count < 10_000 {
      _ = ask(#"{"status": true}"#, from: id)
      count += 1
    }
    #expect(count == BusDesk.outstanding && !desk.isIdle(id))
  }

  @Test mutating func `has room for so many clients only`() throws {
    let ids = try (0..<BusDesk.clients).map { _ in try open() }
    #expect(desk.open() == nil)
    desk.close(ids[3])
    #expect(desk.open() != nil)
  }
}
