// Where a program lies.

import Glibc
public import LabManifest

/// Finds programs as a shell would.
public enum ExecutableSearch {
  /// The path of a program.
  ///
  /// - Parameters:
  ///   - word: A path when it holds a slash, otherwise a name.
  ///   - folder: What a relative path begins at; the current folder when it is empty.
  /// - Returns: The absolute path; `nil` when there is no file that may be run.
  public static func path(of word: String, in folder: String = "") -> String? {
    guard word.contains("/") else {
      let path = getenv("PATH").map { String(cString: $0) } ?? ""
      return path.split(separator: ":").map { absolute("\($0)/\(word)") }.first(where: isExecutable)
    }
    let place = absolute(word.hasPrefix("/") || folder.isEmpty ? word : "\(folder)/\(word)")
    return isExecutable(place) ? place : nil
  }

  /// The path of a manifest's program, or `nil` when it is missing.
  public static func path(of program: ProgramDescription, in manifest: Manifest) -> String? {
    program.command.first.flatMap { path(of: $0, in: manifest.folder) }
  }

  /// The programs of a manifest that are missing; only those of arms that run in the plan.
  public static func missing(in plan: Plan) -> [ProgramDescription] {
    let arms = Set(plan.cells.flatMap(\.arms))
    return plan.manifest.programs.filter { program in
      arms.contains(program.arm) && path(of: program, in: plan.manifest) == nil
    }
  }

  /// The path from the root, links not followed.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return path.isEmpty ? String(cString: here) : "\(String(cString: here))/\(path)"
  }

  private static func isExecutable(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && access(path, X_OK) == 0
  }
}

extension ProgramDescription {
  /// What is said where the program is missing.
  public var absence: String {
    let remedy = setup.map { "'\($0)' makes it" } ?? "install it or correct the command"
    return
      "the program '\(command.first ?? "")' of arm '\(arm)' is missing; a file that can be run "
      + "was expected; \(remedy)"
  }
}
