// Records of older programs stay readable.

import Foundation
import LabCore
import LabGate
import LabRecord
import Testing

@testable import LabManifest
@testable import LabReport

/// The fixture is a record of the first format, as the first program wrote it, with its manifest.
@Suite struct `Record of the first format` {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/format-1").path(percentEncoded: false)

  /// The experiment as it was then.
  private static let experiment = ExperimentDescription(
    name: "simulator-validation", summary: "As it was.", version: 1,
    arms: [ArmDescription("simulation", "The simulator.")],
    parameters: [
      ParameterDescription(
        "check", .text(choices: ["bernoulli-loss", "delay-uniform"]),
        default: .text("bernoulli-loss"), "What is simulated."),
      ParameterDescription("samples", .integer(10...10_000), default: .integer(100), "How many."),
      ParameterDescription("wrong-by", .ratio, default: .ratio(.none), "The planted error."),
    ],
    metrics: [
      MetricDescription("measured", .sampled, unit: "1", .neutral, "What is shown."),
      MetricDescription("formula", .exact, unit: "1", .neutral, "What is expected."),
      MetricDescription("fingerprint", .exact, unit: "hash", .neutral, "The trajectory."),
    ])

  private func manifest() throws -> Manifest {
    try Manifest.load(path: "\(Self.folder)/frozen.yaml", experiments: [Self.experiment]).manifest
  }

  @Test func `it is loaded whole`() throws {
    let record = try RunRecord.load(folder: Self.folder)
    #expect(record.run.format == 1 && record.run.program == nil)
    #expect(record.run.takenOver == nil && record.run.merged == nil && record.run.stopping == nil)
    #expect((record.cells.count, record.timings.count, record.rows.count) == (6, 36, 108))
  }

  @Test func `it is judged as it was then`() throws {
    let record = try RunRecord.load(folder: Self.folder)
    let outcome = try #require(Judge(record).outcomes(of: try manifest().criteria).first)
    #expect(outcome.verdict == .pass && outcome.flipped)
    #expect(outcome.subject.figure == 0.030096142665000002)
    #expect(outcome.control.figure == 0.0396288280075)
  }

  @Test func `it is reported`() throws {
    let record = try RunRecord.load(folder: Self.folder)
    let text = try RunReport(manifest: try manifest(), record: record).markdown { _ in .current }
    #expect(text.contains("6 repetitions of each arm: 36 ok"))
    #expect(text.contains("frozen-20261122T190050Z-4525e818"))
  }

  @Test func `a cell that stopped at a precision lacks nothing, and one that did not does`() throws
  {
    var record = try RunRecord.load(folder: Self.folder)
    let criterion = try #require(try manifest().criteria.first)
    record.measurements.removeAll { $0.repetition == 5 && $0.cell == record.cells[3].id }
    #expect(Judge(record).outcome(of: criterion).verdict == .missing)
    record.run.stopping = .init(
      metric: "measured", relative: 0.05, confidence: 0.95,
      cells: [record.cells[3].id: .init(repetitions: 5, isReached: true)])
    for cell in record.cells where cell.id != record.cells[3].id {
      record.run.stopping?.cells[cell.id] = .init(repetitions: 6, isReached: false)
    }
    #expect(Judge(record).outcome(of: criterion).verdict == .pass)
    let text = try RunReport(manifest: try manifest(), record: record).markdown { _ in .current }
    #expect(text.contains("5 to 6 repetitions of each arm"))
    #expect(
      text.contains("95 % interval for the mean of `measured` reached no further than 5 % of it"))
    #expect(text.contains("in every arm: 1 of 6 did"))
  }
}
