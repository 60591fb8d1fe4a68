// One file of baselines: an experiment at one size on one class of machine.

public import LabManifest
import LabRecord

/// What gates of one experiment at one size are judged against.
///
/// There is one file for each class of machine, which the exactness keys name:
/// `<id>/baseline/<size>-<8 digits>.json`.
public struct Baseline: Hashable, Sendable {
  /// The version of the form that this code writes; older ones are read.
  public static let currentFormat = 1

  /// The manifest's id.
  public var experiment: String
  /// The size of the runs.
  public var size: RunSize
  /// What must agree before exact and counted values are compared.
  public var exactness: [String: String]
  /// The coordinates of each cell as text, by its identity.
  public var cells: [String: String]
  /// The lists of seeds that entries name.
  public var seeds: [String: [String]]
  /// The entries, by cell, arm, metric and statistic.
  public var entries: [BaselineEntry]

  /// Starts a baseline without entries.
  public init(experiment: String, size: RunSize, exactness: [String: String]) {
    self.experiment = experiment
    self.size = size
    self.exactness = exactness
    (cells, seeds, entries) = ([:], [:], [])
  }

  /// The entries by gate.
  var byKey: [GateKey: BaselineEntry] {
    Dictionary(
      entries.compactMap { entry in entry.key.map { ($0, entry) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The exactness keys in which a run differs, with both values, sorted.
  public func differences(to keys: [String: String]) -> [String] {
    Set(exactness.keys).union(keys.keys).sorted().filter { exactness[$0] != keys[$0] }.map {
      "\($0) is \(keys[$0] ?? "not named"), was \(exactness[$0] ?? "not named")"
    }
  }

  /// The name of the file of a class of machine at a size.
  public static func fileName(size: RunSize, exactness: [String: String]) -> String {
    "\(size.rawValue)-\(machineClass(exactness)).json"
  }

  /// Eight hexadecimal digits over exactness keys.
  static func machineClass(_ exactness: [String: String]) -> String {
    let text = exactness.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    return String(ContentDigest.sha256(Array(text.utf8)).prefix(8))
  }

  /// The name under which a list of seeds is kept.
  static func name(ofSeeds seeds: [String]) -> String {
    String(ContentDigest.sha256(Array(seeds.joined(separator: "\n").utf8)).prefix(12))
  }

  /// Sorts the entries and forgets cells and seeds that none of them names.
  mutating func tidy() {
    entries.sort { left, right in
      (left.cell, left.arm, left.metric, left.statistic ?? "")
        < (right.cell, right.arm, right.metric, right.statistic ?? "")
    }
    let (used, lists) = (Set(entries.map(\.cell)), Set(entries.map(\.seeds)))
    cells = cells.filter { used.contains($0.key) }
    seeds = seeds.filter { lists.contains($0.key) }
  }
}
