// The bus as people use it: nodes in processes, and verbs that talk to them.

import FoundationEssentials
import Glibc
import LabCore
import Testing

@testable import LabRunner

@Suite(.timeLimit(.minutes(3))) struct `Bus verbs` {
  private static func bus(_ words: String...) throws -> Desk.Ending {
    try Desk.call(["bus"] + words)
  }

  /// Publishes lines of standard input.
  private static func publish(_ lines: [String], _ fleet: String, _ node: String) throws
    -> Desk.Ending
  {
    try publish(text: lines.map { "\($0)\n" }.joined(), fleet, node)
  }

  private static func publish(text: String, _ fleet: String, _ node: String) throws -> Desk.Ending {
    try Desk.call(["bus", "publish", fleet, "--node", node], input: text)
  }

  private static func lines(_ ending: Desk.Ending) -> [Substring] {
    ending.output.split(separator: "\n")
  }

  @Test func `three nodes share what is published, and a subscriber goes on where it was`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_000)
    let nodes = try ["a", "b", "c"].map { try ServingNode.start(fleet, $0) }
    let first = try Self.bus("publish", fleet, "--node", "a", "hello, \"b\"", "--target", "b")
    #expect((first.code, first.output) == (0, "{\"published\": 1}\n"), "\(first.errors)")
    let more = try Self.publish(
      [#"{"data": "x", "type": "test.passed"}"#, #"{"data": "y", "type": "test.failed"}"#],
      fleet, "b")
    #expect(more.code == 0, "\(more.errors)")
    #expect(
      Self.lines(more) == [
        #"{"published": 1, "number": 1}"#, #"{"published": 2, "number": 2}"#,
      ])
    let all = try Self.bus("subscribe", fleet, "--node", "c", "--from", "oldest", "--count", "3")
    #expect(all.code == 0 && Self.lines(all).count == 3, "\(all.errors)")
    #expect(all.output.contains(#""data": "hello, \"b\"""#))
    let one = try Self.bus(
      "subscribe", fleet, "--node", "c", "--name", "log", "--source", "b", "--count", "1")
    let next = try Self.bus(
      "subscribe", fleet, "--node", "c", "--name", "log", "--source", "b", "--count", "1")
    #expect(one.output.contains(#""data": "x""#) && next.output.contains(#""data": "y""#))
    let filtered = try Self.bus(
      "subscribe", fleet, "--node", "a", "--from", "oldest", "--type", "test.f*", "--count", "1")
    #expect(filtered.code == 2 && filtered.errors.contains("this is no type to look for"))
    let status = try Self.bus("status", fleet, "--node", "c", "--format", "json")
    #expect(status.output.contains(#""state": "heard""#) && status.code == 0)
    #expect(nodes[0].end(SIGTERM) == "exited with code 0")
    #expect(nodes[1].end(SIGINT) == "exited with code 0")
  }

  @Test func `a node that was killed is waited for, and has everything that was accepted`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_010)
    let nodes = try ["a", "b", "c"].map { try ServingNode.start(fleet, $0) }
    #expect(try Self.bus("publish", fleet, "--node", "a", "1").code == 0)
    nodes[1].process.kill()
    #expect(try Self.bus("publish", fleet, "--node", "a", "2").code == 0)
    let gone = try Self.bus("publish", fleet, "--node", "b", "3")
    #expect(gone.code == 2 && gone.errors.contains("'b' does not run"))
    let running = try Running([
      "bus", "subscribe", fleet, "--node", "b", "--from", "oldest", "--count", "2", "--wait",
    ])
    let again = try ServingNode.start(fleet, "b")
    let heard = running.end()
    #expect(heard.code == 0 && Self.lines(heard).count == 2, "\(heard.errors)")
    #expect(again.end(SIGTERM) == "exited with code 0")
    // Whoever is not mentioned any more is killed.
    #expect(nodes[0].end(SIGTERM) == "exited with code 0")
  }

  @Test func `everything that is wrong with a fleet's file is said at once, with its place`() throws
  {
    let desk = try Desk()
    let path = try desk.write(
      """
      fleetlab: 1
      nodes:
        a: {adress: 127.0.0.1:4701}
        b: {address: localhost:4702}
        c: {address: 127.0.0.1:0}
      limits: {capacity: 10, event: 2MB}
      pase: {}
      """, to: "fleet.yaml")
    let ending = try Self.bus("serve", path, "--node", "a")
    #expect(ending.code == 65 && ending.output.isEmpty)
    let places = [
      "\(path):3:7: error: unknown key 'adress'; did you mean 'address'?",
      "\(path):4:16: error: 'localhost:4702' is no address",
      "\(path):5:16: error: '127.0.0.1:0' is no address", "\(path):6:20: error:",
      "\(path):7:1: error: unknown key 'pase'; did you mean 'pace'?",
    ]
    for place in places { #expect(ending.errors.contains(place), "\(place)\n\(ending.errors)") }
    #expect(try Self.bus("status", "\(desk.path)/nowhere", "--node", "a").code == 65)
  }

  @Test func `a node serves under its own name, in its own folder, once`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_020)
    let node = try ServingNode.start(fleet, "a")
    let second = try Self.bus("serve", fleet, "--node", "a")
    #expect(second.code == 75 && second.errors.contains("held by a node that runs"))
    let unknown = try Self.bus("serve", fleet, "--node", "d")
    #expect(unknown.code == 2 && unknown.errors.contains("known are 'a', 'b', 'c'"))
    let text = try desk.read("fleet/fleet.yaml")
    // The certificate of b for a; the folder of a for b.
    _ = try desk.write(
      text.replacing("b: {", with: "b: {certificate: c.pem, key: c.key, "), to: "fleet/other.yaml")
    let other = try Self.bus("serve", "\(fleet)/other.yaml", "--node", "b")
    #expect(other.code == 2 && other.errors.contains("is the certificate of 'c'"))
    _ = try desk.write(text.replacing("b: {", with: "b: {folder: a, "), to: "fleet/third.yaml")
    #expect(try Self.bus("publish", fleet, "--node", "a", "--type", "a b", "x").code == 1)
    let folder = try Self.bus("serve", "\(fleet)/third.yaml", "--node", "b")
    #expect(folder.code == 65 && folder.errors.contains("is the folder of an earlier node"))
    // The folder in which a serves, by a file of its own.
    _ = try desk.write(
      text.replacing("a: {", with: "a: {folder: x, ").replacing("b: {", with: "b: {folder: a, "),
      to: "fleet/fourth.yaml")
    #expect(try Self.bus("create", fleet).code == 2)
    #expect(try Self.bus("create", "\(desk.path)/x", "--nodes", "0").code == 64)
    var status = stat()
    #expect(stat("\(fleet)/a", &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(stat("\(fleet)/a.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
    let held = try Self.bus("serve", "\(fleet)/fourth.yaml", "--node", "b")
    #expect(held.code == 75)
    #expect(node.end(SIGTERM) == "exited with code 0")
  }

  @Test func `a node takes no folder of another fleet for its own`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_070, nodes: 1)
    let node = try ServingNode.start(fleet, "a")
    #expect(try Self.bus("publish", fleet, "--node", "a", "x").code == 0)
    #expect(node.end(SIGTERM) == "exited with code 0")
    // The node has the same name and place, but another fleet.
    let other = try desk.fleet("other", port: 21_070, nodes: 2)
    let text = try desk.read("other/fleet.yaml")
    _ = try desk.write(
      text.replacing("a: {", with: "a: {folder: \(fleet)/a, "), to: "other/taken.yaml")
    let ending = try Self.bus("serve", "\(other)/taken.yaml", "--node", "a")
    #expect(ending.code == 2 && ending.errors.contains("holds what another node"), "\(ending)")
  }

  @Test func `an event with an id is published once, and a last line needs no end`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_080, nodes: 1)
    let node = try ServingNode.start(fleet, "a")
    for _ in 0..<2 {
      let one = try Self.bus("publish", fleet, "--node", "a", "--id", "run-1", "x")
      #expect(one.output == "{\"published\": 1}\n", "\(one.errors)")
    }
    let other = try Self.bus("publish", fleet, "--node", "a", "--id", "run-1", "y")
    #expect(other.code == 1 && other.output.contains("another event with this id"))
    let text = try Self.publish(
      text: #"{"data": "y"}"# + "\n" + #"{"data": "x", "type": "message", "id": "run-1"}"#, fleet,
      "a")
    // What is known already is answered at once, what is new when it is on the disk.
    #expect(
      Set(Self.lines(text)) == [
        #"{"published": 2, "number": 1}"#, #"{"published": 1, "number": 2}"#,
      ])
    #expect(node.end(SIGTERM) == "exited with code 0")
  }

  @Test func `a node that was asked to ends with its standard input`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_060, nodes: 1)
    let pipe = try LabRunner.Pipe()
    let node = try Running(
      ["bus", "serve", fleet, "--node", "a", "--until-input-ends"], input: pipe.reading)
    pipe.closeReading()
    pipe.closeWriting()
    #expect(node.end().code == 0)
  }

  @Test func `lines that are no events are refused, and what came before them is published`() throws
  {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_030, nodes: 1)
    let node = try ServingNode.start(fleet, "a")
    let ending = try Self.publish([#"{"data": "1"}"#, "nonsense"], fleet, "a")
    #expect(ending.code == 2 && ending.errors.contains("line 2 is no event"), "\(ending.errors)")
    #expect(Self.lines(ending) == [#"{"published": 1, "number": 1}"#], "what came before is told")
    for line in ["{}", #"{"data": "1", "targt": "a"}"#] {
      let odd = try Self.publish([line], fleet, "a")
      #expect(odd.code == 2 && odd.errors.contains("line 1 is no event"), "\(odd.errors)")
    }
    let target = try Self.publish([#"{"data": "1", "target": "z"}"#], fleet, "a")
    #expect(target.code == 1 && target.output.contains("the target is no node of the fleet"))
    let far = try Self.bus("subscribe", fleet, "--node", "a", "--from", "900")
    #expect(far.code == 2 && far.errors.contains("the position lies beyond"), "\(far.errors)")
    let odd = try Self.bus("subscribe", fleet, "--node", "a", "--from", "yesterday")
    #expect(odd.code == 2 && odd.errors.contains("'yesterday' is no beginning"))
    #expect(node.end(SIGTERM) == "exited with code 0")
  }

  @Test func `a node of another fleet is refused by both sides, and status says so`() throws {
    let desk = try Desk()
    let fleet = try desk.fleet(port: 21_040)
    let other = try desk.fleet("other", port: 21_040)
    let a = try ServingNode.start(fleet, "a")
    let b = try ServingNode.start(other, "b")
    for (node, peer) in [(a, "b"), (b, "a")] {
      #expect(try node.wait(for: "refused").contains("\"peer\": \"\(peer)\""))
    }
    let status = try Self.bus("status", fleet, "--node", "a", "--format", "csv")
    let line = try #require(Self.lines(status).first { $0.hasPrefix("b,") })
    #expect(line.contains(",silent,-,0,") && line.contains("TLS alert"), "\(line)")
    // A file with another node makes another fleet, whoever signed the certificates.
    let text = try desk.read("fleet/fleet.yaml")
    b.process.kill()
    _ = try desk.write(text.replacing("c: {", with: "d: {"), to: "fleet/different.yaml")
    let third = try ServingNode.start("\(fleet)/different.yaml", "b")
    #expect(try a.wait(for: "another fleet's file").contains("\"peer\": \"b\""))
    #expect(third.end(SIGTERM) == "exited with code 0")
  }
}
