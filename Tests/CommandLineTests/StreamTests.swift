// What stands on standard output and what on standard error, and in which form.

import Glibc
import LabCore
import Testing

@testable import LabRunner

@Suite struct `Standard streams` {
  /// The verbs that the program lists.
  private static func verbs() throws -> [String] {
    var verbs: [String] = []
    var isList = false
    for line in try Desk.call(["--help"]).output.split(separator: "\n") {
      if !line.hasPrefix(" ") { isList = line.hasSuffix("SUBCOMMANDS:") }
      guard isList, let match = line.prefixMatch(of: /\ \ ([a-z-]+)/) else { continue }
      verbs.append(String(match.1))
    }
    return verbs
  }

  @Test func `the help of every verb shows an example and goes to standard output`() throws {
    let verbs = try Self.verbs()
    #expect(Set(verbs).isSuperset(of: ["list", "check", "run", "criteria", "report", "doctor"]))
    for verb in verbs {
      let help = try Desk.call([verb, "--help"])
      #expect(help.code == 0, "\(verb)")
      #expect(help.errors.isEmpty, "\(verb)")
      #expect(help.output.contains("EXAMPLE"), "\(verb)")
      #expect(help.output.contains("fleetlab \(verb)"), "\(verb)")
    }
  }

  @Test func `a plan is data, and the sum of it is talk`() throws {
    let desk = try Desk()
    let plan = try desk.call("plan", try desk.ask("quick"), "--format", "csv")
    #expect(plan.code == 0)
    #expect(plan.output.hasPrefix("cell,control,arms\n"))
    #expect(plan.output.split(separator: "\n").count == 3)
    #expect(plan.errors.hasPrefix("quick at standard size, seed 1: 1 cells"))
  }

  @Test(arguments: [("", true), ("1", false)])
  func `a terminal gets colours unless they are refused`(
    refusal: String, hasColours: Bool
  ) throws {
    let desk = try Desk()
    #expect(try desk.call("run", try desk.ask("quick")).code == 0)
    let (keyboard, screen) = try Self.terminal()
    defer { close(keyboard) }
    let run = try Running(
      [
        "criteria", "--experiments", "\(desk.path)/experiments", "--results", desk.results,
      ], environment: ["NO_COLOR": refusal], terminal: screen)
    #expect(run.end().code == 0)
    close(screen)
    Descriptor.doNotBlock(keyboard)
    var shown: [UInt8] = []
    while case .bytes(let more) = Descriptor.read(keyboard) { shown += more }
    let text = String(decoding: shown, as: UTF8.self)
    #expect(text.contains("pass-rates-agree"))
    #expect(text.contains("\u{1B}[") == hasColours, "\(text)")
  }

  /// Both ends of a terminal: where a person sits, and what a program writes to.
  private static func terminal() throws -> (keyboard: CInt, screen: CInt) {
    let keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: CInt = 0
    var number: CUnsignedInt = 0
    // The numbers are those of TIOCSPTLCK and TIOCGPTN, which are macros that Swift does not see.
    try #require(keyboard >= 0, "\(systemReason())")
    try #require(ioctl(keyboard, 0x4004_5431, &lock) == 0, "\(systemReason())")
    try #require(ioctl(keyboard, 0x8004_5430, &number) == 0, "\(systemReason())")
    let screen = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(screen >= 0, "\(systemReason())")
    return (keyboard, screen)
  }
}
