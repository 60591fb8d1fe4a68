// Files that are replaced as a whole.

import Foundation
import Journal
import LabCore
import Testing

@Suite struct `An atomic file` {
  @Test func `is made and replaced, and leaves nothing else behind`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/table.csv"
    try AtomicFile.write("a,b\n", to: path)
    #expect(try folder.read("table.csv") == Array("a,b\n".utf8))
    try AtomicFile.write(bytes("c"), to: path)
    #expect(try folder.read("table.csv") == Array("c".utf8))
    try AtomicFile.write(Bytes.empty, to: path)
    #expect(try folder.read("table.csv") == [])
    #expect(try folder.names() == ["table.csv"])
  }

  @Test func `may come in pieces`() throws {
    let folder = try TemporaryFolder()
    let pieces = ["ab", "", "cde"].lazy.map { Bytes(Array($0.utf8)) }
    try AtomicFile.write(pieces: pieces, to: "\(folder.path)/table.csv")
    #expect(try folder.read("table.csv") == Array("abcde".utf8))
    #expect(try folder.names() == ["table.csv"])
  }

  @Test func `may lie in a folder that a journal has locked`() throws {
    let folder = try TemporaryFolder()
    var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
    try AtomicFile.write("x", to: "\(folder.path)/table.csv")
    try journal.append(bytes("y"))
    #expect(try folder.names() == ["log.journal", "table.csv"])
  }

  @Test func `keeps the permissions of the file that it replaces`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/script"
    try AtomicFile.write("1", to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o750], ofItemAtPath: path)
    try AtomicFile.write("2", to: path)
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(permissions as? Int == 0o750)
  }

  @Test func `names the folder that is missing`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DiskError.notFound("\(folder.path)/none")) {
      try AtomicFile.write("x", to: "\(folder.path)/none/table.csv")
    }
  }

  @Test func `cannot take the place of a folder, and removes its temporary file`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/taken/inside", withIntermediateDirectories: true)
    #expect(throws: DiskError.self) { try AtomicFile.write("x", to: "\(folder.path)/taken") }
    #expect(throws: DiskError.self) { try AtomicFile.write("x", to: "\(folder.path)/") }
    #expect(try folder.names() == ["taken"])
  }

  @Test func `refuses to write where another writer is at work`() throws {
    let folder = try TemporaryFolder()
    var other = try FileDisk(folder: folder.path, sharing: .shared)
    try other.create(".table.csv.new")
    #expect(throws: DiskError.locked("\(folder.path)/.table.csv.new")) {
      try AtomicFile.write("x", to: "\(folder.path)/table.csv")
    }
    try other.remove(".table.csv.new")
    try AtomicFile.write("x", to: "\(folder.path)/table.csv")
    #expect(try folder.names() == ["table.csv"])
  }

  @Test func `takes over what a killed writer left`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("half of a longer text".utf8), to: ".table.csv.new")
    try AtomicFile.write("x", to: "\(folder.path)/table.csv")
    #expect(try folder.read("table.csv") == Array("x".utf8))
    #expect(try folder.names() == ["table.csv"])
  }

  @Test func `leaves the old content when the disk is full at any byte`() throws {
    var disk = SimulatedDisk()
    try AtomicFile.write(bytes("the old content"), as: "file", on: &disk)
    for room in 0..<20 {
      disk.capacity = ByteCount(15 + room)
      #expect(throws: DiskError.full) {
        try AtomicFile.write(bytes("twenty bytes of text"), as: "file", on: &disk)
      }
      #expect(try disk.read("file", at: 0, count: 100) == bytes("the old content"))
      #expect(throws: DiskError.notFound(".file.new")) { _ = try disk.size(of: ".file.new") }
    }
  }

  @Test func `is the old or the new one after a death at any call and a power cut`() throws {
    #expect(try outcomes(of: .none) == ["old", "new"])
    #expect(try outcomes(of: .temporaryIsNotSynced).isStrictSuperset(of: ["old", "new"]))
    #expect(try outcomes(of: .renameTakesTwoSteps).isStrictSuperset(of: ["old", "new"]))
  }

  /// Everything that a file with a planted fault may hold after a crash.
  private func outcomes(of fault: PlantedFault) throws -> Set<String> {
    var random = Seed(7).stream()
    var outcomes: Set<String> = []
    for life in 0..<600 {
      var disk = FaultyDisk(.none)
      try AtomicFile.write(bytes("old"), as: "file", on: &disk)
      disk.fault = fault
      disk.callsUntilDeath = life % 8
      // Its failure is the purpose.
      _ = try? AtomicFile.write(bytes("new"), as: "file", on: &disk)
      disk.revive()
      disk.disk.crash(&random)
      let content = try? disk.read("file", at: 0, count: 100)
      outcomes.insert(content.map { String(decoding: $0, as: UTF8.self) } ?? "missing")
    }
    return outcomes
  }
}
