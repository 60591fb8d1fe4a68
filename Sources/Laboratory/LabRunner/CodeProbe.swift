// What the checkout says of the code that runs.

import FoundationEssentials
import Glibc
public import LabRecord

/// Asks git, the compiler and the package manager's file what code runs.
public struct CodeProbe: Sendable {
  /// The longest `Package.resolved` that is read, in bytes.
  private static let resolvedLimit = 4 << 20

  private let checkout: String?
  private let results: String

  /// Makes a probe.
  ///
  /// - Parameters:
  ///   - checkout: The folder of the checkout; `nil` outside one.
  ///   - results: The results folder, whose changes are no changes of the code.
  public init(checkout: String?, results: String) {
    self.checkout = checkout
    self.results = results.hasPrefix("/") ? results : "\(Self.workingFolder)/\(results)"
  }

  /// The code as it is now; what cannot be found out is left out.
  ///
  /// - Complexity: Starts a handful of programs; it takes some tenths of a second.
  public func code() -> RunDescription.Code {
    guard let checkout else { return RunDescription.Code(toolchain: Self.toolchain()) }
    let commit = git(["rev-parse", "HEAD"]).map(Self.firstLine)
    return RunDescription.Code(
      commit: commit, dirtyDigest: commit == nil ? nil : dirtyDigest(),
      toolchain: Self.toolchain(), packages: Self.packages("\(checkout)/Package.resolved"))
  }

  /// SHA-256 over the difference from the commit and over every file that git does not know and
  /// does not ignore; `nil` when there is neither, `unknown` when git does not say.
  private func dirtyDigest() -> String? {
    let paths = ["--", ".", ":(exclude)\(results)"]
    // A results folder outside the checkout is no pathspec that git takes.
    let scope = git(["ls-files"] + paths) == nil ? [] : paths
    guard let difference = git(["diff", "HEAD", "--binary", "--no-ext-diff"] + scope),
      let untracked = git(["ls-files", "--others", "--exclude-standard", "-z"] + scope)
    else { return "unknown" }
    guard !difference.isEmpty || !untracked.isEmpty else { return nil }
    var digest = ContentDigest()
    digest.update(difference)
    for name in untracked.split(separator: 0) {
      digest.update([0] + name + [0])
      let path = "\(checkout ?? ".")/\(String(decoding: name, as: UTF8.self))"
      if let bytes = try? RecordFile.read(path, limit: 1 << 30) {
        digest.update(Array(ContentDigest.sha256(bytes).utf8))
      }
    }
    return digest.hexadecimal
  }

  private static var workingFolder: String {
    guard let path = realpath(".", nil) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  private func git(_ arguments: [String]) -> [UInt8]? {
    ProgramOutput.of("git", ["-C", checkout ?? "."] + arguments)
  }

  private static func toolchain() -> String? {
    ProgramOutput.of("swift", ["--version"]).map(firstLine)
  }

  private static func firstLine(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// `Package.resolved`, as far as a record keeps it.
  private struct Resolved: Decodable {
    var pins: [Pin]

    struct Pin: Decodable {
      var identity: String
      var state: State
    }

    struct State: Decodable {
      var version: String?
      var revision: String?
    }
  }

  static func packages(_ path: String) -> [RunDescription.Package] {
    guard let bytes = try? RecordFile.read(path, limit: resolvedLimit),
      let resolved = try? JSONDecoder().decode(Resolved.self, from: Data(bytes))
    else { return [] }
    return resolved.pins.map { pin in
      RunDescription.Package(
        name: pin.identity, version: pin.state.version ?? pin.state.revision ?? "unknown")
    }.sorted { $0.name < $1.name }
  }
}
