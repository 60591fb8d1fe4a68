// Looking at the file system without changing it.
import Glibc
import LabRunner

/// Whether things are there.
enum FolderProbe {
  /// Whether a file or folder is there.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The path of a program among those of `PATH`.
  static func program(_ name: String) -> String? { ExecutableSearch.path(of: name) }

  /// The current folder when it holds a checkout of this project.
  static var checkout: String? {
    exists("Package.swift") && exists(".git") ? "." : nil
  }
}
