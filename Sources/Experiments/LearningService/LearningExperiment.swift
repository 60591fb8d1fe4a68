// What experiments on learners have in common.

public import LabManifest
public import LabRunner

/// An experiment on learners, whose exact values depend on the kernels of matrix products.
///
/// It may have a flag `timed`; where that is set, processor time is measured and trials run alone.
public protocol LearningExperiment: Experiment {}

extension LearningExperiment {
  /// The name of the kernels of matrix products.
  public static var exactness: [String: String] { SearchKernels.encoding }

  /// Whether processor time is measured.
  public static func runsInRealTime(_ settings: Settings) -> Bool {
    settings.parameters["timed"] == .flag(true)
  }
}
