// The nodes' disks: a real journal on a simulated disk, under the virtual clock.
import Journal
public import LabCore
public import Statistics

/// How the disks of a world behave.
public struct DiskModel: Hashable, Sendable {
  /// The law of the seconds from a storage request until it is durable.
  public var latency: Law
  /// How many bytes fit on a node's disk; `nil` for no limit.
  public var capacity: ByteCount?
  /// The share of writes that land somewhere else.
  public var misdirection: Ratio

  /// Describes disks; the defaults are those of a fast solid-state disk that never fills.
  public init(
    latency: Law = .constant(0.0005), capacity: ByteCount? = nil, misdirection: Ratio = .none
  ) {
    self.latency = latency
    self.capacity = capacity
    self.misdirection = misdirection
  }
}

/// The disk of one node, as long as the node lives.
struct NodeStorage {
  /// The log; `nil` while the node is down or its disk cannot be read.
  var journal: WriteAheadLog<InterruptibleDisk>?
  /// The disk while no journal is open on it.
  var disk: SimulatedDisk?
  /// The requests that are not durable yet, oldest first.
  var inFlight: [StorageOperation] = []
  /// When the last of them will be.
  var busyUntil = Instant.zero
  var random: RandomStream

  init(disk: SimulatedDisk, random: RandomStream) {
    self.disk = disk
    self.random = random
  }

  /// Opens the journal on the disk as it is.
  mutating func open() throws(JournalError) {
    guard let disk else { return }
    journal = try WriteAheadLog(on: InterruptibleDisk(disk), name: "node")
    self.disk = nil
  }

  /// Makes the oldest request durable.
  mutating func complete() -> StorageOutcome {
    guard !inFlight.isEmpty else { return .failed }
    let operation = inFlight.removeFirst()
    do throws(JournalError) {
      if journal == nil { try open() }
      return try journal?.perform(operation) ?? .failed
    } catch {
      if case .disk(.full) = error { return .full }
      return .failed
    }
  }

  /// Cuts the power in the middle of what is being written.
  mutating func crash() {
    defer { (inFlight, busyUntil) = ([], .zero) }
    guard var journal = journal.take() else { return }
    // The power fails after any of the calls of the oldest request, before the first and after the
    // last among them; what the request would have answered, nobody hears.
    if let operation = inFlight.first {
      var rehearsal = journal
      _ = try? rehearsal.perform(operation)
      let calls = rehearsal.disk.changes - journal.disk.changes
      journal.disk.changesLeft = random.below(calls + 1)
      _ = try? journal.perform(operation)
    }
    var disk = journal.abandon().disk
    disk.crash(&random)
    self.disk = disk
  }
}

extension SimulatedWorld where Node: ~Copyable {
  /// Takes a storage request; its outcome comes after the disk's latency.
  @usableFromInline
  mutating func store(_ operation: StorageOperation, _ ticket: Ticket, of node: UInt32) {
    var own = storage[Int(node)] ?? fresh(node)
    let seconds = max(0, disks.latency.sample(&own.random))
    own.busyUntil = max(own.busyUntil, now + (Duration(seconds: seconds) ?? .zero))
    own.inFlight.append(operation)
    schedule(
      .stored(node: node, life: states[Int(node)].life, ticket), at: own.busyUntil)
    storage[Int(node)] = own
  }

  /// Ends the oldest storage request of a node.
  mutating func completeStore(of node: UInt32) -> StorageOutcome {
    guard var own = storage[Int(node)].take() else { return .failed }
    defer { storage[Int(node)] = own }
    return own.complete()
  }

  /// What a node that starts finds on its disk.
  mutating func recovered(of node: UInt32) -> Durable {
    guard var own = storage[Int(node)].take() else { return .empty }
    defer { storage[Int(node)] = own }
    do throws(JournalError) {
      try own.open()
      return try own.journal?.contents() ?? .empty
    } catch {
      // A journal that exists is read without any room: on a disk too full for a new one is
      // nothing.
      if case .disk(.full) = error { return .empty }
      tally.unreadableDisks += 1
      return .empty
    }
  }

  mutating func crashDisk(of node: UInt32) { storage[Int(node)]?.crash() }

  private func fresh(_ node: UInt32) -> NodeStorage {
    let root = seed.child("disks").child(Int(node))
    var disk = SimulatedDisk(capacity: disks.capacity, random: root.child("disk").stream())
    disk.misdirection = disks.misdirection
    return NodeStorage(disk: disk, random: root.child("world").stream())
  }
}
