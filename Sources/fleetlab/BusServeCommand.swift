// fleetlab bus serve
import ArgumentParser
import Dispatch
import Experiments
import Glibc
import LabGate

extension BusCommand {
  /// A node.
  struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract: "Run a node of a fleet until it is interrupted.",
      discussion: """
        Prints a JSON line for each thing that happens to the node. SIGINT and SIGTERM end it; a \
        node that is killed has lost nothing that it accepted, and goes on when it is started again.

        EXAMPLES
          fleetlab bus serve try --node a
          fleetlab bus serve /etc/fleet.yaml --node berlin
        """)

    @OptionGroup var place: Place

    @Flag(
      name: .customLong("until-input-ends"),
      help: "End when standard input ends too, and so with a program that holds its other end.")
    var untilInputEnds = false

    func run() throws {
      let fleet = try place.read()
      let node: BusNode
      do throws(BusNode.Failure) { node = try BusNode(fleet, node: place.node) } catch {
        throw Failure(error.isBusy ? .busy : .failed, "\(error)")
      }
      let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { node.stop() }
        source.resume()
        return source
      }
      defer { for source in sources { source.cancel() } }
      let input = untilInputEnds ? Self.inputSource(of: node) : nil
      defer { input?.cancel() }
      do throws(BusNode.Failure) {
        try node.serve { news in Console.print(Self.line(news, node: place.node)) }
      } catch { throw Failure(.failed, "\(error)") }
    }

    /// Ends a node with standard input.
    private static func inputSource(of node: BusNode) -> any DispatchSourceRead {
      let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
      source.setEventHandler {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        if read(STDIN_FILENO, &bytes, bytes.count) <= 0 { node.stop() }
      }
      source.resume()
      return source
    }

    private static func line(_ news: BusNode.News, node: String) -> String {
      let members: [JSONValue.Member] =
        switch news {
        case .serving(let events):
          [.init("event", .string("serving")), .init("events", .integer(events))]
        case .peer(let name, let isReachable):
          [
            .init("event", .string(isReachable ? "heard" : "silent")), .init("peer", .string(name)),
          ]
        case .refused(let name, let reason):
          [
            .init("event", .string("refused")), .init("peer", .string(name)),
            .init("reason", .string(reason)),
          ]
        case .caughtUp: [.init("event", .string("caught-up"))]
        case .trouble(let text): [.init("event", .string("trouble")), .init("text", .string(text))]
        }
      return JSONValue.object([.init("node", .string(node))] + members).line
    }
  }
}
