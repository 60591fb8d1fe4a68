import FoundationEssentials
import LabRecord
import Testing

@testable import LabGate
@testable import LabManifest

@Suite struct BaselineUpdateTests {
  private func update(
    from old: GateRecord = GateRecord(), to new: GateRecord, only: Set<String>? = nil,
    reason: String? = nil
  ) throws -> BaselineUpdate {
    try BaselineUpdate(
      old: try old.baseline(), record: new.record, policy: GatePolicy(), only: only,
      reason: reason)
  }

  private func changes(_ update: BaselineUpdate) -> [String: BaselineUpdate.Change] {
    Dictionary(
      update.steps.map { ("\($0.key.cell) \($0.key.metricText)", $0.change) },
      uniquingKeysWith: { $1 })
  }

  @Test func `the same values change nothing, not even the name of the run`() throws {
    var again = GateRecord()
    again.run = "run-2"
    let update = try update(to: again, reason: "none")
    #expect(update.isEmpty)
    #expect(update.baseline == (try GateRecord().baseline()))
  }

  @Test func `an exact value that changes is loosened even when it is better`() throws {
    let update = try update(to: GateRecord(factors: ["events": 0.9]))
    #expect(changes(update) == ["aa events": .loosened, "bb events": .loosened])
  }

  @Test func `a mean that gets better or stays within chance needs no reason`() throws {
    let better = try update(to: GateRecord(chance: 2, factors: ["waiting": 0.9]), only: ["waiting"])
    #expect(Set(changes(better).values) == [.refreshed])
    #expect(better.loosened.isEmpty)
    let worse = try update(to: GateRecord(chance: 2, factors: ["waiting": 1.1]), only: ["waiting"])
    #expect(Set(changes(worse).values) == [.loosened])
    #expect(worse.loosened.first?.contains("mean") ?? false)
  }

  @Test func `a spread that grows is loosened`() throws {
    var wide = GateRecord()
    for repetition in 0..<20 {
      wide.values["aa waiting \(repetition)"] = .number(repetition % 2 == 0 ? 0.8 : 1.2)
    }
    let update = try update(to: wide)
    #expect(changes(update) == ["aa waiting": .loosened])
    #expect(update.loosened.first?.contains("spread") ?? false)
  }

  @Test func `fewer repetitions and entries that go are loosened`() throws {
    let fewer = try update(to: GateRecord(repetitions: 10), only: ["waiting"])
    #expect(Set(changes(fewer).values) == [.loosened])
    let gone = try update(to: GateRecord(without: ["waiting"]))
    #expect(changes(gone) == ["aa waiting": .removed, "bb waiting": .removed])
    #expect(gone.baseline.entries.count == 14)
  }

  @Test func `a failed trial leaves the entries of its cell as they are`() throws {
    let update = try update(to: GateRecord(factors: ["events": 2], failed: ["aa 0"]))
    #expect(changes(update)["aa events"] == .skipped)
    #expect(changes(update)["bb events"] == .loosened)
    let kept = update.baseline.entries.first { $0.cell == "aa" && $0.metric == "events" }
    #expect(kept?.mean == 100)
  }

  @Test func `loosening without a reason writes nothing, and with one says so in its entries`()
    throws
  {
    let scratch = try BaselineScratch()
    let folder = BaselineFolder(baselines: scratch.path, experiment: "trial")
    let path = try BaselineUpdate(
      old: nil, record: GateRecord().record, policy: GatePolicy(), only: nil, reason: nil
    ).write(into: folder)
    let before = try Data(contentsOf: URL(filePath: path))
    let changed = GateRecord(factors: ["events": 2])
    let error = #expect(throws: BaselineError.self) {
      try update(to: changed).write(into: folder)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("loosened: events of only, size=64B"))
    #expect(try Data(contentsOf: URL(filePath: path)) == before)
    _ = try update(to: changed, reason: "events are counted twice").write(into: folder)
    let after = try Baseline.load(path: path)
    let reasons = Dictionary(grouping: after.entries, by: \.metric).mapValues { $0.map(\.reason) }
    #expect(reasons["events"] == ["events are counted twice", "events are counted twice"])
    #expect(reasons["waiting"] == [nil, nil])
  }

  @Test func `only the named metric changes`() throws {
    let update = try update(
      to: GateRecord(chance: 2, factors: ["events": 2]), only: ["events"], reason: "so")
    #expect(Set(update.steps.map(\.key.metric)) == ["events"])
  }

  @Test func `what no manifest can produce is pruned, and the rest stays`() throws {
    let scratch = try BaselineScratch()
    let folder = BaselineFolder(baselines: scratch.path, experiment: "trial")
    let path = try BaselineUpdate(
      old: nil, record: GateRecord().record, policy: GatePolicy(), only: nil, reason: nil
    ).write(into: folder)
    let events = folder.events(size: .smoke, exactness: GateRecord.keys)
    for cell in ["aa", "bb"] {
      try EventBaseline(lines: ["x"]).write(in: events, cell: cell, arm: "only")
    }
    let whole = try BaselinePruning(baselines: scratch.path) { _, _ in nil }
    #expect(whole.items.count == 3)
    let pruning = try BaselinePruning(baselines: scratch.path) { _, size in
      try Example.onlyCell("aa", size: size)
    }
    #expect(pruning.items.count == 2)
    try pruning.apply()
    #expect(Set(try Baseline.load(path: path).entries.map(\.cell)) == ["aa"])
    #expect(try BaselineFolder.names(in: events) == ["aa-only.txt"])
  }
}

/// Plans for tests of pruning.
private enum Example {
  static func onlyCell(_ id: String, size: RunSize) throws -> Plan {
    let cell = Cell(
      id: id, coordinates: [], settings: Settings(parameters: [:]), control: nil, controls: nil,
      arms: ["only"])
    let manifest = Manifest(
      path: "trial.yaml", id: "trial", title: "A trial", question: "Is it so?",
      experiment: ExperimentDescription(
        name: "trial", summary: "Tries.", version: 1, arms: [ArmDescription("only", "It.")],
        parameters: [], metrics: GateRecord.metrics),
      tags: [], size: size, seed: 1, repetitions: 20, arms: ["only"],
      measures: GateRecord.metrics, criteria: [], figures: [], limits: .init(), data: [])
    return Plan(manifest: manifest, digest: "d1", cells: [cell], trials: [])
  }
}
