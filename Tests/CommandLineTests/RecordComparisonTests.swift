// What 'diff' and 'history' say of records, seen from the shell.

import LabCore
import Testing

@testable import LabRunner

@Suite struct `Records beside each other` {
  @Test func `a record differs from itself in nothing, and from another in its seed`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    #expect(try desk.call("run", path).code == 0)
    let record = "\(desk.results)/quick"
    let same = try desk.call("diff", record, record, "--only-changed")
    #expect(same.code == 0, "\(same.errors)")
    let other = "\(desk.path)/other"
    #expect(try Desk.call(["run", path, "--results", other, "--seed", "7"]).code == 0)
    let changed = try desk.call("diff", record, "\(other)/quick", "--only-changed")
    #expect(changed.code == 1)
    #expect(changed.output.contains("seed"), "\(changed.output)")
    #expect(!changed.output.contains("pass_rate_gap"), "\(changed.output)")
    let nowhere = try desk.call("diff", record, "\(desk.path)/nowhere")
    #expect(nowhere.code == 2)
    #expect(nowhere.errors.contains("nowhere"), "\(nowhere.errors)")
  }

  @Test func `a run of a folder leaves a larger record alone, and a run by name refuses it`() throws
  {
    let desk = try Desk()
    let path = try desk.ask("quick")
    #expect(try desk.call("run", path, "--size", "standard").code == 0)
    let passedOver = try desk.call("run", "--size", "smoke")
    #expect(passedOver.code == 0, "\(passedOver.errors)")
    #expect(
      passedOver.errors.contains(
        "quick is skipped, its record stays as it is: it is of size standard"))
    #expect(try desk.call("run", path, "--size", "smoke").code == 2)
    #expect(try desk.call("run", "--size", "standard", "--seed", "7").code == 0)
  }

  @Test func `a history holds every committed record and the one before its commit`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    try desk.git("init", "--quiet")
    for seed in ["1", "2"] {
      #expect(try desk.call("run", path, "--seed", seed).code == 0)
      try desk.git("add", "results")
      try desk.git(
        "-c", "user.name=Desk", "-c", "user.email=desk@example.org", "commit", "--quiet",
        "--message", "seed \(seed)")
    }
    #expect(try desk.call("run", path, "--seed", "3").code == 0)
    let history = try desk.call("history", "pass_rate_gap", "--format", "csv")
    #expect(history.code == 0, "\(history.errors)")
    let rows = history.output.split(separator: "\n").dropFirst()
    #expect(rows.count == 3, "\(history.output)")
    let unknown = try desk.call("history", "no_such_metric")
    #expect(unknown.code == 2)
    #expect(unknown.errors.contains("no_such_metric"), "\(unknown.errors)")
  }
}

extension Desk {
  /// Calls git in this folder.
  fileprivate func git(_ words: String...) throws {
    let process = try ChildProcess("git", ["-C", path] + words, output: nil)
    process.wait()
    try #require(process.succeeded, "git \(words.joined(separator: " ")) \(process.ending)")
  }
}
