// A simulated disk with a planted fault, and with a death at any call.

import LabCore

@testable import Journal

/// What is wrong with a disk, or with the way in which it is used.
enum PlantedFault: CaseIterable, Sendable {
  case none
  /// The file is never synced.
  case syncDoesNothing
  /// The folder is never synced.
  case folderSyncDoesNothing
  /// Opening a journal syncs nothing.
  case openSyncsNothing
  /// A temporary file is renamed before it is synced.
  case temporaryIsNotSynced
  /// The old file is removed before the new one gets its name.
  case renameTakesTwoSteps
  /// A frame is written though the one before it was not synced, every other time.
  case everyOtherSyncDoesNothing
  /// One byte of each write of some length is wrong, and the journal computes no checksum over it.
  case writesWrongBytes
}

/// The simulated disk behind a fault.
struct FaultyDisk: Disk {
  var disk: SimulatedDisk
  var fault: PlantedFault
  /// After so many more calls that change something, each call fails; `nil` for never.
  var callsUntilDeath: Int?
  /// Whether a journal is being opened.
  var isOpening = false
  private var syncs = 0
  private var isDead = false

  init(_ fault: PlantedFault, disk: SimulatedDisk = SimulatedDisk()) {
    self.fault = fault
    self.disk = disk
  }

  /// Makes a disk that died work again, with the content that it had.
  mutating func revive() {
    callsUntilDeath = nil
    isDead = false
  }

  mutating func size(of name: String) throws(DiskError) -> Int { try disk.size(of: name) }

  mutating func read(_ name: String, at offset: Int, count: Int) throws(DiskError) -> Bytes {
    try disk.read(name, at: offset, count: count)
  }

  mutating func create(_ name: String) throws(DiskError) {
    try live()
    try disk.create(name)
  }

  /// A write in which the process or machine dies is on its way, and may arrive in part.
  mutating func write(_ bytes: Bytes, to name: String, at offset: Int) throws(DiskError) {
    if callsUntilDeath == 0, !isDead { try disk.write(bytes, to: name, at: offset) }
    try live()
    guard fault == .writesWrongBytes, bytes.count > 200 else {
      return try disk.write(bytes, to: name, at: offset)
    }
    // Behind the header and the mark of the first record, as if no checksum were checked.
    var wrong = bytes.array
    wrong[100] ^= 1
    var check = CRC32C()
    check.update(Bytes(wrong).slice(32..<wrong.count))
    guard let file = try? FileHeader(disk.read(name, at: 0, count: 52), file: name),
      let header = FrameHeader(bytes, at: offset, of: file)
    else { return try disk.write(bytes, to: name, at: offset) }
    FrameHeader(
      payloadLength: header.payloadLength, ordinal: header.ordinal, nextIndex: header.nextIndex,
      payloadChecksum: check.checksum
    ).encode(into: &wrong, at: offset, of: file)
    try disk.write(Bytes(wrong), to: name, at: offset)
  }

  mutating func truncate(_ name: String, to size: Int) throws(DiskError) {
    try live()
    try disk.truncate(name, to: size)
  }

  mutating func sync(_ name: String) throws(DiskError) {
    try live()
    syncs += 1
    switch fault {
    case .syncDoesNothing: return
    case .everyOtherSyncDoesNothing where syncs.isMultiple(of: 2): return
    case .openSyncsNothing where isOpening: return
    case .temporaryIsNotSynced where name.hasSuffix(".new"): return
    default: try disk.sync(name)
    }
  }

  mutating func rename(_ name: String, to newName: String) throws(DiskError) {
    try live()
    if fault == .renameTakesTwoSteps { try disk.removeIfPresent(newName) }
    try live()
    try disk.rename(name, to: newName)
  }

  mutating func remove(_ name: String) throws(DiskError) {
    try live()
    try disk.remove(name)
  }

  mutating func syncFolder() throws(DiskError) {
    try live()
    switch fault {
    case .folderSyncDoesNothing: return
    case .openSyncsNothing where isOpening: return
    default: try disk.syncFolder()
    }
  }

  private mutating func live() throws(DiskError) {
    if let left = callsUntilDeath {
      if left <= 0 { isDead = true }
      callsUntilDeath = left - 1
    }
    if isDead { throw .failed(operation: "reach", path: "the disk", reason: "it is dead") }
  }
}
