// The source files below a folder.

import Glibc

/// A folder of sources, walked in a fixed order and within bounds.
///
/// Symbolic links are not followed; hidden folders and `node_modules` below the root are passed
/// over.
struct SourceTree {
  let root: String

  static let filesMax = 500_000
  static let depthMax = 64
  /// Larger files are tables or generated, and are passed over.
  static let fileBytesMax = 2 << 20

  /// A file that may hold tests.
  struct File {
    /// From the root, with slashes.
    let path: String
    let language: SourceLanguage
  }

  /// All source files, by the bytes of their paths.
  ///
  /// - Throws: ``CorpusError``.
  func files() throws(CorpusError) -> [File] {
    var files: [File] = []
    var folders: [(path: String, depth: Int)] = [("", 0)]
    while let folder = folders.popLast() {
      for entry in try entries(of: folder.path) {
        let path = folder.path.isEmpty ? entry.name : "\(folder.path)/\(entry.name)"
        if entry.isFolder {
          guard folder.depth < Self.depthMax, entry.name != "node_modules",
            !entry.name.hasPrefix(".")
          else { continue }
          folders.append((path, folder.depth + 1))
        } else if let language = SourceLanguage(fileName: entry.name) {
          guard files.count < Self.filesMax else { throw .tooManyFiles(bound: Self.filesMax) }
          files.append(File(path: path, language: language))
        }
      }
    }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// The bytes of a file, or nothing when it is too large or vanished.
  func read(_ file: File) -> [UInt8]? {
    guard let stream = fopen("\(root)/\(file.path)", "rbe") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: Self.fileBytesMax + 1)
    let count = fread(&bytes, 1, bytes.count, stream)
    guard ferror(stream) == 0, count <= Self.fileBytesMax else { return nil }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  private func entries(
    of folder: String
  ) throws(CorpusError) -> [(name: String, isFolder: Bool)] {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let stream = opendir(path) else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)).lowercased())
    }
    defer { closedir(stream) }
    var entries: [(name: String, isFolder: Bool)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      var status = stat()
      guard lstat("\(path)/\(name)", &status) == 0 else { continue }
      let kind = status.st_mode & S_IFMT
      guard kind == S_IFDIR || kind == S_IFREG else { continue }
      entries.append((name, kind == S_IFDIR))
    }
    return entries
  }
}
