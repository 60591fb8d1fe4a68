// The rules, the noise, the calibration and the manifests of the two experiments on comparisons.

import Foundation
import LabCore
import LabGate
import LabManifest
import LabRecord
import LabRunner
import Statistics
import Testing

@testable import Experiments

/// The folder of the two manifests.
private let folder = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Experiments/laboratory")

@Suite struct RegressionDetectionTests {
  private static let seed = Seed(77)
  private var rules: [any DetectionRule] {
    [FleetLabRule(), AsvRule(), CriterionRule(resamples: 200), PytestBenchmarkRule()]
  }

  private func samples(
    _ noise: SlotNoise = .lognormal, count: Int, shift: Double, key: Int
  ) throws -> [TimingSample] {
    let source = try NoiseSource(
      noise, recording: folder.appending(path: "recorded-slots.csv").path)
    var random = Self.seed.child(key).stream()
    return (0..<count).map { _ in
      TimingSample(times: source.series(96, for: .trial, &random), shift: shift)
    }
  }

  @Test func `a sample holds as many timings of the head as of the base, the head's shifted`() {
    let sample = TimingSample(times: [Double](repeating: 2, count: 32), shift: 0.5)
    #expect(sample.base == [Double](repeating: 2, count: 16))
    #expect(sample.head == [Double](repeating: 3, count: 16))
    #expect(sample.blocks.count == 4)
  }

  @Test func `every rule finds a large slowdown and none where nothing has changed`() throws {
    let nothing = try samples(count: 100, shift: 0, key: 1)
    let history = try samples(count: 50, shift: 0, key: 2)
    let slowed = try samples(count: 20, shift: 0.2, key: 3)
    let faster = try samples(count: 20, shift: -0.2, key: 4)
    for rule in rules + [try RustcPerfRule(history: history)] {
      let calibrated = try CalibratedRule(
        rule, on: nothing, falseAlarms: 0.05, seed: Self.seed.child(5))
      #expect(try found(calibrated, slowed) == 20, "\(rule)")
      #expect(try found(calibrated, faster) == 0, "\(rule)")
      #expect(try found(calibrated, nothing) <= 5, "\(rule)")
    }
  }

  @Test func `each rule speaks at its own threshold as it is published`() throws {
    // Timings without noise but for a thousandth, so that every rule is as sure as it can be.
    func sample(_ shift: Double) -> TimingSample {
      TimingSample(times: (0..<96).map { 1 + Double($0 * 37 % 96) / 96_000 }, shift: shift)
    }
    let thresholds: [(rule: any DetectionRule, below: Double, above: Double)] = [
      (FleetLabRule(), 0.02, 0.03), (AsvRule(), 0.09, 0.11),
      (CriterionRule(resamples: 200), 0.009, 0.011), (PytestBenchmarkRule(), 0.049, 0.051),
    ]
    for (rule, below, above) in thresholds {
      #expect(try !alerts(rule, sample(below)), "\(rule) at \(below)")
      #expect(try alerts(rule, sample(above)), "\(rule) at \(above)")
    }
  }

  @Test func `a history without a spread lets no change be an outlier`() throws {
    let still = TimingSample(times: [Double](repeating: 1, count: 96), shift: 0)
    let rule = try RustcPerfRule(history: [TimingSample](repeating: still, count: 10))
    var random = Self.seed.stream()
    let slowed = TimingSample(times: [Double](repeating: 1, count: 96), shift: 0.1)
    #expect(rule.score(slowed, &random) == -.infinity)
  }

  @Test func `the bootstrap's p-value is uniform where nothing has changed`() throws {
    // The rule is blind above its significance: at 5 % two-sided it stays silent in most samples.
    let rule = CriterionRule(resamples: 200)
    var random = Self.seed.child(6).stream()
    let scores = try samples(count: 200, shift: 0, key: 7).map { try rule.score($0, &random) }
    let spoken = scores.count { $0 > -.infinity }
    let share = try Wilson.interval(successes: spoken, trials: 200, confidence: 0.999)
    #expect(share.contains(0.05), "\(spoken) of 200")
  }

  @Test func `the two halves of a recording serve different ends`() throws {
    let source = try NoiseSource(
      .recorded, recording: folder.appending(path: "recorded-slots.csv").path)
    #expect(source.recording.count >= 1_000)
    let half = source.recording.count / 2
    var random = Self.seed.child(8).stream()
    let first = Set(source.recording[..<half])
    let second = Set(source.recording[half...])
    for _ in 0..<20 {
      #expect(first.isSuperset(of: source.series(96, for: .calibration, &random)))
      #expect(second.isSuperset(of: source.series(96, for: .trial, &random)))
    }
  }

  @Test func `a judge that sees few blocks falls behind`() throws {
    let nothing = try samples(count: 200, shift: 0, key: 9)
    let slowed = try samples(count: 60, shift: 0.03, key: 10)
    let found = try [1, 0.25].map { share in
      try self.found(
        try CalibratedRule(
          FleetLabRule(share: share), on: nothing, falseAlarms: 0.02, seed: Self.seed), slowed)
    }
    #expect(found[0] > found[1] + 10, "\(found)")
  }

  @Test func `the manifests plan at every size, and a trial gives the same values again`() throws {
    let loader = ManifestLoader(
      experiments: [RegressionDetection.description, TimedComparison.description])
    for name in ["regression-detection", "timed-comparison"] {
      for size in RunSize.allCases {
        let plan = try loader.plan(
          path: folder.appending(path: "\(name).yaml").path, size: size, checkingData: true)
        #expect(!plan.trials.isEmpty)
        #expect(plan.manifest.criteria.count >= 2)
      }
    }
    let plan = try loader.plan(
      path: folder.appending(path: "regression-detection.yaml").path, size: .smoke,
      settings: [
        "parameters.recording": folder.appending(path: "recorded-slots.csv").path,
        "parameters.tries": "3",
      ])
    let runner = InlineRunner(experiments: ExperimentRegistry([RegressionDetection.self]))
    for arm in ["criterion", "rustc-perf"] {
      let index = try #require(plan.trials.firstIndex { $0.arm == arm && $0.cell.control == nil })
      let first = try runner.run(index, of: plan)
      #expect(first.status == .ok, "\(first.error ?? "")")
      #expect(try runner.run(index, of: plan).entries == first.entries)
    }
  }

  @Test func `a comparison of a program that fails is a failed trial`() throws {
    let plan = try ManifestLoader(experiments: [TimedComparison.description]).plan(
      path: folder.appending(path: "timed-comparison.yaml").path, size: .smoke,
      settings: ["parameters.program": "false"])
    let outcome = try InlineRunner(experiments: ExperimentRegistry([TimedComparison.self]))
      .run(0, of: plan)
    #expect(outcome.status == .failed)
    #expect(outcome.error?.contains("exited with code 1") == true)
  }

  @Test func `counted work depends on every round`() {
    let results = (0..<50).map { CountedWork(rounds: $0).run() }
    #expect(Set(results).count == 50)
    #expect(CountedWork(rounds: 49).run() == results[49])
  }

  private func found(_ rule: CalibratedRule, _ samples: [TimingSample]) throws -> Int {
    var random = Self.seed.child("found").stream()
    return try samples.count { try rule.rule.score($0, &random) > rule.threshold }
  }

  private func alerts(_ rule: any DetectionRule, _ sample: TimingSample) throws -> Bool {
    var random = Self.seed.child("alerts").stream()
    return try rule.alerts(sample, score: try rule.score(sample, &random))
  }
}
