// fleetlab phold
public import ArgumentParser
public import Experiments

/// Runs the standard load for event simulators once and prints what it cost.
struct PHOLDCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phold",
    abstract: "Measure the simulator under PHOLD; Scripts/bars compares it with its peers.",
    shouldDisplay: false)

  @Option(help: "queue for the event queue alone, instance for the whole simulator.")
  var engine: PHOLDRun.Engine = .instance

  @Option(help: "How many messages are under way.")
  var population = 1_000

  @Option(help: "How many deliveries are measured.")
  var events = 1_000_000

  @Option(help: "How many nodes there are.")
  var nodes = 1_000

  func validate() throws {
    guard nodes >= 1, population >= nodes, population <= 100_000_000, events >= 1 else {
      throw ValidationError("at least one node, a message for each and one event were expected")
    }
  }

  func run() throws {
    Console.print(
      PHOLDRun(engine: engine, nodes: nodes, population: population, events: events).measure())
  }
}

extension PHOLDRun.Engine: ExpressibleByArgument {}
