// Taking out of baselines what no manifest can produce any more.

import Glibc
public import LabManifest

/// What a folder of baselines holds that no manifest can produce.
public struct BaselinePruning: Sendable {
  /// One thing to remove.
  public enum Item: Hashable, Sendable {
    /// A file of baselines of which nothing stays, or of events.
    case file(String)
    /// Entries of a file of which something stays, in words.
    case entries(path: String, [String])
  }

  /// What is to be removed, by path.
  public private(set) var items: [Item] = []
  private var replacements: [(path: String, baseline: Baseline)] = []

  /// Looks through the baselines of all experiments.
  ///
  /// - Parameters:
  ///   - baselines: The folder of baselines.
  ///   - plan: The plan of a manifest's id at a size; `nil` when there is no such manifest.
  /// - Throws: ``BaselineError`` for the first file that cannot be read, and whatever `plan` does;
  ///   nothing is removed.
  public init(
    baselines: String, plan: (_ experiment: String, RunSize) throws -> Plan?
  ) throws {
    for experiment in try BaselineFolder.names(in: baselines) {
      let folder = BaselineFolder(baselines: baselines, experiment: experiment)
      for size in RunSize.allCases {
        let files = try folder.files(size: size)
        guard !files.isEmpty else { continue }
        let plan = try plan(experiment, size)
        for path in files { try look(at: path, plan) }
      }
      try lookAtEvents(in: "\(folder.path)/events", experiment, plan)
    }
  }

  private mutating func look(at path: String, _ plan: Plan?) throws(BaselineError) {
    var baseline = try Baseline.load(path: path)
    let places = Self.places(of: plan)
    let policy = plan?.manifest.gate ?? GatePolicy()
    let measured = Set(plan?.manifest.measures.map(\.name) ?? [])
    let gone = baseline.entries.filter { entry in
      !places.contains(Self.place(entry.cell, entry.arm)) || !measured.contains(entry.metric)
        || !policy.gates(entry.metric)
    }
    guard !gone.isEmpty else { return }
    guard gone.count < baseline.entries.count else {
      items.append(.file(path))
      return
    }
    let texts = gone.map { "\($0.metricText) of \($0.arm), \(baseline.cells[$0.cell] ?? $0.cell)" }
    items.append(.entries(path: path, texts))
    baseline.entries.removeAll { gone.contains($0) }
    baseline.tidy()
    replacements.append((path, baseline))
  }

  private mutating func lookAtEvents(
    in folder: String, _ experiment: String, _ plan: (String, RunSize) throws -> Plan?
  ) throws {
    for name in try BaselineFolder.names(in: folder) {
      let size = RunSize.allCases.first { name.hasPrefix("\($0.rawValue)-") }
      let places = Self.places(of: try size.flatMap { try plan(experiment, $0) })
      for file in try BaselineFolder.names(in: "\(folder)/\(name)")
      where !places.contains(where: { file == "\($0).txt" }) {
        items.append(.file("\(folder)/\(name)/\(file)"))
      }
    }
  }

  /// What tells an arm in a cell from another, as names of event files have it.
  private static func place(_ cell: String, _ arm: String) -> String { "\(cell)-\(arm)" }

  private static func places(of plan: Plan?) -> Set<String> {
    let cells = plan?.cells.filter { $0.control == nil } ?? []
    return Set(cells.flatMap { cell in cell.arms.map { place(cell.id, $0) } })
  }

  /// Removes all of it.
  ///
  /// - Throws: ``BaselineError/unwritable(path:reason:)`` for the first file that stays; what was
  ///   removed before stays removed.
  public func apply() throws(BaselineError) {
    for (path, baseline) in replacements { try baseline.write(to: path) }
    for case .file(let path) in items where unlink(path) != 0 {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }
}
