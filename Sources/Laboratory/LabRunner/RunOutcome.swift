// What a caller hears of a run.

public import LabManifest
public import LabRecord

/// How a run ended.
public struct RunOutcome: Hashable, Sendable {
  /// The run's name.
  public var run: String
  /// Why it ended.
  public var ending: Ending
  /// How many trials the plan has, or the part of it that was run.
  public var trials: Int
  /// How many trials are over, by status, with those of earlier lives of a resumed run and those
  /// that were taken over; of a completed run those that its record keeps.
  public var counts: [TrialStatus: Int]
  /// The trials that did not end well, in the order of the plan.
  public var failures: [TrialFailure]
  /// The folder of the record, which holds this run only when it is completed.
  public var folder: String

  /// Why a run ended.
  public enum Ending: Hashable, Sendable {
    /// All trials are over and the record is published.
    case completed
    /// It was asked to stop; what is over is kept and can be resumed.
    case interrupted
    /// A trial failed and the caller wanted to stop there; the rest can be resumed.
    case stoppedAtFailure
  }
}

/// A trial that did not end well.
public struct TrialFailure: Hashable, Sendable {
  /// What was run.
  public var trial: Trial
  /// How it ended.
  public var status: TrialStatus
  /// What went wrong, in one line.
  public var error: String
  /// The end of the worker's log, if it printed anything and died.
  public var log: String?
  /// The command that runs the trial alone.
  public var replay: String
}

/// Something that happens in a run, in the order in which it does.
public enum RunEvent: Hashable, Sendable {
  /// The run begins with trials of the record that it will replace.
  case tookOver(TakeoverReport)
  /// The run begins, or goes on after so many trials of earlier lives.
  case began(run: String, trials: Int, done: Int)
  /// A trial is over and in the journal, though perhaps not yet on the disk.
  case finished(TrialOutcome, done: Int, failure: TrialFailure?)
  /// The journal is on the disk as far as it goes.
  case synced(done: Int)
  /// Nothing new, some hundred times a second.
  case waiting
  /// The record is complete beside the old one.
  case staged
  /// The record is in its place.
  case published
}
