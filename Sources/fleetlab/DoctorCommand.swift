// fleetlab doctor
import ArgumentParser
import Foundation
import LabGate
import LabManifest
import LabReport
import LabRunner

/// Says what this machine has and lacks.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what is installed, what is missing, and how to get it.",
    discussion: "EXAMPLE\n  fleetlab doctor")

  @OptionGroup var folders: FolderOptions

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  /// One thing that was looked for.
  private struct Finding {
    var thing: String
    var isThere: Bool
    var state: String
    var remedy: String
    /// Whether the laboratory cannot work without it.
    var isNeeded: Bool
  }

  func run() throws {
    let findings = [toolchain, figures, git, wireshark, compiler, results] + (try programs)
    var table = Listing(columns: ["thing", "state", "what to do"])
    for finding in findings {
      table.append([finding.thing, finding.state, finding.isThere ? "" : finding.remedy])
    }
    Console.print(table.text(as: format))
    if findings.contains(where: { $0.isNeeded && !$0.isThere }) {
      throw Failure(.finding, "something that is needed is missing")
    }
  }

  private var toolchain: Finding {
    let path = FolderProbe.program("swift")
    return Finding(
      thing: "Swift toolchain", isThere: path != nil, state: path ?? "not on PATH",
      remedy: "install Swift 6.3 or newer from swift.org; only building needs it", isNeeded: false)
  }

  private var figures: Finding {
    let renderer = FigureRenderer.installed(
      root: ".", environment: ProcessInfo.processInfo.environment)
    return Finding(
      thing: "figure renderer", isThere: renderer != nil,
      state: renderer?.interpreter ?? "not installed; pictures stay as they are",
      remedy: "./Scripts/setup", isNeeded: false)
  }

  private var git: Finding {
    let path = FolderProbe.program("git")
    let checkout = FolderProbe.checkout == nil ? ", outside a checkout" : ""
    return Finding(
      thing: "git", isThere: path != nil,
      state: path.map { "\($0)\(checkout)" } ?? "not there; records do not say which commit ran",
      remedy: "apt-get install git", isNeeded: false)
  }

  private var wireshark: Finding {
    let path = FolderProbe.program("tshark")
    return Finding(
      thing: "tshark", isThere: path != nil,
      state: path ?? "not there; captures of replays are written all the same",
      remedy: "apt-get install tshark", isNeeded: false)
  }

  private var compiler: Finding {
    let path = FolderProbe.program("g++")
    return Finding(
      thing: "C++ compiler", isThere: path != nil,
      state: path ?? "not there; ./Scripts/peers needs it",
      remedy: "apt-get install g++", isNeeded: false)
  }

  /// The programs from outside that manifests name as arms.
  private var programs: [Finding] {
    get throws {
      guard FolderProbe.exists(folders.experiments) else { return [] }
      return try folders.manifests([]).flatMap { path -> [Finding] in
        let manifest = try folders.plan(path, .standard).manifest
        return manifest.programs.map { program in
          let place = ExecutableSearch.path(of: program, in: manifest)
          return Finding(
            thing: "arm \(program.arm) of \(manifest.id)", isThere: place != nil,
            state: place ?? "not there; the manifest is skipped, its record stays",
            remedy: program.setup ?? "install '\(program.command.first ?? "")'", isNeeded: false)
        }
      }
    }
  }

  private var results: Finding {
    let writable = access(FolderProbe.exists(folders.results) ? folders.results : ".", W_OK) == 0
    return Finding(
      thing: "folder of records", isThere: writable,
      state: writable ? folders.results : "\(folders.results) cannot be written",
      remedy: "name another with --results", isNeeded: true)
  }
}
