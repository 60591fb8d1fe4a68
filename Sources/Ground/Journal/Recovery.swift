// What a journal met when it was opened.

public import LabCore

/// What opening a journal found and repaired.
public struct Recovery: Hashable, Sendable {
  /// How many records there are, without those that the snapshot replaced.
  public var records = 0
  /// The size of the unfinished write that was cut from the end of the file.
  public var bytesCut = ByteCount(0)
  /// Whether an unfinished replacement of the file was removed.
  public var removedTemporaryFile = false
  /// Whether there was no journal, and one was made.
  public var isNew = false
  /// Whether the journal had been sealed, so that not even its last record could be missing.
  public var wasSealed = false
}
