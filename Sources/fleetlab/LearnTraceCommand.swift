// fleetlab learn trace
import ArgumentParser
import Experiments
import Foundation
import LabCore
import LabRecord
import Learning

extension LearnCommand {
  /// Carries out given actions.
  struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "trace",
      abstract: "Carry out given actions from a given state and print what the environment does.",
      discussion: """
        Reads {"state": […], "actions": […]} and prints {"observations", "states", "rewards", \
        "terminated", "truncated"} as JSON, to hold environments to others' of the same name. A \
        state is a list of numbers, of a table one; actions are whole numbers, or lists of them \
        where they lie in a box. The trace ends with the episode.

        EXAMPLE
          fleetlab learn trace --environment CartPole-v1 --in actions.json
        """)

    @Option(help: "Where they are carried out.")
    var environment: LearningWorld

    @Option(name: .customLong("in"), help: "The file of the state and the actions.")
    var input: String

    @Option(help: "Which chances, where the environment draws.")
    var seed: UInt64 = 1

    func run() throws {
      try LearnOptions.failing {
        let bytes: [UInt8]
        do { bytes = try RecordFile.read(input, limit: 16 << 20) } catch {
          throw Failure(.failed, "\(error)")
        }
        let script: EnvironmentTrace.Script
        do {
          script = try JSONDecoder().decode(EnvironmentTrace.Script.self, from: Data(bytes))
        } catch {
          throw Failure(
            .failed,
            "\(input):1:1: error: it is no state with actions; {\"state\": [0.1], \"actions\": "
              + "[0, 1]} was expected; see 'fleetlab learn trace --help'")
        }
        do {
          let trace = try EnvironmentTrace(script, in: environment, seed: Seed(seed))
          let encoder = JSONEncoder()
          encoder.outputFormatting = .sortedKeys
          Console.print(String(decoding: try encoder.encode(trace), as: UTF8.self))
        } catch let error as EnvironmentTraceError {
          throw Failure(.failed, "\(input):1:1: error: \(error)")
        } catch is EncodingError {
          throw Failure(
            .failed,
            "\(input):1:1: error: the trace leaves the finite numbers; a state and actions within "
              + "what \(environment.rawValue) comes to were expected; correct them")
        }
      }
    }
  }
}
