// fleetlab worker
import ArgumentParser
import Glibc
import LabManifest
import LabRecord
import LabRunner

/// Serves a run as one of its worker processes.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Run trials for another fleetlab, which speaks over standard input and output.",
    shouldDisplay: false)

  func run() throws {
    let loader = ManifestLoader(experiments: laboratory.experiments.map { $0.description })
    let code = WorkerLoop(experiments: laboratory) { greeting in
      let text = try RecordFile.read(greeting.manifest, limit: 512 << 20)
      return try loader.plan(
        resolved: String(decoding: text, as: UTF8.self), path: greeting.source,
        size: greeting.size)
    }.run()
    throw ExitCode(code)
  }
}
