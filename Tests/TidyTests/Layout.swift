// What stands where in the checkout: top-level entries, file sizes, scripts, and the documents that
// must name things.

/// The rules for the checkout as a whole.
enum Layout {
  static let blobBytes = 512 * 1024
  /// Tables of records are what the reports are made of, so they may be larger.
  static let tableBytes = 4 * 1024 * 1024

  private static let entries: Set<String> = [
    "Package.swift", "README.md", "REPORT.md", "CHANGELOG.md", "LICENSE", "Sources", "Tests",
    "Experiments", "Results", "Scripts",
  ]

  /// A file's size and whether it may be run.
  struct File {
    let path: String
    let bytes: Int
    let isExecutable: Bool
    /// The text's beginning, empty for other files.
    let opening: String
  }

  /// Entries of the root that no reader expects.
  static func topLevel(_ paths: [String]) -> [Finding] {
    let found = Set(paths.compactMap { $0.split(separator: "/").first.map(String.init) })
    let strange = found.filter { !entries.contains($0) && !$0.hasPrefix(".") }
    return strange.sorted().map {
      Finding(
        $0, 1, "the root has an entry of its own",
        expected: entries.sorted().joined(separator: ", "))
    }
  }

  /// Files that are too large for the history.
  static func blobs(_ files: [File]) -> [Finding] {
    files.compactMap { file in
      let isTable = file.path.hasPrefix("Results/") && file.path.hasSuffix(".csv")
      let limit = isTable ? tableBytes : blobBytes
      guard file.bytes > limit else { return nil }
      let expected = "at most \(limit), or its making in place of it"
      return Finding(file.path, 1, "the file has \(file.bytes) bytes", expected: expected)
    }
  }

  /// Scripts begin alike, stop at the first failure, and can be run; sourced ones cannot.
  static func scripts(_ files: [File]) -> [Finding] {
    files.filter { $0.path.hasPrefix("Scripts/") || $0.path == ".ci/run" }.flatMap { file in
      guard !file.path.contains(".") || file.path == ".ci/run" else {
        return file.isExecutable
          ? [Finding(file.path, 1, "the file can be run", expected: "that only entry points can")]
          : []
      }
      var findings: [Finding] = []
      if !file.isExecutable {
        findings.append(Finding(file.path, 1, "the script cannot be run", expected: "chmod +x"))
      }
      for line in ["#!/usr/bin/env bash", "set -euo pipefail"]
      where !file.opening.split(separator: "\n").contains(Substring(line)) {
        findings.append(Finding(file.path, 1, "the script has no '\(line)'", expected: "that line"))
      }
      return findings
    }
  }

  /// The changelog says what is not yet released.
  static func changelog(_ text: String) -> [Finding] {
    let isThere = text.split(separator: "\n").contains { line in
      line.wholeMatch(of: /## \[?Unreleased\]?.*/) != nil
    }
    let expected = "a heading '## Unreleased'"
    return isThere ? [] : [Finding("CHANGELOG.md", 1, "nothing is unreleased", expected: expected)]
  }

  /// The README names every package and system library that Package.swift depends on.
  static func dependencies(of package: String, readme: String) -> [Finding] {
    let urls = package.matches(of: /\.package\([^)]*?url:\s*"[^"]*\/([^"\/]+?)(?:\.git)?"/)
    let libraries = package.matches(of: /pkgConfig:\s*"([^"]+)"/)
    let names = urls.map { String($0.1) } + libraries.map { String($0.1) }
    let lowered = readme.lowercased()
    return names.filter { !lowered.contains($0.lowercased()) }.map {
      let expected = "its name with the reason for it"
      return Finding("README.md", 1, "the dependency '\($0)' is not named", expected: expected)
    }
  }

  /// The documents that a reader looks for.
  static func documents(_ paths: Set<String>) -> [Finding] {
    ["README.md", "REPORT.md", "CHANGELOG.md", "LICENSE", ".gitignore"].filter {
      !paths.contains($0)
    }
    .map { Finding($0, 1, "the file is missing", expected: "it at the root") }
  }
}
