// What is published by real processes, and how many of them are killed meanwhile.
import LabCore
import LabManifest
import LabRunner

/// The load of one trial of ``EventSyncProcesses``.
struct ProcessSyncLoad {
  var nodes = 3
  /// How many events are published, by the nodes in turn.
  var events = 300
  var payload = ByteCount(200)
  /// How often a node is killed and started again.
  var kills = 4
  /// How many events a publisher has under way.
  var window = 8
  /// Whether a handler keeps its position with its effects.
  var keepsPosition = true
  /// Whether a handler does what it was handed together in the reverse order.
  var reversesOrder = false
  /// Whether a killed node loses its folder.
  var losesFolders = false
  /// How long a trial waits for what is missing.
  var patience = Duration.seconds(10)
  var countsSyncs = false
  var seed = Seed(1)

  /// A small load.
  init() {}

  init(_ trial: Trial) throws {
    nodes = try trial.integer("nodes")
    events = try trial.integer("events")
    payload = ByteCount(try trial.integer("payload"))
    kills = try trial.integer("kills")
    window = try trial.integer("window")
    reversesOrder = try trial.flag("reverses-order")
    keepsPosition = try trial.flag("keeps-position")
    losesFolders = try trial.flag("loses-folders")
    patience = try trial.duration("patience")
    countsSyncs = try trial.flag("counts-syncs")
    seed = trial.seed.child("kills")
  }

  /// What an event says: its number, and filling up to the size.
  func data(of number: Int) -> String {
    let head = "\(number):"
    return head + String(repeating: "x", count: max(0, payload.bytes - head.utf8.count))
  }

  /// The number of an event by what it says.
  static func number(in data: String) -> Int? {
    data.firstIndex(of: ":").flatMap { Int(data[..<$0]) }
  }
}
