// Why shards do not make a whole.

public import LabRecord

/// Why the records of shards cannot be merged; nothing was written.
public enum MergeError: Error, Hashable, Sendable {
  /// No folder was named.
  case nothing
  /// The record of a shard cannot be read.
  case record(RecordError)
  /// The folder holds the record of a whole plan.
  case notAShard(String)
  /// Two shards are not of one plan, program and kind of machine.
  case different(String, from: String, differs: [String])
  /// Two shards hold the same cells, or are the same shard.
  case overlap(String, String, cells: [String])
  /// Cells of the plan are in no shard; the shards are named where all are cut alike.
  case missing(shards: [Shard], cells: [String])
  /// A shard lacks rows of a cell, or has rows of one that is not its own.
  case incomplete(String, cell: String)
  /// The record of the whole cannot be published.
  case run(RunError)
}

extension MergeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nothing:
      "no folder of a shard was named; all shards of one plan were expected; name their folders"
    case .record(let error): error.description
    case .notAShard(let folder):
      "\(folder) holds the record of a whole run; that of a shard was expected; name the folders "
        + "that 'fleetlab run --shard' made"
    case .different(let folder, let other, let differs):
      "\(folder) differs from \(other) in \(differs.joined(separator: ", ")); shards of one plan, "
        + "program and kind of machine were expected; run the shard again, or leave it out"
    case .overlap(let folder, let other, let cells):
      "\(folder) overlaps with \(other)\(Self.list(cells)); shards that share no cell were "
        + "expected; leave one out"
    case .missing(let shards, let cells):
      (shards.isEmpty
        ? "cells are in none of the shards"
        : "shard \(shards.map(\.description).joined(separator: ", ")) is missing")
        + "\(Self.list(cells)); all cells of the plan were expected; run what is missing with "
        + "'fleetlab run --shard' and name its folder"
    case .incomplete(let folder, let cell):
      "\(folder) does not hold all trials of its cells and no others: cell \(cell); the record of "
        + "a whole shard was expected; run the shard again"
    case .run(let error): error.description
    }
  }

  /// The first cells of a list, in brackets.
  private static func list(_ cells: [String]) -> String {
    guard !cells.isEmpty else { return "" }
    let shown = cells.prefix(5).joined(separator: ", ")
    let rest = cells.count > 5 ? " and \(cells.count - 5) more" : ""
    return " (\(cells.count == 1 ? "cell" : "\(cells.count) cells") \(shown)\(rest))"
  }
}
