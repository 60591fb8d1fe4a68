// Running single trials without workers.

import FoundationEssentials
import Glibc
public import LabManifest

/// Runs trials in this process: for replay under a debugger or with traces, and for tests.
///
/// There is no limit of time or memory, except for programs from outside, and a trap ends the
/// process.
public struct InlineRunner: Sendable {
  /// The experiments that are known.
  public let experiments: ExperimentRegistry

  /// Makes a runner.
  public init(experiments: ExperimentRegistry) { self.experiments = experiments }

  /// Finds a trial by what a replay command names.
  ///
  /// - Throws: ``RunError/unknownTrial(_:)`` when the plan has no such trial.
  public static func trial(
    in plan: Plan, cell: String, arm: String, repetition: Int
  ) throws(RunError) -> Int {
    let index = plan.trials.firstIndex {
      $0.cell.id == cell && $0.arm == arm && $0.repetition == repetition
    }
    guard let index else {
      throw .unknownTrial("cell '\(cell)', arm '\(arm)', repetition \(repetition)")
    }
    return index
  }

  /// Runs one trial.
  ///
  /// - Parameters:
  ///   - index: The index of the trial in the plan.
  ///   - traceFolder: Where the trial writes its traces; `nil` for none.
  /// - Throws: ``RunError/unknownTrial(_:)`` or ``RunError/unknownExperiment(_:)``. A trial that
  ///   fails is an outcome.
  public func run(
    _ index: Int, of plan: Plan, traceFolder: String? = nil
  ) throws(RunError) -> TrialOutcome {
    guard plan.trials.indices.contains(index) else { throw .unknownTrial("trial \(index)") }
    let name = plan.manifest.experiment.name
    guard let experiment = experiments[name] else { throw .unknownExperiment(name) }
    let scratch = "\(FileManager.default.temporaryDirectory.path)/fleetlab-programs-\(getpid())"
    let programs = OutsidePrograms(plan: plan, experiment: experiment, scratch: scratch) { _ in }
    defer { programs.end() }
    return TrialExecution(plan: plan, experiment: experiment, programs: programs)
      .run(index, traceFolder: traceFolder)
  }
}
