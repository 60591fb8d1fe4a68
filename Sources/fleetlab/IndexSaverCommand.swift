// fleetlab index-saver
import ArgumentParser
import Experiments

/// Saves an index over and over; tests kill it while it does.
struct IndexSaverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index-saver",
    abstract: "Save an index over and over, and say so each time; tests kill this.",
    shouldDisplay: false)

  @Option(help: "The file of the index.")
  var index: String

  @Flag(help: "Build the index instead of loading it.")
  var new = false

  @Option(help: "How many times the index is saved at most.")
  var saves = 1_000

  func run() throws {
    try VectorsCommand.failing {
      let saver = try IndexSaver(path: index, isNew: new)
      for number in 0..<saves {
        try saver.saveNext(to: index)
        Console.print("\(number)")
      }
    }
  }
}
