// Plans of the fixture, from one line of text that serves as a frozen manifest.

import LabCore
import LabRecord

@testable public import LabManifest

/// Makes plans whose cells are behaviours.
///
/// The text is `behaviours repetitions wall-milliseconds memory-MiB`, as in `well,traps 3 200 256`,
/// and then, where an arm is a program from outside, `arm=word,word…` with its command.
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
    let cells = words[0].split(separator: ",").enumerated().map { place, behaviour in
      Cell(
        id: Self.identity(place),
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
    return Plan(
      manifest: manifest(repetitions, arms, limits, try words.dropFirst(4).map(Self.program)),
      digest: ContentDigest.sha256(Array("\(text) \(size) \(seed)".utf8)), cells: cells,
      trials: trials)
  }

  private static func program(_ text: Substring) throws -> ProgramDescription {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { throw BadText() }
    return ProgramDescription(
      arm: String(parts[0]), command: parts[1].split(separator: ",").map(String.init),
      text: "A program of a test.", setup: "make it")
  }

  private static func identity(_ place: Int) -> String {
    let digits = String(Seed(UInt64(place)).child("cell").value, radix: 16)
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
