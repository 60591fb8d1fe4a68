// Which cells of an experiment would run again, and why.

public import LabManifest
public import LabRecord

/// What of a record still answers its manifest, cell by cell.
///
/// A cell is known by a hash over the experiment, its version, the settings and the data, so that a
/// cell with the same id is the same question. Other code is no other question: it is told, and
/// reruns nothing by itself.
public struct RerunExplanation: Sendable {
  /// Why a cell would run, or would not.
  public enum Reason: Hashable, Sendable {
    /// The record has it, and every trial ended well.
    case recorded
    /// The record has it, but trials are not there or did not end well.
    case incomplete(String)
    /// The record does not have it: the manifest, the version or the data are new.
    case new
    /// The record has it, and the manifest does not plan it any more.
    case dropped
  }

  /// A cell with its reason.
  public struct Row: Hashable, Sendable {
    /// The cell's id.
    public var cell: String
    /// The coordinates in one line.
    public var place: String
    /// Why it would run, or would not.
    public var reason: Reason
  }

  /// The cells of the plan in its order, then those that it does not have any more.
  public private(set) var rows: [Row] = []
  /// What else differs, one sentence each without a full stop: version, seed, other code.
  public private(set) var notes: [String] = []

  /// Holds a record against a plan of the record's size and seed, and against the code of now.
  public init(_ record: RunRecord, plan: Plan, code: RunDescription.Code) {
    var ended: [String: [TrialStatus]] = [:]
    for timing in record.timings { ended[timing.cell, default: []].append(timing.status) }
    var wanted: [String: Int] = [:]
    for trial in plan.trials { wanted[trial.cell.id, default: 0] += 1 }
    for cell in plan.cells {
      rows.append(
        Row(
          cell: cell.id, place: Self.place(cell.coordinates),
          reason: Self.reason(ended[cell.id], wanted: wanted[cell.id] ?? 0)))
    }
    let planned = Set(plan.cells.map(\.id))
    for cell in record.cells where !planned.contains(cell.id) {
      rows.append(Row(cell: cell.id, place: Self.place(cell.coordinates), reason: .dropped))
    }
    let (then, now) = (record.run.experiment, plan.manifest.experiment)
    if then.version != now.version {
      notes.append(
        "The experiment is at version \(now.version), the record at \(then.version): every cell is "
          + "new")
    }
    if record.run.seed != plan.manifest.seed {
      notes.append("The record has the seed \(record.run.seed): every trial has another one now")
    }
    if let commit = code.commit, commit != record.run.code.commit {
      notes.append(
        "The record is of commit \((record.run.code.commit ?? "none").prefix(12)), this is "
          + "\(commit.prefix(12)): other code reruns nothing by itself; raise the experiment's "
          + "version where it measures otherwise")
    }
    if code.dirtyDigest != record.run.code.dirtyDigest {
      notes.append("What differs from the commit is not what differed when the record was made")
    }
  }

  private static func reason(_ ended: [TrialStatus]?, wanted: Int) -> Reason {
    guard let ended else { return .new }
    let failed = ended.count { $0 != .ok }
    if failed > 0 { return .incomplete("\(failed) of \(ended.count) trials did not end well") }
    if ended.count < wanted { return .incomplete("\(wanted - ended.count) trials are not there") }
    return .recorded
  }

  private static func place(_ coordinates: [Cell.Coordinate]) -> String {
    coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}

extension RerunExplanation.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .recorded: "no: the record has it"
    case .incomplete(let what): "yes: \(what)"
    case .new: "yes: the record does not have it"
    case .dropped: "no: the manifest does not plan it any more"
    }
  }
}
