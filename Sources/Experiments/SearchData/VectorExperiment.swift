// What experiments on vectors in folders have in common.

public import LabManifest
public import LabRunner

/// An experiment that searches the vectors of the folder in its parameter `data`.
///
/// Its exact values depend on the distance kernels, and it runs where the folder is there.
public protocol VectorExperiment: Experiment {}

extension VectorExperiment {
  /// The name of the distance kernels.
  public static var exactness: [String: String] { SearchKernels.distance }

  /// The folders that are not there.
  public static func missing(for plan: Plan) -> [String] { SearchData.missing(for: plan) }
}
