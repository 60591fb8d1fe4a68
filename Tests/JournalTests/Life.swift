// One random life of a journal beside a plain model of what it may remember.

import LabCore

@testable import Journal

/// Rounds of random operations, each ended by the death of the process or of the machine, possibly
/// in the middle of a call, and followed by reopening, which may die as well.
struct Life {
  private(set) var disk: FaultyDisk
  /// The states that recovery may find: the one that was last synced, and all later ones.
  private(set) var states: [Durable] = [.empty]
  /// Whether the journal was refused as corrupt.
  private(set) var wasRefused = false

  /// How often a life met what it is there to meet.
  struct Events {
    var tailsCut = 0
    var temporaryFilesRemoved = 0
    var operationsLost = 0
    var refusalsForRoom = 0
    var deathsInACall = 0
    var snapshots = 0

    mutating func add(_ other: Events) {
      tailsCut += other.tailsCut
      temporaryFilesRemoved += other.temporaryFilesRemoved
      operationsLost += other.operationsLost
      refusalsForRoom += other.refusalsForRoom
      deathsInACall += other.deathsInACall
      snapshots += other.snapshots
    }
  }

  /// What this life has met so far.
  private(set) var events = Events()
  private var random: RandomStream
  private let policy: SyncPolicy
  private let writesGoAstray: Bool
  /// Every record that was ever appended at an index, and every snapshot.
  private var written: [UInt64: Set<Bytes>] = [:]
  private var snapshots: Set<Bytes> = []
  private var operations = 0
  private static let maximumRecord = ByteCount(1000)

  init(seed: Seed, fault: PlantedFault, misdirection: Ratio = .none) {
    random = seed.child("schedule").stream()
    var simulated = SimulatedDisk(random: seed.child("disk").stream())
    if random.below(5) == 0 { simulated.capacity = ByteCount(400 + random.below(4000)) }
    simulated.misdirection = misdirection
    writesGoAstray = misdirection != .none
    disk = FaultyDisk(fault, disk: simulated)
    switch random.below(3) {
    case 0: policy = .always
    case 1: policy = .batch(maxRecords: 1 + random.below(5), maxBytes: ByteCount(700))
    default: policy = .manual
    }
  }

  /// Lives through five rounds, and says which promise was broken, if any was.
  ///
  /// Where writes go astray the disk does not keep what it synced; then the journal may refuse to
  /// open or have lost its end, but a record that it shows must be one that was written there.
  mutating func violation() -> String? {
    for round in 0..<5 {
      while random.below(5) == 0 { dieWhileOpening() }
      disk.isOpening = true
      do throws(JournalError) {
        var journal = try WriteAheadLog(
          on: disk, name: "log", policy: policy, maximumRecord: Self.maximumRecord)
        journal.disk.isOpening = false
        let found = try journal.contents()
        if let violation = violation(in: found) { return "round \(round): \(violation)" }
        if journal.recovery.bytesCut > ByteCount(0) { events.tailsCut += 1 }
        if journal.recovery.removedTemporaryFile { events.temporaryFilesRemoved += 1 }
        if found != states.last { events.operationsLost += 1 }
        states = [found]
        if let violation = use(&journal) { return "round \(round): \(violation)" }
        disk = journal.abandon()
      } catch {
        disk.isOpening = false
        switch error {
        case .disk(.full): break
        default:
          wasRefused = true
          return writesGoAstray ? nil : "round \(round): \(error)"
        }
      }
      die()
    }
    return nil
  }

  private func violation(in found: Durable) -> String? {
    guard writesGoAstray else {
      return states.contains(found) ? nil : "found \(found), expected one of \(states)"
    }
    for (place, record) in found.records.enumerated() {
      let index = found.firstIndex + UInt64(place)
      if written[index]?.contains(record) != true { return "record \(index) was never \(record)" }
    }
    if let snapshot = found.snapshot, !snapshots.contains(snapshot) {
      return "a snapshot was never \(snapshot)"
    }
    return nil
  }

  /// Does random things with the journal until chance or a failure ends the round.
  private mutating func use(_ journal: inout WriteAheadLog<FaultyDisk>) -> String? {
    if random.below(4) > 0 { journal.disk.callsUntilDeath = random.below(14) }
    for _ in 0..<random.below(14) {
      switch random.below(12) {
      case 0: note((try? journal.sync()) == nil ? .failed : .durable, states.last ?? .empty)
      case 1: note((try? journal.seal()) == nil ? .failed : .durable, states.last ?? .empty)
      default:
        var after = states.last ?? .empty
        let operation = randomOperation(on: after)
        after.apply(operation)
        do throws(JournalError) { note(try journal.perform(operation), after) } catch {
          return "\(operation): \(error)"
        }
      }
      if journal.failure != nil { return nil }
    }
    guard !writesGoAstray else { return nil }
    let contents = try? journal.contents()
    return contents == states.last ? nil : "holds \(String(describing: contents)) before the end"
  }

  /// Remembers what an operation may have left on the disk.
  private mutating func note(_ outcome: StorageOutcome?, _ after: Durable) {
    switch outcome {
    case .durable: states = [after]
    case .full: events.refusalsForRoom += 1
    case nil: states.append(after)
    case .failed:
      states.append(after)
      events.deathsInACall += 1
    }
  }

  private mutating func randomOperation(on state: Durable) -> StorageOperation {
    operations += 1
    let next = state.firstIndex + UInt64(state.records.count)
    switch random.below(10) {
    case 0:
      return .truncate(from: state.firstIndex + UInt64(random.below(state.records.count + 2)))
    case 1:
      let snapshot = randomBytes()
      snapshots.insert(snapshot)
      events.snapshots += 1
      let dropped = random.below(state.records.count + 2)
      return .snapshot(snapshot, upTo: state.firstIndex + UInt64(dropped))
    default:
      let record = randomBytes()
      written[next, default: []].insert(record)
      return .append(record)
    }
  }

  /// Bytes that no other operation of this life has.
  private mutating func randomBytes() -> Bytes {
    let filling = random.below(8) == 0 ? random.below(900) : random.below(20)
    let filler = UInt8(truncatingIfNeeded: random.next())
    return Bytes(Array("\(operations) ".utf8) + [UInt8](repeating: filler, count: filling))
  }

  private mutating func dieWhileOpening() {
    disk.callsUntilDeath = random.below(6)
    disk.isOpening = true
    // Its failure is the purpose; what it left on the disk is what the next opening meets.
    _ = try? Replay(name: "log", on: &disk, maximumRecord: Self.maximumRecord)
    disk.isOpening = false
    die()
  }

  /// Ends the process, and with it what was in memory, or cuts the power as well.
  private mutating func die() {
    disk.revive()
    if random.below(2) == 0 { disk.disk.crash(&random) }
  }
}
