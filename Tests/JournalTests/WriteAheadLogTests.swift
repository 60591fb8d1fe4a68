// The journal's operations, one by one, on the simulated disk.

import Journal
import LabCore
import Testing

@Suite struct `A journal` {
  @Test func `a new one is empty and its file exists at once`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    #expect(journal.recovery.isNew)
    #expect(try journal.contents() == .empty)
    var disk = journal.abandon()
    #expect(try disk.size(of: "log.journal") > 0)
  }

  @Test func `records come back by index, whether synced or waiting`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: .manual)
    for number in 0..<3 { #expect(try journal.append(bytes("\(number)")) == UInt64(number)) }
    try journal.sync()
    #expect(try journal.append(.empty) == 3)
    #expect(journal.pendingOperations == 1)
    #expect(try journal.record(at: 1) == bytes("1"))
    #expect(try journal.record(at: 3) == .empty)
    #expect(try journal.record(at: 4) == nil)
    #expect(try journal.contents().records == ["0", "1", "2", ""].map(bytes))
  }

  @Test func `a batch goes out in one write and one sync`() throws {
    let policy = SyncPolicy.batch(maxRecords: 8, maxBytes: ByteCount(1 << 20))
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: policy)
    let before = journal.disk.counters
    for number in 0..<7 { try journal.append(bytes("\(number)")) }
    #expect(journal.disk.counters == before)
    try journal.append(bytes("7"))
    #expect(journal.disk.counters.writes == before.writes + 1)
    #expect(journal.disk.counters.syncs == before.syncs + 1)
    #expect(journal.pendingOperations == 0)
  }

  @Test func `a batch is written when it has its bytes`() throws {
    let policy = SyncPolicy.batch(maxRecords: 1000, maxBytes: ByteCount(100))
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: policy)
    try journal.append(Bytes([UInt8](repeating: 1, count: 50)))
    #expect(journal.pendingOperations == 1)
    try journal.append(Bytes([UInt8](repeating: 1, count: 50)))
    #expect(journal.pendingOperations == 0)
  }

  @Test func `a manual batch that outgrows the largest record is written by itself`() throws {
    var journal = try WriteAheadLog(
      on: SimulatedDisk(), name: "log", policy: .manual, maximumRecord: ByteCount(64))
    for number in 0..<5 as Range<UInt8> {
      try journal.append(Bytes([UInt8](repeating: number, count: 40)))
    }
    #expect(journal.pendingOperations == 1)
    try journal.sync()
    var again = try WriteAheadLog(on: journal.abandon(), name: "log", maximumRecord: ByteCount(64))
    #expect(try again.contents().records.map(\.first) == [0, 1, 2, 3, 4])
  }

  @Test func `always means that each call ends durable`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(bytes("kept"))
    var (disk, random) = (journal.abandon(), Seed(2).stream())
    disk.crash(&random)
    var again = try WriteAheadLog(on: disk, name: "log")
    #expect(try again.contents().records == [bytes("kept")])
  }

  @Test func `a truncated suffix is replaced by what follows`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    for number in 0..<5 { try journal.append(bytes("\(number)")) }
    try journal.truncate(from: 9)
    #expect(journal.nextIndex == 5)
    try journal.truncate(from: 2)
    #expect(try journal.append(bytes("new")) == 2)
    var again = try WriteAheadLog(on: journal.abandon(), name: "log")
    #expect(try again.contents().records == ["0", "1", "new"].map(bytes))
    #expect(throws: JournalError.self) {
      try again.snapshot(.empty, upTo: 3)
      try again.truncate(from: 2)
    }
  }

  @Test func `a snapshot may lie beyond the last record`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(bytes("old"))
    try journal.snapshot(bytes("sum"), upTo: 100)
    #expect(try journal.append(bytes("next")) == 100)
    #expect(throws: JournalError.indexOutOfRange(index: 99, valid: 100...1 << 62 - 1)) {
      try journal.snapshot(.empty, upTo: 99)
    }
    var again = try WriteAheadLog(on: journal.abandon(), name: "log")
    let expected = Durable(snapshot: bytes("sum"), firstIndex: 100, records: [bytes("next")])
    #expect(try again.contents() == expected)
  }

  @Test func `a snapshot gives the room of the dropped records back`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    for _ in 0..<100 { try journal.append(Bytes([UInt8](repeating: 7, count: 100))) }
    let before = journal.fileSize
    try journal.snapshot(.empty, upTo: 98)
    #expect(journal.fileSize.bytes < before.bytes / 20)
    #expect(try journal.contents().records.count == 2)
    #expect(try journal.contents().snapshot == .empty)
  }

  @Test func `an Instance's operations give the outcomes of LabCore`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    #expect(try journal.perform(.append(bytes("a"))) == .durable)
    #expect(try journal.perform(.snapshot(bytes("s"), upTo: 1)) == .durable)
    #expect(try journal.perform(.truncate(from: 1)) == .durable)
    #expect(throws: JournalError.self) { try journal.perform(.truncate(from: 0)) }
    var lazy = try WriteAheadLog(on: journal.abandon(), name: "log", policy: .manual)
    #expect(try lazy.perform(.append(bytes("b"))) == nil)
    try lazy.sync()
    #expect(try lazy.contents().records == [bytes("b")])
  }

  @Test func `a record over the limit is refused and changes nothing`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", maximumRecord: ByteCount(10))
    try journal.append(Bytes([UInt8](repeating: 1, count: 10)))
    let error = JournalError.recordTooLarge(size: ByteCount(11), limit: ByteCount(10))
    #expect(throws: error) { try journal.append(Bytes([UInt8](repeating: 1, count: 11))) }
    #expect(journal.nextIndex == 1)
  }

  @Test func `a file with larger records than the limit is refused and left alone`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(Bytes([UInt8](repeating: 1, count: 1000)))
    let disk = journal.abandon()
    #expect(throws: JournalError.recordTooLarge(size: ByteCount(1005), limit: ByteCount(999))) {
      _ = try WriteAheadLog(on: disk, name: "log", maximumRecord: ByteCount(999))
    }
    var again = try WriteAheadLog(on: disk, name: "log", maximumRecord: ByteCount(1000))
    #expect(try again.contents().records.count == 1)
  }

  @Test func `a seal is overwritten by the next append`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(bytes("a"))
    try journal.seal()
    try journal.seal()
    var again = try WriteAheadLog(on: journal.abandon(), name: "log")
    #expect(again.recovery.wasSealed)
    #expect(again.recovery.bytesCut == ByteCount(0))
    try again.append(bytes("b"))
    var last = try WriteAheadLog(on: again.abandon(), name: "log")
    #expect(!last.recovery.wasSealed)
    #expect(try last.contents().records == ["a", "b"].map(bytes))
  }

  @Test func `two journals share a folder`() throws {
    var first = try WriteAheadLog(on: SimulatedDisk(), name: "first")
    try first.append(bytes("1"))
    var second = try WriteAheadLog(on: first.abandon(), name: "second")
    try second.append(bytes("2"))
    var again = try WriteAheadLog(on: second.abandon(), name: "first")
    #expect(try again.contents().records == [bytes("1")])
  }

  @Test func `a copy on a copyable disk is a journal of its own`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    var copy = journal
    try copy.append(bytes("only there"))
    #expect(try journal.contents() == .empty)
  }
}
