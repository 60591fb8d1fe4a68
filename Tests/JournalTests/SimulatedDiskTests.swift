// The disk that forgets does so in every way that it should, and in no other.

import Journal
import LabCore
import Testing

@Suite struct `A simulated disk` {
  /// What a file may hold after a power cut, over many random streams.
  private func outcomes(of disk: SimulatedDisk, _ name: String, seed: UInt64) -> Set<Bytes?> {
    var random = Seed(seed).stream()
    var outcomes: Set<Bytes?> = []
    for _ in 0..<1000 {
      var crashed = disk
      crashed.crash(&random)
      outcomes.insert(try? crashed.read(name, at: 0, count: 10_000))
    }
    return outcomes
  }

  @Test func `keeps what was synced under a synced name`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.write(bytes("kept"), to: "file", at: 0)
    try disk.sync("file")
    try disk.syncFolder()
    #expect(outcomes(of: disk, "file", seed: 8) == [bytes("kept")])
  }

  @Test func `may forget a name until the folder is synced`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.write(bytes("kept"), to: "file", at: 0)
    try disk.sync("file")
    #expect(outcomes(of: disk, "file", seed: 9) == [nil, bytes("kept")])
  }

  @Test func `tears a write at every byte, and forgets it, and keeps only its size`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.syncFolder()
    try disk.write(bytes("abcd"), to: "file", at: 0)
    let expected = ["", "a", "ab", "abc", "abcd", "\0\0\0\0"].map { Optional(bytes($0)) }
    #expect(outcomes(of: disk, "file", seed: 10) == Set(expected))
  }

  @Test func `may keep a later sector and lose an earlier one`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.syncFolder()
    try disk.write(Bytes([UInt8](repeating: 1, count: 1024)), to: "file", at: 0)
    let hole = [UInt8](repeating: 0, count: 512) + [UInt8](repeating: 1, count: 512)
    #expect(outcomes(of: disk, "file", seed: 11).contains(Bytes(hole)))
  }

  @Test func `renames in one step`() throws {
    var disk = SimulatedDisk()
    for (name, text) in [("old", "1"), ("new", "2")] {
      try disk.create(name)
      try disk.write(bytes(text), to: name, at: 0)
      try disk.sync(name)
    }
    try disk.syncFolder()
    try disk.rename("new", to: "old")
    #expect(outcomes(of: disk, "old", seed: 12) == [bytes("1"), bytes("2")])
  }

  @Test func `writes what fits and says that it is full`() throws {
    var disk = SimulatedDisk(capacity: ByteCount(6))
    try disk.create("a")
    try disk.create("b")
    try disk.write(bytes("123"), to: "a", at: 0)
    #expect(throws: DiskError.full) { try disk.write(bytes("4567"), to: "b", at: 0) }
    #expect(try disk.read("b", at: 0, count: 10) == bytes("456"))
    try disk.write(bytes("xyz"), to: "a", at: 0)
    try disk.remove("b")
    try disk.write(bytes("456"), to: "a", at: 3)
    #expect(throws: DiskError.full) { try disk.write(bytes("!"), to: "a", at: 9) }
  }

  @Test func `lets one bit rot, on the platter and in what is on its way there`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.syncFolder()
    try disk.write(bytes("aaaa"), to: "file", at: 0)
    try disk.corrupt("file", at: 1, mask: 2)
    #expect(try disk.read("file", at: 0, count: 4) == bytes("acaa"))
    try disk.sync("file")
    #expect(outcomes(of: disk, "file", seed: 13) == [bytes("acaa")])
    var random = Seed(14).stream()
    let offset = try #require(try disk.corrupt("file", &random))
    #expect(try disk.read("file", at: offset, count: 1) != bytes("acaa").slice(offset..<offset + 1))
    #expect(throws: DiskError.self) { try disk.corrupt("file", at: 4, mask: 1) }
  }

  @Test func `that ignores syncs counts them and keeps nothing for sure`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.syncFolder()
    disk.ignoresSyncs = true
    try disk.write(bytes("a"), to: "file", at: 0)
    try disk.sync("file")
    try disk.rename("file", to: "other")
    try disk.syncFolder()
    #expect(disk.counters.syncs == 1 && disk.counters.folderSyncs == 2)
    #expect(outcomes(of: disk, "other", seed: 15) == [nil, .empty, bytes("a"), bytes("\0")])
  }

  @Test func `counts syncs and bytes`() throws {
    var disk = SimulatedDisk()
    try disk.create("file")
    try disk.write(bytes("four"), to: "file", at: 0)
    try disk.write(bytes("five5"), to: "file", at: 4)
    try disk.sync("file")
    try disk.syncFolder()
    let counters = disk.counters
    #expect(counters.writes == 2 && counters.bytesWritten == 9)
    #expect(counters.syncs == 1 && counters.folderSyncs == 1)
  }
}
