// What endpoints of QUIC log of themselves in a traced trial.
import Journal
import LabCore
import Synchronization
import Transport

/// Collects the keys and the qlogs of the endpoints of one trial.
final class QUICLogs: Sendable {
  private struct Place: Hashable, Comparable {
    var node: UInt32
    var connection: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.node, left.connection) < (right.node, right.connection)
    }
  }

  private struct Content {
    var keys: [String] = []
    var logs: [Place: [UInt8]] = [:]
  }

  private let content = Mutex(Content())

  /// What a capture says of its keys.
  static var remark: String {
    ProcessEntropy.isSeeded
      ? "the keys follow from the trial's seed" : "the keys were drawn from the operating system"
  }

  /// The lines of the key log; both ends log the same secrets, which stand here once.
  var keys: [String] {
    content.withLock { content in
      var known: Set<String> = []
      return content.keys.filter { known.insert($0).inserted }
    }
  }

  /// Has an endpoint log here.
  func attach(to configuration: inout QUICConfiguration, of node: NodeID) {
    configuration.keyLog = { [self] line in content.withLock { $0.keys.append(line) } }
    configuration.qlog = { [self] connection, bytes in
      let place = Place(node: node.index, connection: connection)
      content.withLock { $0.logs[place, default: []] += bytes }
    }
  }

  /// Writes a file `NODE-CONNECTION.sqlog` for each connection of each node.
  func write(names: [String], to folder: String) throws {
    let logs = content.withLock(\.logs)
    for (place, log) in logs.sorted(by: { $0.key < $1.key }) {
      let name = names[Int(place.node)]
      try AtomicFile.write(Bytes(log), to: "\(folder)/\(name)-\(place.connection).sqlog")
    }
  }
}
