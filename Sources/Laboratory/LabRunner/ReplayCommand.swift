// The line that runs one trial again.

public import LabManifest

/// Makes the command that a user pastes to see one trial again.
public struct ReplayCommand {
  let manifest: Manifest
  let overrides: [String]

  /// Makes commands for the trials of a manifest.
  ///
  /// - Parameter overrides: What the command line changed of the manifest, word by word.
  public init(manifest: Manifest, overrides: [String]) {
    self.manifest = manifest
    self.overrides = overrides
  }

  /// The command for a trial, quoted for a shell.
  func line(_ trial: Trial) -> String {
    line(cell: trial.cell.id, arm: trial.arm, repetition: trial.repetition)
  }

  /// The command for a repetition of an arm in a cell, quoted for a shell.
  public func line(cell: String, arm: String, repetition: Int) -> String {
    let words =
      [
        "fleetlab", "replay", manifest.path, "--cell", cell, "--arm", arm, "--repetition",
        "\(repetition)", "--size", manifest.size.rawValue, "--seed", "\(manifest.seed)",
      ] + overrides
    return words.map(Self.quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: ":"),
          UInt8(ascii: ","), UInt8(ascii: "%"), UInt8(ascii: "+"):
          true
        default: false
        }
      }
    guard !isPlain else { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
