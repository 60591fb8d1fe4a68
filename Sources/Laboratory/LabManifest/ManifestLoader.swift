// Loading manifests: from a file to a plan, with all problems at once.

import LabCore

/// Loads manifests for a set of experiments.
///
///     let loader = ManifestLoader(experiments: descriptions)
///     let plan = try loader.plan(path: "Experiments/transport/trial.yaml", size: .smoke)
///
/// - Determinism: The file, the CSV files that it names, and the arguments fix the plan.
public struct ManifestLoader: Sendable {
  /// What manifests may name as their experiment.
  public let experiments: [ExperimentDescription]

  /// How large a resolved manifest may be: it holds what its CSV files gave.
  static let resolvedLimits = StrictYAML.Limits(bytes: 512 << 20, depth: 32)

  /// Loads manifests that name one of these experiments.
  public init(experiments: [ExperimentDescription]) { self.experiments = experiments }

  /// Plans a manifest.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - size: The size for which it is resolved.
  ///   - seed: A root of random streams in place of the manifest's.
  ///   - settings: Values in place of the manifest's, by dotted path or parameter, as a manifest
  ///     would write them. A key of the sweep's grid gets this one value.
  ///   - checkingData: Whether the data files must be there with the content that is pinned.
  /// - Throws: Everything that is wrong with the manifest; its writer mends it.
  /// - Complexity: Linear in cells and trials; each distinct value is decoded once.
  public func plan(
    path: String, size: RunSize = .standard, seed: UInt64? = nil, settings: [String: String] = [:],
    checkingData: Bool = false
  ) throws(ManifestProblems) -> Plan {
    let text = try StrictYAML.readText(path, limit: StrictYAML.Limits().bytes)
    return try plan(
      text: text, path: path, size: size, seed: seed, settings: settings, checkingData: checkingData
    )
  }

  /// Plans a manifest whose text is at hand; files are looked up relative to the path.
  ///
  /// - Throws: Everything that is wrong with the manifest; its writer mends it.
  public func plan(
    text: String, path: String, size: RunSize = .standard, seed: UInt64? = nil,
    settings: [String: String] = [:], checkingData: Bool = false
  ) throws(ManifestProblems) -> Plan {
    let tree = try StrictYAML.tree(of: text, path: path)
    let changes = ManifestChanges(size: size, seed: seed, settings: settings)
    let load = ManifestLoad(experiments: experiments, path: path, isResolved: false)
    return try load.plan(tree, changes, checkingData: checkingData)
  }

  /// Plans a manifest from ``Plan/resolvedText``, as the run that is resumed did.
  ///
  /// - Parameters:
  ///   - text: The resolved text.
  ///   - path: The path of the manifest that was resolved; its folder is where data files lie.
  ///   - size: The size for which it was resolved.
  /// - Throws: Everything that is wrong; a text that was not changed by hand is never wrong for the
  ///   experiments of the same version of the laboratory.
  public func plan(
    resolved text: String, path: String, size: RunSize, checkingData: Bool = false
  ) throws(ManifestProblems) -> Plan {
    let tree = try StrictYAML.tree(of: text, path: path, limits: Self.resolvedLimits)
    let changes = ManifestChanges(size: size, seed: nil, settings: [:])
    let load = ManifestLoad(experiments: experiments, path: path, isResolved: true)
    return try load.plan(tree, changes, checkingData: checkingData)
  }

  /// Checks a manifest at all sizes, without its data files.
  ///
  /// - Returns: The plans from the smallest size to the largest.
  /// - Throws: Everything that is wrong at any size.
  public func check(path: String) throws(ManifestProblems) -> [Plan] {
    let text = try StrictYAML.readText(path, limit: StrictYAML.Limits().bytes)
    var plans: [Plan] = []
    var problems: [Diagnostic] = []
    for size in RunSize.allCases.sorted() {
      do throws(ManifestProblems) {
        plans.append(try plan(text: text, path: path, size: size))
      } catch { problems += error.diagnostics }
    }
    guard problems.isEmpty else { throw ManifestProblems(problems) }
    return plans
  }
}

extension Manifest {
  /// Loads a manifest and plans it; ``ManifestLoader/plan(path:size:seed:settings:checkingData:)``.
  public static func load(
    path: String, experiments: [ExperimentDescription], size: RunSize = .standard,
    seed: UInt64? = nil, settings: [String: String] = [:]
  ) throws(ManifestProblems) -> Plan {
    try ManifestLoader(experiments: experiments)
      .plan(path: path, size: size, seed: seed, settings: settings)
  }

  /// The folder in which the manifest lies; empty for the current one.
  public var folder: String { LabManifest.folder(of: path) }

