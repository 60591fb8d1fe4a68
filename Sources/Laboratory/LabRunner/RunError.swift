// Why a run could not begin or go on.

public import Journal
public import LabRecord

/// Why a run could not begin or go on; trials that fail are no such error.
public enum RunError: Error, Hashable, Sendable {
  /// No experiment has the name.
  case unknownExperiment(String)
  /// The plan has no such trial.
  case unknownTrial(String)
  /// A folder cannot be made or written.
  case folder(path: String, reason: String)
  /// Another run works on the same record; the caller ends with the exit code for "try again".
  case busy(path: String, process: Int?)
  /// There is no unfinished run to resume.
  case nothingToResume(experiment: String, folder: String)
  /// The unfinished run asked something else; the text says what differs.
  case notResumable(run: String, differs: [String])
  /// Trials of the record have changed, and nobody asked that they run again.
  case changedTrials(Int, of: Int, run: String, reasons: [String])
  /// Rows of the record and new ones would not be of one kind; the text says in what they differ.
  case notMixable(run: String, differs: [String])
  /// What a run wrote about itself is not what it must be.
  case badWorkFolder(path: String, reason: String)
  /// The journal of trials.
  case journal(JournalError)
  /// The record cannot be read, written or replaced.
  case record(RecordError)
  /// The precision at which cells stop repeating makes no sense.
  case precision(String)
  /// A worker could not be started or does not serve the plan; the text holds the end of its log.
  case worker(String)
}

extension RunError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownExperiment(let name):
      "experiment '\(name)' is unknown; an experiment of this program was expected; "
        + "list them, or correct the manifest"
    case .unknownTrial(let trial):
      "\(trial) is not in the plan; a trial of the manifest at this size and seed was expected; "
        + "plan the manifest to see them"
    case .folder(let path, let reason):
      "\(path) cannot be written: \(reason); a folder that can be written was expected; "
        + "mend the cause or choose another results folder"
    case .busy(let path, let process):
      "\(path) is held by \(process.map { "process \($0)" } ?? "another run"); one run at a time "
        + "was expected; wait for it or choose another results folder"
    case .nothingToResume(let experiment, let folder):
      "no run of '\(experiment)' is unfinished in \(folder); one was expected; run it anew"
    case .notResumable(let run, let differs):
      "run \(run) differs in \(differs.joined(separator: ", ")); an unfinished run of the same "
        + "plan and program was expected; restore what differs or run anew"
    case .changedTrials(let changed, let all, let run, let reasons):
      "\(changed) of the \(all) trials in the record of run \(run) have changed "
        + "(\(reasons.joined(separator: ", "))); trials that are the same were expected; "
        + "'--rerun changed' runs the changed ones again, '--rerun all' runs everything"
    case .notMixable(let run, let differs):
      "the record of run \(run) differs in \(differs.joined(separator: ", ")); rows of one kind of "
        + "machine and program were expected in one record; run everything with '--rerun all', or "
        + "choose another results folder"
    case .badWorkFolder(let path, let reason):
      "\(path): \(reason); the work folder of a run was expected; remove it and run anew"
    case .journal(let error): error.description
    case .record(let error): error.description
    case .precision(let text): text
    case .worker(let text): text
    }
  }
}
