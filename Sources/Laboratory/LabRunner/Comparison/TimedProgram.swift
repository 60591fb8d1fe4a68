// A program whose runs are timed.

/// A program with its arguments, which does the same work whenever it runs.
public struct TimedProgram: Hashable, Sendable {
  /// A path, or a name that is looked up in the search path.
  public var executable: String
  /// What it is started with, its own name apart.
  public var arguments: [String]

  /// Describes a program.
  public init(_ executable: String, _ arguments: [String] = []) {
    self.executable = executable
    self.arguments = arguments
  }

  /// The program as a person would type it; only for people, no shell reads it.
  public var text: String { ([executable] + arguments).joined(separator: " ") }
}
