// The encoder's speed and its agreement with the reference, as experiments.

import Embedding
import Foundation
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Encoder experiments` {
  static let loader = ManifestLoader(
    experiments: [EncoderSpeed.description, EncoderAgreement.description])

  static let weights = MiniLMEncoder.standardFolder(
    environment: ProcessInfo.processInfo.environment)
  static let hasWeights = FileManager.default.fileExists(atPath: "\(weights)/model.safetensors")
  static let reason: Comment =
    "THE WEIGHTS ARE NOT THERE: run ./Scripts/weights to test the experiments on the encoder"

  private static func path(_ id: String) -> String {
    `Event throughput`.root.appending(path: "Experiments/search/\(id).yaml").path
  }

  /// Runs a trial and returns its values by metric.
  private func values(_ experiment: any Experiment.Type, _ parameters: String) throws
    -> [String: Double]
  {
    let plan = try Self.loader.plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: \(experiment.description.name)
        parameters: {\(parameters)}
        """, path: "trial.yaml")
    var recorder = Recorder()
    try experiment.run(try #require(plan.trials.first), into: &recorder)
    return Dictionary(
      uniqueKeysWithValues: try recorder.entries.map { entry in
        (entry.metric, try #require(Double(entry.value.text)))
      })
  }

  private var reference: String {
    "reference: \(`Event throughput`.root.appending(path: "Tests/EmbeddingTests/Fixtures").path)"
  }

  @Test(.enabled(if: hasWeights, reason))
  func `the encoder agrees with the reference, and a word more would be seen`() throws {
    let right = try values(EncoderAgreement.self, reference)
    #expect(right["unequal_texts"] == 0)
    #expect(try #require(right["compared_texts"]) >= 29)
    #expect(try #require(right["largest_difference"]) <= 2e-5)
    let wrong = try values(EncoderAgreement.self, "\(reference), planted-word: true")
    #expect(try #require(wrong["unequal_texts"]) > 20)
    #expect(try #require(wrong["largest_difference"]) > 2e-3)
  }

  @Test(.enabled(if: hasWeights, reason))
  func `what a text costs grows with what is done in vain, and a word changes the vector`() throws {
    let encoder = try MiniLMEncoder(folder: Self.weights)
    func outcome(
      _ tokens: Int, texts: Int = 1, handicap: Int = 0, hasOtherWord: Bool = false
    ) -> EncodingOutcome {
      EncodingLoad(tokens: tokens, texts: texts, handicap: handicap, hasOtherWord: hasOtherWord)
        .run(encoder)
    }
    let plain = outcome(16, texts: 4)
    let slow = outcome(16, texts: 4, handicap: 30)
    // Thirty-one times the work on a machine that is at most a few times slower for a moment.
    #expect(slow.time.seconds > 3 * plain.time.seconds)
    #expect(slow.vector == plain.vector)
    for tokens in [16, 64, 256] {
      let (own, other) = (outcome(tokens), outcome(tokens, hasOtherWord: true))
      #expect(own.firstNumber != other.firstNumber, "\(tokens)")
    }
    #expect(plain.firstNumber == outcome(16).firstNumber)
  }

  @Test func `a text has as many tokens as it is asked for`() throws {
    let load = EncodingLoad(tokens: 5, texts: 1, handicap: 0, hasOtherWord: false)
    #expect(load.text == "test test test")
    #expect(
      EncodingLoad(tokens: 5, texts: 1, handicap: 0, hasOtherWord: true).text
        == "search test test")
  }

  @Test func `weights that are not there are told with the way to get them`() throws {
    let plan = try Self.loader.plan(
      path: Self.path("encoder-agreement"), size: .smoke,
      settings: ["parameters.weights": "nowhere"])
    for missing in [EncoderAgreement.missing(for: plan), EncoderSpeed.missing(for: plan)] {
      #expect(missing.count == 1)
      #expect(missing.first?.contains("run ./Scripts/weights") == true)
    }
    var recorder = Recorder()
    #expect(throws: EmbeddingError.self) {
      try EncoderAgreement.run(try #require(plan.trials.first), into: &recorder)
    }
  }

  @Test func `a reference that is none is refused`() {
    #expect(throws: ReferenceEncodings.Problem.self) { try ReferenceEncodings(folder: "nowhere") }
  }

  @Test func `exact figures name the kernels that they depend on`() {
    #expect(Set(EncoderSpeed.exactness.keys) == ["blas_kernel", "row_kernels"])
    #expect(!SearchKernels.distance.values.contains(""))
  }

  @Test func `the manifests run the laboratory's arm and its peers at every size`() throws {
    for size in RunSize.allCases {
      let speed = try Self.loader.plan(path: Self.path("encoder-speed"), size: size)
      #expect(speed.manifest.arms == ["minilm", "onnx", "onnx-fused"])
      #expect(speed.cells.allSatisfy { EncoderSpeed.runsInRealTime($0.settings) })
      let agreement = try Self.loader.plan(
        path: Self.path("encoder-agreement"), size: size, checkingData: true)
      #expect(agreement.manifest.criteria.count == 2)
    }
  }
}
