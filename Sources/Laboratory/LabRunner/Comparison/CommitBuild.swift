// Builds of commits, in work trees of their own.

import Glibc
import LabCore

/// Builds the product of a commit in release, beside the checkout's own build.
///
/// Each commit has a work tree below `.build/compare`, which stays, so that a second comparison
/// builds nothing.
public struct CommitBuild: Sendable {
  private let checkout: String
  private let product: String
  /// How long git may take, and the compiler.
  private static let patience: (git: LabCore.Duration, build: LabCore.Duration) = (
    .seconds(120), .seconds(3_600)
  )

  /// Builds from a checkout.
  ///
  /// - Parameters:
  ///   - checkout: The path of a git checkout with a Swift package at its root.
  ///   - product: The executable product to build.
  public init(checkout: String, product: String) {
    self.checkout = checkout
    self.product = product
  }

  /// The full hash of a commit by any name that git knows.
  ///
  /// - Throws: ``ComparisonError/unknownCommit(_:)``.
  public func hash(of name: String) throws(ComparisonError) -> String {
    // The double dash of git keeps a name from being an option; a commit is asked for, no tree.
    let words = ["-C", checkout, "rev-parse", "--verify", "--quiet", "--end-of-options"]
    guard let bytes = ProgramOutput.of("git", words + ["\(name)^{commit}"]) else {
      throw .unknownCommit(name)
    }
    let text = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard text.count >= 40, text.allSatisfy(\.isHexDigit) else { throw .unknownCommit(name) }
    return text
  }

  /// Checks a commit out and builds it.
  ///
  /// - Returns: The path of the built program.
  /// - Throws: ``ComparisonError``; a log of git and the compiler stands beside the work tree.
  public func program(of name: String) throws(ComparisonError) -> String {
    let hash = try hash(of: name)
    let folder = "\(checkout)/.build/compare"
    let (tree, log) = ("\(folder)/\(hash)", "\(folder)/\(hash).log")
    do throws(RunError) { try FolderTree.make(folder) } catch {
      throw .notBuilt(commit: name, log: "\(error)")
    }
    if access(tree, F_OK) != 0 {
      try run(
        "git", ["-C", checkout, "worktree", "add", "--detach", "--force", tree, hash],
        within: Self.patience.git, commit: name, log: log)
    }
    try run(
      "swift", ["build", "-c", "release", "--product", product, "--package-path", tree],
      within: Self.patience.build, commit: name, log: log)
    return "\(tree)/.build/release/\(product)"
  }

  private func run(
    _ program: String, _ arguments: [String], within limit: LabCore.Duration, commit: String,
    log: String
  ) throws(ComparisonError) {
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .notStarted(reason: "\(log) cannot be written: \(systemReason())")
    }
    defer { close(descriptor) }
    let process: ChildProcess
    do throws(RunError) {
      process = try ChildProcess(program, arguments, output: descriptor, log: descriptor)
    } catch { throw .notStarted(reason: "\(error)") }
    guard process.ends(within: limit), process.succeeded else {
      process.kill()
      throw .notBuilt(commit: commit, log: log)
    }
  }
}
