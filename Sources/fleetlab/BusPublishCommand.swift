// fleetlab bus publish
import ArgumentParser
import Experiments
import FoundationEssentials
import Glibc
import LabCore
import LabRunner

extension BusCommand {
  /// Events from the command line or standard input.
  struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "publish",
      abstract: "Publish an event, or one for each line of standard input.",
      discussion: """
        Returns when the events are on the node's disk; from then on they reach every node. With \
        DATA one event is published. Without it each line of standard input is one, a JSON object \
        with "data" and, where they differ from the options, "type", "target" and "id". Each \
        answer is a JSON line with the event's number among those of the node, and the number of \
        its line. The exit code is 1 when an event was refused.

        Without an answer, because the node was killed, an event may be published or not. One \
        with an id can be published again at the same node: as long as the node keeps the first, \
        there is one event, and the answer is the first one's.

        EXAMPLES
          fleetlab bus publish try --node a "hello"
          fleetlab bus publish try --node a --type test.passed --target b '{"suite": 3}'
          fleetlab bus publish try --node a --id run-17 "done"
          echo '{"type": "test.failed", "data": "x"}' | fleetlab bus publish try --node a
        """)

    @OptionGroup var place: Place

    @Argument(help: "What the event says; without it standard input is read.")
    var data: String?

    @Option(help: "What happened, as in test.passed.")
    var type = "message"

    @Option(help: "The node that the event is meant for; every node gets it.")
    var target: String?

    @Option(help: "A name for the event that no other has; the node chooses one without it.")
    var id: String?

    /// A line of standard input.
    private struct Line: Decodable {
      private enum CodingKeys: CodingKey { case data, type, target, id }

      var data: String
      var type: String?
      var target: String?
      var id: String?

      init(from decoder: any Decoder) throws {
        let members = try decoder.knownMembers(CodingKeys.self)
        data = try members.decode(String.self, forKey: .data)
        type = try members.decodeIfPresent(String.self, forKey: .type)
        target = try members.decodeIfPresent(String.self, forKey: .target)
        id = try members.decodeIfPresent(String.self, forKey: .id)
      }
    }

    func validate() throws {
      guard id == nil || data != nil else {
        throw ValidationError("--id names one event; DATA, or \"id\" in each line, was expected")
      }
    }

    /// How many events may wait for their answers.
    private static let outstanding = 512
    /// After how long a silent node is explained.
    private static let patience = LabCore.Duration.seconds(2)

    func run() throws {
      let client = try SubscribeCommand.failing { try BusClient(try place.find()) }
      var publisher = Publisher(client: client)
      if let data {
        try publisher.publish(.init(type: type, data: data, target: target, id: id))
      } else {
        try readInput(&publisher)
      }
      try publisher.finish()
      guard publisher.refused == 0 else {
        throw Failure(
          .finding,
          "\(publisher.refused) of \(publisher.asked) events were refused; none was "
            + "expected; the lines above say why")
      }
    }

    /// Publishes each line of standard input as it comes.
    private func readInput(_ publisher: inout Publisher) throws {
      var lines = LineBuffer(limit: 8 << 20)
      var number = 0
      while true {
        while let line = lines.next() {
          number += 1
          try publish(line, number, &publisher)
        }
        guard !lines.isOverlong else {
          try publisher.finish()
          throw Failure(
            .failed, "line \(number + 1) is too long; at most 8 MiB were expected; cut it")
        }
        guard try publisher.waitForInput() else { continue }
        switch Descriptor.read(STDIN_FILENO) {
        case .bytes(let bytes): lines.append(bytes)
        case .nothing: break
        case .end:
          if let line = lines.takeRest() { try publish(line, number + 1, &publisher) }
          return
        }
      }
    }

    /// Publishes a line; what came before one that is no event is published, and answered for.
    private func publish(_ line: [UInt8], _ number: Int, _ publisher: inout Publisher) throws {
      guard let event = try? LineCoder.object(Line.self, from: line) else {
        try publisher.finish()
        throw Failure(
          .failed,
          "line \(number) is no event; a JSON object with \"data\", and only \"type\", \"target\" "
            + "and \"id\" beside it, was expected; correct it, and publish from this line on")
      }
      try publisher.publish(
        .init(
          type: event.type ?? type, data: event.data, target: event.target ?? target,
          id: event.id, number: number))
    }

    /// The events that are being published.
    private struct Publisher {
      let client: BusClient
      var asked = 0
      var answered = 0
      var refused = 0

      mutating func publish(_ event: BusRequest.Publication) throws {
        try client.ask(.publish(event))
        asked += 1
        while asked - answered >= PublishCommand.outstanding { try takeOne(within: .seconds(1)) }
      }

      /// Prints answers until standard input has something to read.
      ///
      /// - Returns: Whether it has.
      mutating func waitForInput() throws -> Bool {
        let isReady = client.wait(orFor: STDIN_FILENO, atMost: .seconds(3_600))
        while try takeOne(within: .zero) {}
        return isReady
      }

      /// Prints the answers that are left.
      mutating func finish() throws {
        var isExplained = false
        while answered < asked {
          if try takeOne(within: PublishCommand.patience) { continue }
          if !isExplained {
            Console.say(
              "no answer yet; a node with an empty folder numbers its events once it has heard a "
                + "peer; start one")
          }
          isExplained = true
        }
      }

      /// Prints the next answer, if one comes in time.
      @discardableResult
      private mutating func takeOne(within limit: LabCore.Duration) throws -> Bool {
        let next: (reply: BusReply, line: [UInt8])?
        do throws(BusClient.Failure) { next = try client.nextReply(within: limit) } catch {
          throw Failure(
            .failed,
            "\(error); of \(asked) events \(asked - answered) have no answer, and may be published "
              + "or not")
        }
        guard let (reply, line) = next else { return false }
        if case .refused = reply { refused += 1 }
        answered += 1
        Console.print(String(decoding: line, as: UTF8.self))
        return true
      }
    }
  }
}
