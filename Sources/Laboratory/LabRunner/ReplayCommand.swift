// The line that runs one trial again.

import LabManifest

/// Makes the command that a user pastes to see one trial fail again.
struct ReplayCommand {
  let manifest: Manifest
  let overrides: [String]

  /// The command for a trial, quoted for a shell.
  func line(_ trial: Trial) -> String {
    let words =
      [
        "fleetlab", "replay", manifest.path, "--cell", trial.cell.id, "--arm", trial.arm,
        "--repetition", "\(trial.repetition)", "--size", manifest.size.rawValue, "--seed",
        "\(manifest.seed)",
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
