// Files that are there as a whole or not at all.

public import LabCore

/// Replaces files as a whole: a reader, or the machine after a power cut, finds the old content or
/// the new one and never a part.
///
/// The new content goes to a temporary file in the same folder (`.NAME.new`), is synced, takes the
/// file's name, and the folder is synced. A symbolic link is itself replaced, not what it points
/// to.
public enum AtomicFile {
  /// Replaces or makes a file, with the permissions of the one that it replaces.
  ///
  /// - Throws: ``DiskError``. The old file is intact and no temporary file is left, except where
  ///   the very last step failed, the sync of the folder: then the new content is in place, and a
  ///   power cut may still bring the old one back.
  public static func write(_ bytes: Bytes, to path: String) throws(DiskError) {
    try write(pieces: CollectionOfOne(bytes), to: path)
  }

  /// Replaces or makes a file whose content comes in pieces, which need not be in memory together.
  ///
  /// - Parameter pieces: Asked for one after the other while the temporary file is written.
  /// - Throws: ``DiskError`` as for a whole.
  public static func write(
    pieces: some Sequence<Bytes>, to path: String
  ) throws(DiskError) {
    let (folder, name) = split(path)
    var disk = try FileDisk(folder: folder, sharing: .shared)
    try write(pieces, as: name, on: &disk) { disk, temporary throws(DiskError) in
      try disk.copyPermissions(of: name, to: temporary)
    }
  }

  /// Replaces or makes a file that holds a text in UTF-8.
  public static func write(_ text: String, to path: String) throws(DiskError) {
    try write(Bytes(Array(text.utf8)), to: path)
  }

  /// Replaces or makes a file on any disk.
  public static func write<Storage: Disk & ~Copyable>(
    _ bytes: Bytes, as name: String, on disk: inout Storage
  ) throws(DiskError) {
    try write(CollectionOfOne(bytes), as: name, on: &disk) { _, _ in }
  }

  private static func write<Storage: Disk & ~Copyable>(
    _ pieces: some Sequence<Bytes>, as name: String, on disk: inout Storage,
    prepare: (inout Storage, _ temporary: String) throws(DiskError) -> Void
  ) throws(DiskError) {
    let temporary = temporaryName(of: name)
    try disk.create(temporary)
    do throws(DiskError) {
      try prepare(&disk, temporary)
      var offset = 0
      for piece in pieces {
        try disk.write(piece, to: temporary, at: offset)
        offset += piece.count
      }
      try disk.publish(temporary, as: name)
    } catch {
      // The first error is the one to tell; a disk that fails may refuse the removal as well.
      _ = try? disk.removeIfPresent(temporary)
      throw error
    }
  }

  /// The name of the file that is to replace another one.
  static func temporaryName(of name: String) -> String { ".\(name).new" }

  /// The folder and the file name of a path.
  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }
}
