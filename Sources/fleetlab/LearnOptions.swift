// What verbs of learning have in common.
public import ArgumentParser
public import Experiments
public import Learning

/// Where policies act, and over how many episodes they are judged.
struct LearnOptions: ParsableArguments {
  @Option(help: "Where it acts.")
  var environment: LearningWorld

  @Option(help: "Over how many episodes a policy is judged; a table's is judged exactly.")
  var episodes = 100

  static let algorithms = LearningAlgorithm.allCases.filter { $0 != .decisionTransformer }
    .map(\.rawValue).joined(separator: ", ")
  static let environments = LearningWorld.allCases.map(\.rawValue).joined(separator: ", ")

  func validate() throws {
    guard (1...100_000).contains(episodes) else {
      throw ValidationError("--episodes is \(episodes); 1 to 100000 were expected")
    }
  }

  /// Does something and turns whatever goes wrong into the program's failure, for nothing that goes
  /// wrong in learning is a finding.
  static func failing<Outcome>(_ body: () throws -> Outcome) throws -> Outcome {
    do { return try body() } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.failed, "\(error)")
    }
  }
}

extension LearningAlgorithm: ExpressibleByArgument {}
extension LearningWorld: ExpressibleByArgument {}
