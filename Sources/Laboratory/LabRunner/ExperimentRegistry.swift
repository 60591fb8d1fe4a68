// The experiments that a program knows.

import LabManifest

/// Experiments by the names that manifests use.
public struct ExperimentRegistry: Sendable {
  /// The experiments in the order in which they are listed.
  public let experiments: [any Experiment.Type]

  /// Makes a registry.
  ///
  /// - Precondition: No two experiments have the same name.
  public init(_ experiments: [any Experiment.Type]) {
    let names = experiments.map { $0.description.name }
    precondition(Set(names).count == names.count, "two experiments have one name: \(names)")
    self.experiments = experiments
  }

  /// The experiment with a name.
  public subscript(name: String) -> (any Experiment.Type)? {
    experiments.first { $0.description.name == name }
  }
}
