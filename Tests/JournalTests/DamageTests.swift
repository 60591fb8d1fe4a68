// Torn writes are repaired, damage is refused, and neither ever gives a wrong record.

import Journal
import LabCore
import Testing

@Suite struct `A damaged journal` {
  private static let file = "log.journal"

  /// A journal with a snapshot and four batches, and where each of them begins; the last entry of
  /// `starts` is the end.
  private func example(sealed: Bool) throws -> (disk: SimulatedDisk, starts: [Int]) {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log", policy: .manual)
    try journal.append(bytes("gone"))
    try journal.snapshot(bytes("the snapshot"), upTo: 1)
    var starts = [journal.fileSize.bytes]
    for batch in 0..<4 {
      try journal.append(bytes("batch \(batch), first"))
      try journal.append(bytes("batch \(batch), second"))
      try journal.sync()
      starts.append(journal.fileSize.bytes)
    }
    if sealed { try journal.seal() }
    return (journal.abandon(), starts)
  }

  private func records(ofBatches count: Int) -> [Bytes] {
    (0..<count).flatMap { [bytes("batch \($0), first"), bytes("batch \($0), second")] }
  }

  @Test func `a torn tail is cut at every byte of the last batch`() throws {
    let (disk, starts) = try example(sealed: false)
    for size in starts[3]..<starts[4] {
      var torn = disk
      try torn.truncate(Self.file, to: size)
      var journal = try WriteAheadLog(on: torn, name: "log")
      #expect(journal.recovery.bytesCut == ByteCount(size - starts[3]))
      #expect(try journal.contents().records == records(ofBatches: 3))
      #expect(try journal.append(bytes("next")) == 7)
      var again = try WriteAheadLog(on: journal.abandon(), name: "log")
      #expect(again.recovery.bytesCut == ByteCount(0))
      #expect(try again.contents().records == records(ofBatches: 3) + [bytes("next")])
    }
  }

  @Test func `a tail of zeros or of noise is cut`() throws {
    let (disk, starts) = try example(sealed: false)
    var random = Seed(3).stream()
    for length in [1, 31, 32, 33, 511, 5000] {
      for noise in [false, true] {
        var torn = disk
        let tail = (0..<length).map { _ in noise ? UInt8(truncatingIfNeeded: random.next()) : 0 }
        try torn.write(Bytes(tail), to: Self.file, at: starts[4])
        var journal = try WriteAheadLog(on: torn, name: "log")
        #expect(journal.recovery.bytesCut == ByteCount(length))
        #expect(try journal.contents().records == records(ofBatches: 4))
      }
    }
  }

  @Test func `a flipped bit before the last batch is refused, with its place`() throws {
    let (disk, starts) = try example(sealed: false)
    for offset in 0..<starts[3] {
      var rotten = disk
      try rotten.corrupt(Self.file, at: offset, mask: 1 << UInt8(offset % 8))
      let place = starts.last { $0 <= offset } ?? (offset < 52 ? 0 : 52)
      let error = #expect(throws: JournalError.self) {
        _ = try WriteAheadLog(on: rotten, name: "log")
      }
      guard case .corrupt(Self.file, place, _) = error else {
        Issue.record("byte \(offset): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func `a flipped bit in the last batch looks like a torn write`() throws {
    let (disk, starts) = try example(sealed: false)
    for offset in starts[3]..<starts[4] {
      var rotten = disk
      try rotten.corrupt(Self.file, at: offset, mask: 1 << UInt8(offset % 8))
      var journal = try WriteAheadLog(on: rotten, name: "log")
      #expect(journal.recovery.bytesCut == ByteCount(starts[4] - starts[3]))
      #expect(try journal.contents().records == records(ofBatches: 3))
    }
  }

  @Test func `behind a seal even the last batch is refused when a bit flips`() throws {
    let (disk, starts) = try example(sealed: true)
    for offset in 0..<starts[4] {
      var rotten = disk
      try rotten.corrupt(Self.file, at: offset, mask: 1 << UInt8(offset % 8))
      #expect(throws: JournalError.self) { _ = try WriteAheadLog(on: rotten, name: "log") }
    }
    var rotten = disk
    for offset in starts[4]..<(try rotten.size(of: Self.file)) {
      var rotten = disk
      try rotten.corrupt(Self.file, at: offset, mask: 1 << UInt8(offset % 8))
      var journal = try WriteAheadLog(on: rotten, name: "log")
      #expect(try journal.contents().records == records(ofBatches: 4))
    }
  }

  @Test func `a refused journal is left as it was`() throws {
    let folder = try TemporaryFolder()
    do {
      var journal = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      for number in 0..<3 { try journal.append(bytes("record \(number)")) }
    }
    var content = try folder.read(Self.file)
    content[60] ^= 1
    try folder.write(content, to: Self.file)
    for _ in 0..<2 {
      let error = #expect(throws: JournalError.self) {
        _ = try WriteAheadLog(on: FileDisk(folder: folder.path), name: "log")
      }
      guard case .corrupt = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(try folder.read(Self.file) == content)
  }

  @Test func `damage far before a valid frame is found across search windows`() throws {
    var journal = try WriteAheadLog(on: SimulatedDisk(), name: "log")
    try journal.append(Bytes([UInt8](repeating: 0xf1, count: (1 << 20) - 90)))
    let middle = journal.fileSize.bytes
    for _ in 0..<3 { try journal.append(bytes("short")) }
    var rotten = journal.abandon()
    try rotten.corrupt(Self.file, at: 100, mask: 0x10)
    let reason = "no frame can be read, though a later one begins at byte \(middle)"
    #expect(throws: JournalError.corrupt(file: Self.file, offset: 52, reason: reason)) {
      _ = try WriteAheadLog(on: rotten, name: "log")
    }
  }

  @Test func `an empty, short or foreign file is no journal`() throws {
    for content in [[], [1], [UInt8](repeating: 0, count: 52), Array("FLEETLOG".utf8)] {
      var disk = SimulatedDisk()
      try disk.create(Self.file)
      try disk.write(Bytes(content), to: Self.file, at: 0)
      let reason = "the header is damaged"
      #expect(throws: JournalError.corrupt(file: Self.file, offset: 0, reason: reason)) {
        _ = try WriteAheadLog(on: disk, name: "log")
      }
    }
  }

