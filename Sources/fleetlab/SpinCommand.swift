// fleetlab spin
import ArgumentParser
import Experiments

/// Does a counted amount of work: the program that timed comparisons are tried on.
struct SpinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spin",
    abstract: "Do a counted amount of work; comparisons are tried on it.",
    shouldDisplay: false)

  @Option(help: "How many rounds of work.")
  var rounds: Int

  func validate() throws {
    guard (0...1_000_000_000_000).contains(rounds) else {
      throw ValidationError("--rounds is \(rounds); a number from 0 to 10^12 was expected")
    }
  }

  func run() { Console.print("\(CountedWork(rounds: rounds).run())") }
}
