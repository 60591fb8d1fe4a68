// The storage of one node: a journal in a folder, worked on away from the event loop.
import Glibc
import Journal
import LabCore
import NIOCore
import NIOPosix

/// A storage request that waits for its turn.
struct StorageRequest: Sendable {
  let operation: StorageOperation
  let ticket: Ticket
}

/// What became of a storage request.
struct StorageCompletion: Sendable {
  let ticket: Ticket
  let outcome: StorageOutcome
}

/// The journal of one node in a folder of its own.
///
/// The node hands over one batch after the other and never two at a time, so requests keep their
/// order; the requests of a batch share one sync.
final class NodeStorage: Sendable {
  /// How many bytes of records are synced together.
  private static let batchBytes = 1 << 20

  private let node: NodeID
  private let folder: String
  private let threads: NIOThreadPool
  private let journal = Guarded<WriteAheadLog<FileDisk>?>(nil)

  init(node: NodeID, folder: String, threads: NIOThreadPool) {
    self.node = node
    self.folder = "\(folder)/\(node)"
    self.threads = threads
  }

  /// Opens the journal, in a new folder if need be, and reads what it holds.
  func open(on loop: any EventLoop) -> EventLoopFuture<Durable> {
    threads.runIfActive(eventLoop: loop) { [self] in try openNow() }
  }

  /// Carries out requests in their order.
  func perform(
    _ batch: [StorageRequest], on loop: any EventLoop
  ) -> EventLoopFuture<(completions: [StorageCompletion], failure: SocketWorldError?)> {
    threads.runIfActive(eventLoop: loop) { [self] in performNow(batch) }
  }

  /// Gives the journal up as the end of a process does.
  func abandon(on loop: any EventLoop) -> EventLoopFuture<Void> {
    threads.runIfActive(eventLoop: loop) { [self] in journal.withLock { $0 = nil } }
  }

  /// Marks the end of the log and closes it.
  func close(on loop: any EventLoop) -> EventLoopFuture<Void> {
    threads.runIfActive(eventLoop: loop) { [self] in
      try journal.withLock { journal in
        defer { journal = nil }
        do throws(JournalError) { try journal?.seal() } catch {
          throw SocketWorldError.storage(node, reason: error.description)
        }
      }
    }
  }

  private func openNow() throws(SocketWorldError) -> Durable {
    if mkdir(folder, 0o777) != 0, errno != EEXIST {
      throw .storage(node, reason: "cannot create \(folder): \(String(cString: strerror(errno)))")
    }
    let (folder, node) = (folder, node)
    return try journal.withLock { journal throws(SocketWorldError) in
      do throws(JournalError) {
        var opened = try Self.journal(in: folder)
        let durable = try opened.contents()
        journal = consume opened
        return durable
      } catch { throw .storage(node, reason: error.description) }
    }
  }

  private static func journal(in folder: String) throws(JournalError) -> WriteAheadLog<FileDisk> {
    let disk: FileDisk
    do throws(DiskError) { disk = try FileDisk(folder: folder) } catch { throw .disk(error) }
    return try WriteAheadLog(on: disk, name: "node", policy: .manual)
  }

  private func performNow(
    _ batch: [StorageRequest]
  ) -> (completions: [StorageCompletion], failure: SocketWorldError?) {
    journal.withLock { journal in
      var work = StorageWork(node: node)
      for request in batch {
        work.flushBefore(request.operation, limit: Self.batchBytes, &journal)
        work.perform(request, &journal)
      }
      work.flush(&journal)
      return (work.completions, work.failure)
    }
  }
}

/// The requests of one batch on their way through the journal.
private struct StorageWork {
  let node: NodeID
  /// What is known so far, in the order of the requests.
  var completions: [StorageCompletion] = []
  /// The last failure that no outcome explains.
  var failure: SocketWorldError?
  /// Requests that the journal took and has not synced.
  private var unsynced: [Ticket] = []
  private var unsyncedBytes = 0

  init(node: NodeID) { self.node = node }

  /// Syncs what waits if the next operation would sync it anyway, so that no outcome is left
  /// unknown.
  mutating func flushBefore(
    _ operation: StorageOperation, limit: Int, _ journal: inout WriteAheadLog<FileDisk>?
  ) {
    switch operation {
    case .append(let record):
      if unsyncedBytes + record.count > limit { flush(&journal) }
      unsyncedBytes += record.count
    case .truncate: break
    case .snapshot: flush(&journal)
    }
  }

  /// Hands one request to the journal.
  mutating func perform(_ request: StorageRequest, _ journal: inout WriteAheadLog<FileDisk>?) {
    do throws(JournalError) {
      switch try journal?.perform(request.operation) ?? (journal == nil ? .failed : nil) {
      case .none: unsynced.append(request.ticket)
      case .some(let outcome):
        flush(&journal)
        if outcome == .failed { explain(journal?.failure) }
        completions.append(StorageCompletion(ticket: request.ticket, outcome: outcome))
      }
    } catch {
      // The request was one that no journal could carry out; those before it still stand.
      flush(&journal)
      explain(error)
      completions.append(StorageCompletion(ticket: request.ticket, outcome: .failed))
    }
  }

  /// Syncs what waits; when the disk is full, nothing of it stays.
  mutating func flush(_ journal: inout WriteAheadLog<FileDisk>?) {
    var outcome = StorageOutcome.durable
    if !unsynced.isEmpty {
      do throws(JournalError) { try journal?.sync() } catch {
        outcome = error == .disk(.full) ? .full : .failed
        if outcome == .failed { explain(error) } else { forgetUnsynced(&journal) }
      }
    }
    completions += unsynced.map { StorageCompletion(ticket: $0, outcome: outcome) }
    unsynced = []
    unsyncedBytes = 0
  }

  /// Opens the journal anew without the batch for which there was no room.
  private mutating func forgetUnsynced(_ journal: inout WriteAheadLog<FileDisk>?) {
    guard let old = journal.take() else { return }
    let (name, policy) = (old.name, old.policy)
    do throws(JournalError) {
      journal = try WriteAheadLog(on: old.abandon(), name: name, policy: policy)
    } catch { explain(error) }
  }

  private mutating func explain(_ error: JournalError?) {
    let reason = error?.description ?? "the journal is closed"
    failure = .storage(node, reason: reason)
  }
}
