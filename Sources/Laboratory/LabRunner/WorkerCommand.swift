// How workers are started.

public import LabCore

/// The program that serves as a worker.
public struct WorkerCommand: Hashable, Sendable {
  /// The path of the program; usually the one that runs.
  public var executable: String
  /// What it is started with, its own name apart.
  public var arguments: [String]
  /// What is set besides the environment of the runner.
  ///
  /// The backtrace of Swift's runtime is off, because it would push the reason of a trap out of the
  /// end of the log; a replay shows it.
  public var environment: [String: String]
  /// How long it may take to load the plan.
  public var startLimit: LabCore.Duration

  /// Describes a program.
  public init(
    executable: String, arguments: [String] = ["worker"],
    environment: [String: String] = ["SWIFT_BACKTRACE": "enable=no"],
    startLimit: LabCore.Duration = .seconds(120)
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.startLimit = startLimit
  }

  /// The program that runs now, as a worker.
  public static var thisProgram: WorkerCommand { WorkerCommand(executable: "/proc/self/exe") }
}
