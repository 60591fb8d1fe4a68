// A disk whose power can fail between two calls, in the middle of what a journal does.
import Journal
import LabCore

/// A simulated disk that stops taking calls after a number of them.
///
/// What was synced before the power failed stays; of what was not, the crash that follows keeps any
/// part. Every moment of an operation is thereby a possible end, and none is that its order
/// forbids.
struct InterruptibleDisk: Disk {
  /// The disk behind.
  var disk: SimulatedDisk
  /// How many calls asked for a change so far.
  private(set) var changes = 0
  /// How many calls will still change anything; `nil` while the power is on.
  var changesLeft: Int?

  init(_ disk: SimulatedDisk) { self.disk = disk }

  private mutating func begin(_ operation: String, _ name: String) throws(DiskError) {
    changes += 1
    guard let left = changesLeft else { return }
    guard left > 0 else {
      throw .failed(operation: operation, path: name, reason: "the power failed")
    }
    changesLeft = left - 1
  }

  mutating func size(of name: String) throws(DiskError) -> Int { try disk.size(of: name) }

  mutating func read(_ name: String, at offset: Int, count: Int) throws(DiskError) -> Bytes {
    try disk.read(name, at: offset, count: count)
  }

  mutating func create(_ name: String) throws(DiskError) {
    try begin("create", name)
    try disk.create(name)
  }

  mutating func write(_ bytes: Bytes, to name: String, at offset: Int) throws(DiskError) {
    try begin("write", name)
    try disk.write(bytes, to: name, at: offset)
  }

  mutating func truncate(_ name: String, to size: Int) throws(DiskError) {
    try begin("truncate", name)
    try disk.truncate(name, to: size)
  }

  mutating func sync(_ name: String) throws(DiskError) {
    try begin("sync", name)
    try disk.sync(name)
  }

  mutating func rename(_ name: String, to newName: String) throws(DiskError) {
    try begin("rename", name)
    try disk.rename(name, to: newName)
  }

  mutating func remove(_ name: String) throws(DiskError) {
    try begin("remove", name)
    try disk.remove(name)
  }

  mutating func syncFolder() throws(DiskError) {
    try begin("sync", "the folder")
    try disk.syncFolder()
  }
}
