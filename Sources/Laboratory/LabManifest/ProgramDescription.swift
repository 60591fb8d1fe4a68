// A program from outside that runs as an arm.

/// A program in any language that a manifest names as one of its arms.
public struct ProgramDescription: Hashable, Sendable {
  /// The name of the arm, in kebab case.
  public var arm: String
  /// The program and its arguments, as they are handed over without a shell.
  ///
  /// The first word is a path relative to the manifest's folder when it holds a slash, and a name
  /// that is looked up in the search path otherwise.
  public var command: [String]
  /// One sentence on what it is.
  public var text: String
  /// The command that gets the program where it is missing; `nil` when nobody says.
  public var setup: String?

  /// Describes a program.
  public init(arm: String, command: [String], text: String, setup: String? = nil) {
    self.arm = arm
    self.command = command
    self.text = text
    self.setup = setup
  }
}

extension Manifest {
  /// The program that is an arm; `nil` for the experiment's own arms.
  public func program(of arm: String) -> ProgramDescription? {
    programs.first { $0.arm == arm }
  }
}

extension ExperimentDescription {
  /// The experiment with programs as further arms.
  func adding(_ programs: [ProgramDescription]) -> ExperimentDescription {
    var experiment = self
    experiment.arms += programs.map { ArmDescription($0.arm, $0.text) }
    return experiment
  }
}
