// Does the encoder give what the reference gives?

import Embedding
public import LabManifest
public import LabRunner

/// Encodes the texts of the reference, among them empty, over-long and foreign ones, and compares.
///
/// The reference is a plain forward pass in double precision with the tokenizer that the model was
/// published with; `Experiments/peers/vec/reference_encoder.py` made its tokens and vectors.
public enum EncoderAgreement: Experiment {
  public static let description = ExperimentDescription(
    name: "encoder-agreement",
    summary: "Tokens and vectors of the encoder beside those of a reference.",
    version: 1,
    arms: [ArmDescription("minilm", "The laboratory's own encoder of all-MiniLM-L6-v2.")],
    parameters: [
      ParameterDescription(
        "reference", .text(choices: []), default: .text("Tests/EmbeddingTests/Fixtures"),
        "The folder with the reference's tokens.json and vectors.json."),
      EncoderWeights.parameter,
      ParameterDescription(
        "planted-word", .flag, default: .flag(false),
        "A planted difference: each text gets one more word at its beginning."),
    ],
    metrics: [
      MetricDescription(
        "largest_difference", .exact, unit: "1", .lower,
        "The largest distance of a number of a vector to the reference's."),
      MetricDescription(
        "unequal_texts", .exact, unit: "1", .lower,
        "How many texts have other tokens than in the reference."),
      MetricDescription(
        "compared_texts", .exact, unit: "1", .neutral, "How many texts' tokens were compared."),
    ])

  public static var exactness: [String: String] { SearchKernels.encoding }

  public static func missing(for plan: Plan) -> [String] { EncoderWeights.missing(for: plan) }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let folder = try trial.text("reference")
    let isPlanted = try trial.flag("planted-word")
    let reference = try ReferenceEncodings(folder: folder)
    let encoder = try EncoderWeights.encoder(of: trial)
    func given(_ text: String) -> String { isPlanted ? "search \(text)" : text }
    let unequal = reference.tokens.count {
      encoder.tokenizer.tokens(of: given($0.text)) != $0.tokens
    }
    let encodings = encoder.encode(reference.vectors.map { given($0.text) })
    var largest = 0.0
    for (place, wanted) in reference.vectors.enumerated() {
      for (number, expected) in zip(encodings[place], wanted.vector) {
        largest = max(largest, abs(Double(number) - expected))
      }
    }
    recorder.record("largest_difference", largest)
    recorder.record("unequal_texts", unequal)
    recorder.record("compared_texts", reference.tokens.count)
  }
}
