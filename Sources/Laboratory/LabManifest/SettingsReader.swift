// From a manifest's tree to the typed settings of each cell, every distinct value read once.

import LabCore
import Network

/// Reads the settings of cells.
///
/// Values that a cell changes take the place of those in the tree before anything is decoded, so
/// the same code checks both and errors name the place of the changed value.
struct SettingsReader {
  private let root: YAMLTree
  private let experiment: ExperimentDescription
  private let log: ProblemLog
  /// The parameters of the manifest without any change.
  let parameters: [String: Value]
  private var networks: [[String]: Part<NetworkDescription>] = [:]
  private var workloads: [[String]: Part<WorkloadDescription>] = [:]

  /// A part of the settings with the digest of its canonical text.
  private struct Part<Content> {
    let content: Content?
    let digest: String?
  }

  /// What a cell changes.
  typealias Change = (key: SettingKey, value: SettingValue)

  /// Settings with the texts that make their identity.
  struct Reading {
    let settings: Settings
    let parameterTexts: [String: String]
    let networkDigest: String?
    let workloadDigest: String?
  }

  init(root: YAMLTree, experiment: ExperimentDescription, log: ProblemLog) {
    self.root = root
    self.experiment = experiment
    self.log = log
    parameters = Self.parameters(root, experiment, log)
    for (key, isTaken) in [
      ("network", experiment.takesNetwork), ("workload", experiment.takesWorkload),
    ] {
      guard let entry = root.entries?.first(where: { $0.key == key }), !isTaken else { continue }
      log.report(
        "manifest.not-taken", at: entry.keyPlace,
        "the experiment '\(experiment.name)' takes no \(key); no such key was expected; remove it")
    }
  }

  private static func parameters(
    _ root: YAMLTree, _ experiment: ExperimentDescription, _ log: ProblemLog
  ) -> [String: Value] {
    var values: [String: Value] = [:]
    for parameter in experiment.parameters { values[parameter.name] = parameter.fallback }
    guard let tree = root["parameters"] else { return values }
    let reader = StrictReader(tree, log: log)
    guard let fields = reader.fields(experiment.parameters.map(\.name)) else { return values }
    for parameter in experiment.parameters {
      guard let value = fields.read(parameter.name, { $0.value(parameter.kind) }) else { continue }
      values[parameter.name] = value
    }
    return values
  }

  /// The settings with some values changed; `nil` after a report.
  mutating func settings(changes: [Change]) -> Reading? {
    var values = parameters
    for change in changes where change.key.part == .parameters {
      values[change.key.name] = change.value.value
    }
    let networkChanges = changes.filter { $0.key.part == .network }
    let workloadChanges = changes.filter { $0.key.part == .workload }
    let network =
      experiment.takesNetwork ? network(networkChanges) : Part(content: nil, digest: nil)
    let workload =
      experiment.takesWorkload ? workload(workloadChanges) : Part(content: nil, digest: nil)
    guard (network.content != nil) == experiment.takesNetwork,
      (workload.content != nil) == experiment.takesWorkload
    else { return nil }
    return Reading(
      settings: Settings(
        parameters: values, network: network.content, workload: workload.content),
      parameterTexts: values.mapValues(\.description), networkDigest: network.digest,
      workloadDigest: workload.digest)
  }

  private mutating func network(_ changes: [Change]) -> Part<NetworkDescription> {
    let key = cacheKey(changes)
    if let known = networks[key] { return known }
    let content = tree("network", changes)?.network()
    let part = Part(content: content, digest: content.map { sha256($0.canonicalText) })
    networks[key] = part
    return part
  }

  private mutating func workload(_ changes: [Change]) -> Part<WorkloadDescription> {
    let key = cacheKey(changes)
    if let known = workloads[key] { return known }
    let content = tree("workload", changes)?.workload()
    let part = Part(content: content, digest: content.map { sha256($0.canonicalText) })
    workloads[key] = part
    return part
  }

  private func cacheKey(_ changes: [Change]) -> [String] {
    changes.flatMap { [$0.key.path, $0.value.text] }
  }

  /// A section of the manifest after the changes.
  private func tree(_ section: String, _ changes: [Change]) -> StrictReader? {
    var entries: [YAMLTree.Entry] = []
    if let entry = root.entries?.first(where: { $0.key == section }) { entries.append(entry) }
    var part = YAMLTree(.mapping(entries), at: root.place)
    let before = log.count
    for change in changes {
      let override = TreeOverride(
        path: change.key.path, place: change.key.place, value: change.value.tree)
      part = override.apply(to: part, log: log)
    }
    guard log.count == before else { return nil }
    guard let tree = part[section] else {
      log.report(
        "manifest.missing-key", at: root.place,
        "the experiment '\(experiment.name)' needs a \(section); one was expected; "
          + "add '\(section): …'")
      return nil
    }
    return StrictReader(tree, log: log)
  }
}
