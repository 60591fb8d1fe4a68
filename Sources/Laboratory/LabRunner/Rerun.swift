// Which trials of an earlier record run again.

/// What becomes of the trials that the record in the results folder already holds.
///
/// A trial is the same as a recorded one when its cell (with it the experiment, its version, the
/// settings and the data digests), arm, repetition and seed are the same, and the record kept the
/// metrics that the manifest keeps. A recorded trial of the same place, that is of the same values
/// of the swept keys, whose identity is another one, has changed.
public enum Rerun: String, Hashable, Sendable, CaseIterable {
  /// Only trials run which the record lacks; a changed one is an error.
  case none
  /// Those run, and those that did not end well; a changed one is an error.
  case failed
  /// Those run that the record lacks, and those that have changed; failures stay.
  case changed
  /// Every trial runs, whatever the record holds.
  case all
}
