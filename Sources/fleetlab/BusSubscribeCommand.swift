// fleetlab bus subscribe
import ArgumentParser
import Experiments
import Glibc
import LabCore
import LabRunner

extension BusCommand {
  /// Events as JSON lines.
  struct SubscribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "subscribe",
      abstract: "Print the events that reach a node, a JSON line for each.",
      discussion: """
        A position is committed to the node once its line is written. With --name the node keeps \
        the position, and the next subscriber of that name goes on behind it; one that is killed \
        between writing and committing sees the last lines again. Whoever keeps the lines keeps \
        the position with them, as its last line tells it: --from goes on behind that, and each \
        event comes exactly once. Without a name the subscriber begins with what comes next.

        EXAMPLES
          fleetlab bus subscribe try --node c
          fleetlab bus subscribe try --node c --name log --type "test.*" --source a
          fleetlab bus subscribe try --node c --from oldest --count 10
          fleetlab bus subscribe try --node c --from 17 --wait >> events.jsonl
        """)

    @OptionGroup var place: Place

    @Option(help: "A name under which the node keeps the position.")
    var name: String?

    @Option(help: "A type, a beginning with .* as in test.*, or * for all.")
    var type: String?

    @Option(help: "The node that published.")
    var source: String?

    @Option(help: "A node; events that are meant for others are left out.")
    var target: String?

    @Option(help: "oldest, newest, committed, or the position behind which to begin.")
    var from: String?

    @Option(help: "End after so many events; never without it.")
    var count: Int?

    @Flag(help: "Wait for a node that does not run, and go on when it runs again.")
    var wait = false

    /// How long a node that does not run is left alone.
    private static let pause: useconds_t = 50_000

    func validate() throws {
      guard count ?? 1 > 0 else { throw ValidationError("--count of at least 1 was expected") }
    }

    func run() throws {
      let node = try place.find()
      var listener = Listener(left: count ?? .max)
      while listener.left > 0 {
        do throws(BusClient.Failure) {
          let client = try BusClient(node)
          try listener.listen(client, request(after: listener.position))
        } catch {
          guard wait, error.isAbsence else { throw Failure(.failed, "\(error)") }
          usleep(Self.pause)
        }
      }
    }

    private func request(after position: UInt64?) -> BusRequest {
      .subscribe(
        .init(
          name: name, type: type, source: source, target: target,
          from: position.map { String($0) } ?? from))
    }

    /// Runs a body, with the failures of the node as ends of the program.
    static func failing<Value>(_ body: () throws -> Value) throws -> Value {
      do { return try body() } catch let error as BusClient.Failure {
        throw Failure(.failed, "\(error)")
      }
    }
  }
}

/// What a subscriber has printed.
private struct Listener {
  /// How many events are still to be printed.
  var left: Int
  /// The position of the last line, or where the first subscription began.
  var position: UInt64?
  private var committed: UInt64 = 0

  init(left: Int) { self.left = left }

  /// Prints what a node hands over until enough is printed and committed.
  mutating func listen(
    _ client: BusClient, _ request: BusRequest
  ) throws(BusClient.Failure) {
    try client.ask(request)
    while left > 0 || committed < position ?? 0 {
      if let (reply, line) = try client.takeReply() {
        take(reply, line)
        continue
      }
      // What was read together is written and committed together.
      if let written = flush() { try client.ask(.commit(written)) }
      client.wait(atMost: .seconds(3_600))
    }
  }

  private var lines: [UInt8] = []

  private mutating func take(_ reply: BusReply, _ line: [UInt8]) {
    switch reply {
    case .event(let event) where left > 0:
      lines += line
      lines.append(UInt8(ascii: "\n"))
      position = event.position
      left -= 1
    case .subscribed(let next): if position == nil { position = next - 1; committed = next - 1 }
    case .expired(let count): Console.say("\(count) events were kept no longer, and are not seen")
    case .committed(let position): committed = max(committed, position)
    case .event, .published, .refused, .failed, .status: break
    }
  }

  /// Writes the lines that were taken; returns the position up to which that is.
  private mutating func flush() -> UInt64? {
    guard !lines.isEmpty else { return nil }
    Console.print(String(decoding: lines, as: UTF8.self))
    lines = []
    return position
  }
}
