// Folders that are made, listed and removed.

import Glibc

/// The few operations on folders that a run needs.
package enum FolderTree {
  /// Makes a folder and those above it that are missing.
  ///
  /// - Throws: ``RunError/folder(path:reason:)``.
  package static func make(_ path: String) throws(RunError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw .folder(path: path, reason: "it is not a folder")
      }
      guard access(path, W_OK) == 0 else { throw .folder(path: path, reason: systemReason()) }
      return
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try make(String(path[..<slash]))
    }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .folder(path: path, reason: systemReason())
    }
  }

  /// The names in a folder, sorted; none when it cannot be read.
  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether a folder is there, and no link to one.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// How much the files in a folder hold, in bytes; symbolic links are not followed.
  static func bytes(in path: String) -> Int {
    names(in: path).reduce(0) { sum, name in
      let inner = "\(path)/\(name)"
      if isFolder(inner) { return sum + bytes(in: inner) }
      var status = stat()
      return lstat(inner, &status) == 0 ? sum + Int(status.st_size) : sum
    }
  }

  /// Removes a folder with everything in it; symbolic links are removed and not followed.
  package static func remove(_ path: String) {
    for name in names(in: path) {
      let inner = "\(path)/\(name)"
      if isFolder(inner) {
        remove(inner)
      } else {
        unlink(inner)
      }
    }
    rmdir(path)
  }
}
