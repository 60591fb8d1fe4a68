// Where the weights of the encoder are, for experiments that need them.

import Embedding
import Foundation
import LabManifest

/// The parameter that names the folder of weights, and what follows from it.
enum EncoderWeights {
  static let parameter = ParameterDescription(
    "weights", .text(choices: []), default: .text("standard"),
    "The folder of the weights; 'standard' is where ./Scripts/weights puts them.")

  private static func folder(_ settings: Settings) -> String {
    guard case .text(let folder)? = settings.parameters["weights"], folder != "standard" else {
      return MiniLMEncoder.standardFolder(environment: ProcessInfo.processInfo.environment)
    }
    return folder
  }

  /// The encoder that a trial asks for.
  static func encoder(of trial: Trial) throws(EmbeddingError) -> MiniLMEncoder {
    try MiniLMEncoder(folder: folder(trial.cell.settings))
  }

  /// The weights that are not there, each with how to get them.
  static func missing(for plan: Plan) -> [String] {
    let files = plan.cells.map { "\(folder($0.settings))/model.safetensors" }
    return Set(files).sorted().filter { !FileManager.default.fileExists(atPath: $0) }
      .map { EmbeddingError.missingModel(path: $0).description }
  }
}