  @Test func `a file of another version of the format says so`() throws {
    var disk = try WriteAheadLog(on: SimulatedDisk(), name: "log").abandon()
    var header = try disk.read(Self.file, at: 0, count: 48).array
    header[11] = 2
    var writer = ByteWriter()
    writer.write(raw: header)
    writer.write(CRC32C.checksum(of: Bytes(header)))
    try disk.write(writer.finish(), to: Self.file, at: 0)
    #expect(throws: JournalError.unknownVersion(file: Self.file, version: 2)) {
      _ = try WriteAheadLog(on: disk, name: "log")
    }
  }

  @Test func `frames of another journal or of an earlier file are no frames`() throws {
    var other = try WriteAheadLog(on: SimulatedDisk(), name: "other")
    try other.append(bytes("foreign"))
    let size = other.fileSize.bytes
    var disk = other.abandon()
    let foreign = try disk.read("other.journal", at: 52, count: size - 52)
    var journal = try WriteAheadLog(on: disk, name: "log")
    #expect(journal.fileSize.bytes == 52)
    try journal.append(bytes("old"))
    disk = journal.abandon()
    let old = try disk.read(Self.file, at: 52, count: size - 52)
    journal = try WriteAheadLog(on: disk, name: "log")
    try journal.snapshot(.empty, upTo: 1)
    disk = journal.abandon()
    for stale in [foreign, old] {
      var stained = disk
      try stained.write(stale, to: Self.file, at: 52)
      var again = try WriteAheadLog(on: stained, name: "log")
      #expect(again.recovery.bytesCut.bytes > 0)
      #expect(try again.contents() == Durable(snapshot: .empty, firstIndex: 1))
    }
  }

  @Test func `bytes that rot while the journal is open are never handed out`() throws {
    let (disk, starts) = try example(sealed: false)
    for offset in [56, starts[1] + 40, starts[4] - 1] {
      var journal = try WriteAheadLog(on: disk, name: "log")
      try journal.disk.corrupt(Self.file, at: offset, mask: 4)
      let error = #expect(throws: JournalError.self) { _ = try journal.contents() }
      guard case .corrupt(Self.file, _, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      guard offset > 56 else { continue }
      #expect(throws: JournalError.self) { try journal.snapshot(.empty, upTo: 2) }
      #expect(journal.failure == error)
      var again = try WriteAheadLog(on: disk, name: "log")
      #expect(try again.contents().records == records(ofBatches: 4))
    }
  }

  @Test func `a leftover of an unfinished snapshot is removed`() throws {
    var (disk, _) = try example(sealed: false)
    try disk.create(".log.journal.new")
    try disk.write(bytes("half"), to: ".log.journal.new", at: 0)
    var journal = try WriteAheadLog(on: disk, name: "log")
    #expect(journal.recovery.removedTemporaryFile)
    #expect(try journal.contents().records == records(ofBatches: 4))
    disk = journal.abandon()
    #expect(throws: DiskError.notFound(".log.journal.new")) {
      _ = try disk.size(of: ".log.journal.new")
    }
  }
}
