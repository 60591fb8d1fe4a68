// A disk without room refuses a change and keeps everything else.

import Journal
import LabCore
import Testing

@Suite struct `A full disk` {
  @Test func `refuses at every capacity without losing or changing anything`() throws {
    var empty = SimulatedDisk()
    try empty.create("other")
    for capacity in 0..<700 {
      var disk = empty
      disk.capacity = ByteCount(capacity)
      var journal: WriteAheadLog<SimulatedDisk>
      do throws(JournalError) { journal = try WriteAheadLog(on: disk, name: "log") } catch {
        #expect(error == .disk(.full))
        #expect(capacity < 52)
        continue
      }
      var expected = Durable.empty
      for number in 0..<8 {
        try attempt(.append(bytes("record \(number)")), on: &journal, &expected)
      }
      try attempt(.truncate(from: 1), on: &journal, &expected)
      try attempt(.snapshot(bytes("snapshot"), upTo: 1), on: &journal, &expected)
      try attempt(.append(bytes("last")), on: &journal, &expected)
      var (left, random) = (journal.abandon(), Seed(UInt64(capacity)).stream())
      left.crash(&random)
      var again = try WriteAheadLog(on: left, name: "log")
      #expect(try again.contents() == expected)
    }
  }

  private func attempt(
    _ operation: StorageOperation, on journal: inout WriteAheadLog<SimulatedDisk>,
    _ expected: inout Durable
  ) throws {
    let outcome = try journal.perform(operation)
    if outcome == .durable { expected.apply(operation) } else { #expect(outcome == .full) }
    #expect(journal.failure == nil)
    #expect(try journal.contents() == expected)
  }

  @Test func `keeps a batch waiting until there is room`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: .manual)
    for number in 0..<3 { try journal.append(bytes("\(number)")) }
    journal.disk.capacity = ByteCount(60)
    #expect(throws: JournalError.disk(.full)) { try journal.sync() }
    #expect(journal.pendingOperations == 3)
    #expect(try journal.disk.size(of: "log.journal") == 52)
    journal.disk.capacity = nil
    try journal.sync()
    var again = try WriteAheadLog(on: journal.abandon(), name: "log")
    #expect(try again.contents().records == ["0", "1", "2"].map(bytes))
  }

  @Test func `refuses the operation that would fill the batch and keeps the others`() throws {
    let policy = SyncPolicy.batch(maxRecords: 2, maxBytes: ByteCount(1000))
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: policy)
    try journal.append(bytes("waits"))
    journal.disk.capacity = ByteCount(60)
    #expect(try journal.perform(.append(bytes("refused"))) == .full)
    #expect(try journal.perform(.truncate(from: 0)) == .full)
    #expect(try journal.contents().records == [bytes("waits")])
    journal.disk.capacity = nil
    #expect(try journal.perform(.append(bytes("taken"))) == .durable)
    #expect(try journal.contents().records == ["waits", "taken"].map(bytes))
  }

  @Test func `leaves no temporary file behind`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(bytes("record"))
    journal.disk.capacity = journal.fileSize
    #expect(try journal.perform(.snapshot(bytes("snapshot"), upTo: 0)) == .full)
    #expect(throws: DiskError.notFound(".log.journal.new")) {
      _ = try journal.disk.size(of: ".log.journal.new")
    }
  }
}

@Suite struct `A failing disk` {
  @Test func `stops the journal, and reopening finds what was durable`() throws {
    for call in 0..<40 {
      var journal = try WriteAheadLog(on: FaultyDisk(.none), name: "log")
      try journal.append(bytes("first"))
      journal.disk.callsUntilDeath = call
      var outcomes: [StorageOutcome?] = []
      for number in 0..<3 { outcomes.append(try journal.perform(.append(bytes("\(number)")))) }
      outcomes.append(try journal.perform(.snapshot(bytes("s"), upTo: 1)))
      for number in 3..<5 { outcomes.append(try journal.perform(.append(bytes("\(number)")))) }
      let durable = outcomes.prefix { $0 == .durable }.count
      #expect(outcomes[durable...].allSatisfy { $0 == .failed })
      #expect((journal.failure == nil) == (durable == 6))
      var disk = journal.abandon()
      disk.revive()
      var again = try WriteAheadLog(on: disk, name: "log")
      let kept = again.nextIndex
      #expect(kept >= UInt64(1 + min(durable, 3) + max(0, durable - 4)))
      #expect(try again.contents().records.count == Int(kept - again.firstIndex))
    }
  }
}
