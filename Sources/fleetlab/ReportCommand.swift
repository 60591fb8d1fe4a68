// fleetlab report
import ArgumentParser
import Foundation
import LabManifest
import LabReport

/// Regenerates the reports from the records.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Regenerate REPORT.md and the report of each record, with their figures.",
    discussion: """
      From the records alone; nothing is run. With --check nothing is written, and the exit code \
      is 1 when a file is not what the records make of it. With --html all of it becomes one page \
      for a browser, with figures that answer to a pointer and to filters; it needs nothing but \
      itself.

      EXAMPLES
        fleetlab report
        fleetlab report --check
        fleetlab report --html build/report.html
      """)

  @OptionGroup var folders: FolderOptions

  @Option(help: "The report of the whole laboratory.")
  var report = "REPORT.md"

  @Option(help: "The page whose part 'decided', if it has one, shows the decided claims.")
  var front = "README.md"

  @Flag(help: "Only say which files have drifted from the records.")
  var check = false

  @Option(help: "Write one page for a browser to this file, and nothing else.")
  var html: String?

  func validate() throws {
    if check, html != nil {
      throw ValidationError("--check and --html exclude each other; write one of them")
    }
  }

  func run() throws {
    let folder = ReportFolder(report: report, results: folders.results, front: front)
    let (entries, claims) = (try folders.entries(), try folders.claims())
    if check { return try checkDrift(folder, entries, claims) }
    let renderer = FigureRenderer.installed(
      root: ".", environment: ProcessInfo.processInfo.environment)
    if let html { return try writePage(to: html, entries, claims, renderer) }
    do throws(ReportError) {
      let written = try folder.write(entries, claims: claims, renderer: renderer)
      for path in written.changed { Console.say("wrote \(path)") }
      for warning in written.warnings { Console.say("warning: \(warning)") }
      Console.say("\(entries.count) records, \(written.changed.count) files changed")
    } catch { throw Failure(.failed, "\(error)") }
  }

  private func writePage(
    to path: String, _ entries: [LaboratoryReport.Entry], _ claims: [Claim],
    _ renderer: FigureRenderer?
  ) throws {
    do throws(ReportError) {
      guard let renderer else {
        throw .noLibrary(reason: "it is not installed, and the page would have no figures")
      }
      let page = try LaboratoryPage(entries, claims: claims, library: try renderer.library())
      try page.write(to: path)
    } catch { throw Failure(.failed, "\(error)") }
    Console.say("wrote \(path)")
  }

  private func checkDrift(
    _ folder: ReportFolder, _ entries: [LaboratoryReport.Entry], _ claims: [Claim]
  ) throws {
    let drift: [ReportFolder.Drift]
    do throws(ReportError) {
      drift = try folder.drift(entries, claims: claims)
    } catch { throw Failure(.failed, "\(error)") }
    guard drift.isEmpty else {
      throw Failure(.finding, drift.map(\.description).joined(separator: "\n"))
    }
    Console.say("every report is what the records say")
  }
}