  /// The path of a data file as it can be opened.
  public func path(of file: DataFile) -> String {
    FileEmbedding(folder: folder, log: ProblemLog()).resolve(file.path)
  }
}

/// The part of a path before its last slash.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "" }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path without its ending.
func fileName(of path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
  return String(name[..<dot])
}

/// One load of one manifest.
private struct ManifestLoad {
  let experiments: [ExperimentDescription]
  let path: String
  let isResolved: Bool

  func plan(
    _ root: YAMLTree, _ changes: ManifestChanges, checkingData: Bool
  ) throws(ManifestProblems) -> Plan {
    let log = ProblemLog()
    let plan = plan(root, changes, checkingData: checkingData, log)
    try log.throwIfNotEmpty()
    guard let plan else { preconditionFailure("\(path) gave no plan and no problem") }
    return plan
  }

  private func plan(
    _ root: YAMLTree, _ changes: ManifestChanges, checkingData: Bool, _ log: ProblemLog
  ) -> Plan? {
    guard let header = ManifestHeader(root, path: path, log: log) else { return nil }
    guard let found = experiment(header, log) else {
      // Without the experiment only the top of the file can be checked.
      _ = StrictReader(root, log: log).fields(ManifestKeys.manifest)
      return nil
    }
    let programs = ProgramReader(experiment: found, log: log).programs(root["programs"])
    let experiment = found.adding(programs)
    let tree = resolved(root, changes, header, experiment, log)
    let reader = ManifestReader(
      experiment: experiment, programs: programs, path: path, size: changes.size,
      standardTexts: isResolved ? nil : standardTexts(root, header, experiment), log: log)
    guard let reading = reader.read(tree) else { return nil }
    let isStandard = changes.size == .standard && changes.settings.isEmpty && !isResolved
    var planner = Planner(
      reading, place: header.place, requiresSelections: isStandard, log: log)
    guard let cells = planner.cells() else { return nil }
    if checkingData { checkData(reading.manifest, root, log) }
    let text = tree.json(indentation: 2) + "\n"
    return Plan(
      manifest: reading.manifest, digest: sha256(text), cells: cells,
      trials: planner.trials(of: cells), resolvedText: text)
  }

  private func resolved(
    _ root: YAMLTree, _ changes: ManifestChanges, _ header: ManifestHeader,
    _ experiment: ExperimentDescription, _ log: ProblemLog
  ) -> YAMLTree {
    ManifestResolution(
      experiment: experiment, changes: changes, folder: folder(of: path), log: log
    ).resolve(root, id: header.id)
  }

  private func experiment(
    _ header: ManifestHeader, _ log: ProblemLog
  ) -> ExperimentDescription? {
    if let found = experiments.first(where: { $0.name == header.experiment }) { return found }
    log.report(
      "manifest.unknown-experiment", at: header.experimentPlace,
      "there is no experiment '\(shortened(header.experiment))'; a known experiment was expected; "
        + suggestion(for: header.experiment, among: experiments.map(\.name)))
    return nil
  }

  /// The values that the manifest as written sweeps at standard size, worked out when first asked
  /// for.
  private func standardTexts(
    _ root: YAMLTree, _ header: ManifestHeader, _ experiment: ExperimentDescription
  ) -> (SettingKey) -> Set<String> {
    var sweep: Sweep??
    return { key in
      if sweep == nil {
        // Problems of the standard size are reported when that one is loaded.
        let quiet = ProblemLog()
        let standard = ManifestChanges(size: .standard, seed: nil, settings: [:])
        let tree = resolved(root, standard, header, experiment, quiet)
        let keys = SettingKeys(experiment: experiment, log: quiet)
        let reader = SweepReader(settings: keys, cellLimit: 1_000_000, log: quiet)
        sweep = .some(tree["sweep"].flatMap { reader.sweep(StrictReader($0, log: quiet)) })
      }
      return (sweep ?? nil)?.texts(of: key) ?? []
    }
  }

  private func checkData(_ manifest: Manifest, _ root: YAMLTree, _ log: ProblemLog) {
    let places = root["data"]?.items ?? []
    for (index, file) in manifest.data.enumerated() {
      let place =
        places.indices.contains(index) ? places[index]["path"]?.place ?? root.place : root.place
      switch BoundedFile.digest(manifest.path(of: file)) {
      case .failure(let failure):
        log.report(failure.code.replacing("-file", with: "-data"), at: place, failure.message)
      case .success(let digest) where digest != file.digest:
        log.report(
          "manifest.data-digest", at: place,
          "'\(file.path)' has the digest \(digest); \(file.digest) was expected; "
            + "restore the file, or write the new digest if it is meant to differ")
      case .success: break
      }
    }
  }
}
