// The version of the program, which its records carry.

/// The version of the program that this code is part of.
public enum ProgramVersion {
  /// The version, as `fleetlab --version` prints it.
  public static let current = "0.1.0"
}
