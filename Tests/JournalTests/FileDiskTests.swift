// The journal on real files.

import Foundation
import Journal
import LabCore
import Testing

@Suite struct `A journal on real files` {
  @Test func `what was appended is there after reopening`() throws {
    let folder = try TemporaryFolder()
    for life in 0..<3 {
      var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "trials")
      #expect(journal.recovery.isNew == (life == 0))
      #expect(try journal.contents().records == (0..<life).map { bytes("trial \($0)") })
      #expect(try journal.append(bytes("trial \(life)")) == UInt64(life))
    }
    #expect(try folder.names() == ["trials.journal"])
  }

  @Test func `truncation and snapshot survive reopening`() throws {
    let folder = try TemporaryFolder()
    do {
      var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      for number in 0..<6 { try journal.append(bytes("\(number)")) }
      try journal.truncate(from: 4)
      try journal.snapshot(bytes("sum"), upTo: 2)
      try journal.append(bytes("new 4"))
    }
    var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
    let expected = Durable(
      snapshot: bytes("sum"), firstIndex: 2, records: [bytes("2"), bytes("3"), bytes("new 4")])
    #expect(try journal.contents() == expected)
    #expect(try folder.names() == ["log.journal"])
  }

  @Test func `a torn tail of a real file is cut at every byte`() throws {
    let folder = try TemporaryFolder()
    var ends: [Int] = []
    do {
      var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      for number in 0..<3 {
        try journal.append(bytes("record \(number)"))
        ends.append(journal.fileSize.bytes)
      }
    }
    let whole = try folder.read("log.journal")
    for size in ends[1]..<ends[2] {
      try folder.write(Array(whole[..<size]), to: "log.journal")
      var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      #expect(journal.recovery.bytesCut == ByteCount(size - ends[1]))
      #expect(try journal.contents().records == [bytes("record 0"), bytes("record 1")])
      try journal.append(bytes("record 2"))
    }
    #expect(try folder.read("log.journal") == whole)
  }

  @Test func `a second opener gets the error of the lock`() throws {
    let folder = try TemporaryFolder()
    do {
      let first = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      #expect(throws: DiskError.locked(folder.path)) { _ = try FileDisk(folder: folder.path) }
      #expect(first.recovery.isNew)
    }
    let second = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
    #expect(!second.recovery.isNew)
  }

  @Test func `a folder or file that is missing is named in the error`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: DiskError.notFound("\(folder.path)/none")) {
      _ = try FileDisk(folder: "\(folder.path)/none")
    }
    #expect(throws: DiskError.notFound("\(folder.path)/none")) {
      var disk = try FileDisk(folder: folder.path)
      _ = try disk.size(of: "none")
    }
  }

  @Test func `a name with a slash is refused`() throws {
    let folder = try TemporaryFolder()
    for name in ["../escape", "", "a\0b"] {
      #expect(throws: DiskError.self) {
        var disk = try FileDisk(folder: folder.path)
        try disk.create(name)
      }
    }
  }

  @Test func `a read ends where the file ends`() throws {
    let folder = try TemporaryFolder()
    var disk = try FileDisk(folder: folder.path)
    try disk.create("file")
    try disk.write(bytes("abc"), to: "file", at: 2)
    #expect(try disk.read("file", at: 0, count: 10) == Bytes([0, 0, 97, 98, 99]))
    #expect(try disk.read("file", at: 7, count: 10) == .empty)
    try disk.truncate("file", to: 3)
    #expect(try disk.size(of: "file") == 3)
    try disk.remove("file")
    #expect(try folder.names() == [])
  }

  @Test func `a full device is told from one that fails`() throws {
    // /dev/full refuses every write for want of room, but is synced and shortened like a bad
    // device.
    try #require(FileManager.default.fileExists(atPath: "/dev/full"))
    var disk = try FileDisk(folder: "/dev", sharing: .shared)
    let code = #expect(throws: DiskError.self) { try disk.write(bytes("x"), to: "full", at: 0) }
    #expect(code == .full)
  }
}
