// fleetlab learn predict
import ArgumentParser
import Foundation
import LabGate
import Learning
import LinearAlgebra

extension LearnCommand {
  /// Asks a policy what to do.
  struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "predict",
      abstract: "Ask a trained policy what to do, one JSON array a line.",
      discussion: """
        Reads what is seen from standard input, an array of numbers a line, and prints the action: \
        a number for a choice among a few, an array for a place in a box.

        EXAMPLE
          echo '[0.01, 0, 0.02, 0]' | fleetlab learn predict balance.learnt
        """)

    @Argument(help: "The file of a trained learner.")
    var file: String

    func run() throws {
      try LearnOptions.failing {
        let policy = try Policy(contentsOf: file, try OpenBLAS.open())
        var number = 0
        while let line = readLine() {
          number += 1
          guard let seen = try? JSONDecoder().decode([Float].self, from: Data(line.utf8)) else {
            throw Failure(
              .failed,
              "<stdin>:\(number):1: error: '\(line.prefix(80))' is no array of numbers; "
                + "\(policy.observationWidth) of them were expected; write them as [0.1, 0.2]")
          }
          switch try policy.action(seeing: seen) {
          case .choice(let choice): Console.print("\(choice)")
          case .numbers(let numbers):
            Console.print("[\(numbers.map { "\($0)" }.joined(separator: ", "))]")
          }
        }
      }
    }
  }
}
