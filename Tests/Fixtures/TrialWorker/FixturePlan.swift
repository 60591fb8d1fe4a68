// Plans of the fixture, from one line of text that serves as a frozen manifest.

import LabCore
import LabRecord

@testable public import LabManifest

/// Makes plans whose cells are behaviours.
///
/// The text is `behaviours repetitions wall-milliseconds memory-MiB [WORD=VALUE…]`, as in
/// `well,traps*9 3 200 256 version=2`. The words are `version` for the experiment's, `metrics` for
/// how many of them are kept, `precision` for a share of `share` in percent; any other is an arm
/// that is a program from outside, as `arm=word,word…` with its command.
public struct FixturePlan: Sendable {
  /// What is wrong with a text.
  public struct BadText: Error {}

  /// The text.
  public let text: String
  /// The size.
  public let size: RunSize
  /// The root of all random streams.
  public let seed: UInt64

  /// Describes a plan.
  public init(_ text: String, size: RunSize = .smoke, seed: UInt64 = 7) {
    self.text = text
    self.size = size
    self.seed = seed
  }

  /// The plan; a behaviour that is named twice has two cells.
  public func plan() throws -> Plan {
    let words = text.split(separator: " ")
    guard words.count >= 4, let repetitions = Int(words[1]), let wall = Int64(words[2]),
      let memory = Int(words[3])
    else { throw BadText() }
    let arms = FixtureExperiment.description.arms.map(\.name)
    let options = try Self.options(words.dropFirst(4))
    let version = options["version"].flatMap { Int($0) } ?? 1
    let cells = Self.behaviours(words[0]).enumerated().map { place, behaviour in
      Cell(
        id: Self.identity(place, version),
        coordinates: [
          Cell.Coordinate(key: "behaviour", value: String(behaviour)),
          Cell.Coordinate(key: "place", value: "\(place)"),
        ],
        settings: Settings(parameters: ["behaviour": .text(String(behaviour))]), control: nil,
        controls: nil, arms: arms)
    }
    let root = Seed(seed).child("fixture")
    let trials = cells.flatMap { cell in
      arms.flatMap { arm in
        (0..<repetitions).map { repetition in
          Trial(
            manifest: "fixture", cell: cell, arm: arm, repetition: repetition,
            seed: root.child(cell.id).child(repetition))
        }
      }
    }
    let limits = Manifest.TrialLimits(
      wall: .milliseconds(wall), memory: ByteCount(memory << 20), cells: 100_000)
    var manifest = manifest(repetitions, arms, limits, Self.programs(options))
    manifest.experiment.version = version
    manifest.measures = Array(
      manifest.measures.prefix(options["metrics"].flatMap { Int($0) } ?? 99))
    manifest.precision = options["precision"].flatMap { Double($0) }.map {
      PrecisionRule(metric: "share", relative: .percent($0))
    }
    return Plan(
      manifest: manifest,
      digest: ContentDigest.sha256(Array("\(text) \(size) \(seed)".utf8)), cells: cells,
      trials: trials)
  }

  /// The words that say something else than the command of an arm.
  private static let optionNames: Set<String> = ["version", "metrics", "precision"]

  private static func programs(_ words: [String: String]) -> [ProgramDescription] {
    words.filter { !optionNames.contains($0.key) }.sorted { $0.key < $1.key }.map { arm, command in
      ProgramDescription(
        arm: arm, command: command.split(separator: ",").map(String.init),
        text: "A program of a test.", setup: "make it")
    }
  }

  private static func options(_ words: ArraySlice<Substring>) throws -> [String: String] {
    var options: [String: String] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { throw BadText() }
      options[String(parts[0])] = String(parts[1])
    }
    return options
  }

  /// The behaviours of a list in which `empty*3` stands for three.
  private static func behaviours(_ text: Substring) -> [Substring] {
    text.split(separator: ",").flatMap { entry in
      let parts = entry.split(separator: "*")
      return [Substring](repeating: parts[0], count: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }
  }

  private static func identity(_ place: Int, _ version: Int) -> String {
    let seed = Seed(UInt64(place)).child(version == 1 ? "cell" : "cell of \(version)")
    let digits = String(seed.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private func manifest(
    _ repetitions: Int, _ arms: [String], _ limits: Manifest.TrialLimits,
    _ programs: [ProgramDescription]
  ) -> Manifest {
    let all = FixtureExperiment.description.metrics
    let simple = ["share", "events", "trajectory", "curve"]
    return Manifest(
      path: "Experiments/fixture's.yaml", id: "fixture", title: "Fixture",
      question: "Does it hold?",
      experiment: FixtureExperiment.description, tags: [], size: size, seed: seed,
      repetitions: repetitions, arms: arms,
      measures: programs.isEmpty ? all : all.filter { simple.contains($0.name) },
      criteria: [], figures: [], limits: limits, data: [], programs: programs)
  }
}
