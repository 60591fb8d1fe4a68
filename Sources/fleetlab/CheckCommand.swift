// fleetlab check
import ArgumentParser
import LabManifest
import LabRunner

/// Checks manifests without running anything.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check manifests at every size, and claims.yaml, without running anything.",
    discussion: """
      All problems are printed at once, each with its place: path:line:column.

      EXAMPLES
        fleetlab check
        fleetlab check my-experiment.yaml
        fleetlab check --schema > manifest.schema.json
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "Manifests, or folders of them; all below the folder of experiments by default.")
  var paths: [String] = []

  @Flag(help: "Print the JSON Schema of manifests for editors instead.")
  var schema = false

  @Flag(help: "Print problems as JSON.")
  var json = false

  func run() throws {
    if schema {
      Console.print(JSONSchema.text(experiments: laboratory.experiments.map { $0.description }))
      return
    }
    let manifests = try folders.manifests(paths)
    var problems: [Diagnostic] = []
    var criteria: Set<String> = []
    for path in manifests {
      do throws(ManifestProblems) {
        let plans = try folders.loader.check(path: path)
        for plan in plans {
          criteria.formUnion(plan.manifest.criteria.map { "\(plan.manifest.id)/\($0.id)" })
        }
      } catch { problems += error.diagnostics }
    }
    // A manifest that cannot be read has no criteria, which is no fault of the claims.
    if paths.isEmpty, problems.isEmpty { problems = try claimProblems(criteria) }
    guard problems.isEmpty else {
      let all = ManifestProblems(problems)
      throw Failure(.badManifest, json ? all.json : "\(all)")
    }
    let are = manifests.count == 1 ? "manifest is" : "manifests are"
    Console.say("\(manifests.count) \(are) right")
  }

  /// Claims that name a criterion which no manifest has.
  private func claimProblems(_ criteria: Set<String>) throws -> [Diagnostic] {
    let path = "\(folders.experiments)/claims.yaml"
    guard FolderProbe.exists(path) else { return [] }
    return try folders.claims().flatMap { claim in
      let named = claim.asWritten + claim.ours + [claim.condition?.criterion].compactMap { $0 }
      return named.filter { !criteria.contains($0) }.map { name in
        Diagnostic(
          place: SourcePlace(path: path, line: 1, column: 1), code: "claims.unknown-criterion",
          message: "claim \(claim.id) is decided by '\(name)', which no manifest has; a "
            + "criterion as "
            + "experiment/criterion was expected; correct the name")
      }
    }
  }
}
