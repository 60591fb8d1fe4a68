// The journal of a run.

import Journal
import LabCore
import LabManifest

/// The outcomes of a run's trials, each of which survives once it is synced.
final class TrialLog {
  /// How often what is over is synced at the least.
  static let syncInterval: LabCore.Duration = .milliseconds(100)
  /// How many bytes may wait for a sync.
  private static let batchBytes = ByteCount(4 << 20)

  /// The outcomes so far, by trial.
  private(set) var outcomes: [Int: TrialOutcome] = [:]
  private var journal: WriteAheadLog<FileDisk>
  private var lastSync = Stopwatch.monotonic()

  /// Opens the journal in a work folder and reads what earlier lives of the run left.
  ///
  /// - Throws: ``RunError/journal(_:)``, or ``RunError/badWorkFolder(path:reason:)`` for a record
  ///   that is none of this plan.
  init(folder: String, trials: Int, batch: Int = 64) throws(RunError) {
    do throws(JournalError) {
      let disk: FileDisk
      // The lock of the whole run keeps others away.
      do throws(DiskError) { disk = try FileDisk(folder: folder, sharing: .shared) } catch {
        throw .disk(error)
      }
      journal = try WriteAheadLog(
        on: disk, name: "trials",
        policy: .batch(maxRecords: max(1, batch), maxBytes: Self.batchBytes),
        maximumRecord: ByteCount(LineCoder.limit))
    } catch {
      throw .journal(error)
    }
    let records: [Bytes]
    do throws(JournalError) { records = try journal.contents().records } catch {
      throw .journal(error)
    }
    for (index, record) in records.enumerated() {
      guard let outcome = try? LineCoder.object(TrialOutcome.self, from: record.array),
        (0..<trials).contains(outcome.trial), outcomes[outcome.trial] == nil
      else {
        throw .badWorkFolder(
          path: folder, reason: "record \(index) of the journal is no outcome of this plan")
      }
      outcomes[outcome.trial] = outcome
    }
  }

  /// Adds an outcome.
  ///
  /// - Returns: Whether everything so far is on the disk.
  func append(_ outcome: TrialOutcome) throws(RunError) -> Bool {
    let line: [UInt8]
    do { line = try LineCoder.line(outcome) } catch {
      throw .badWorkFolder(path: "trials.journal", reason: "an outcome cannot be written: \(error)")
    }
    outcomes[outcome.trial] = outcome
    do throws(JournalError) { try journal.append(Bytes(line)) } catch { throw .journal(error) }
    if journal.pendingOperations == 0 { lastSync = Stopwatch.monotonic() }
    return journal.pendingOperations == 0
  }

  /// Syncs what has waited long enough.
  ///
  /// - Returns: Whether it synced anything.
  func syncIfDue() throws(RunError) -> Bool {
    guard journal.pendingOperations > 0,
      Stopwatch.monotonic() - lastSync >= Self.syncInterval
    else { return false }
    try sync()
    return true
  }

  /// Makes everything so far survive.
  func sync() throws(RunError) {
    do throws(JournalError) { try journal.sync() } catch { throw .journal(error) }
    lastSync = Stopwatch.monotonic()
  }
}
