// What the program ends with, seen from the shell.

import Glibc
import LabCore
import Testing

@testable import LabRunner

@Suite struct `Exit code` {
  @Test func `a run that is done ends with 0 and talks on standard error alone`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    let run = try desk.call("run", path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("quick: 2 trials"))
    let quiet = try desk.call("run", path, "--quiet")
    #expect((quiet.code, quiet.output, quiet.errors) == (0, "", ""))
    let criteria = try desk.call("criteria", "--format", "csv")
    #expect(criteria.code == 0)
    #expect(criteria.output.split(separator: "\n").count == 2)
    #expect(criteria.errors.isEmpty)
  }

  @Test func `a report that has drifted from its record ends with 1`() throws {
    let desk = try Desk()
    #expect(try desk.call("run", try desk.ask("quick")).code == 0)
    try desk.claim(by: "quick")
    let pages = ["--report", "\(desk.path)/REPORT.md", "--front", "\(desk.path)/README.md"]
    let folders = ["--experiments", "\(desk.path)/experiments", "--results", desk.results]
    #expect(try Desk.call(["report"] + folders + pages).code == 0)
    #expect(try Desk.call(["report", "--check"] + folders + pages).code == 0)
    let page = try desk.read("REPORT.md")
    _ = try desk.write(page.replacing("H1", with: "H2"), to: "REPORT.md")
    let drifted = try Desk.call(["report", "--check"] + folders + pages)
    #expect(drifted.code == 1)
    #expect(drifted.output.isEmpty)
    #expect(drifted.errors.contains("\(desk.path)/REPORT.md:"), "\(drifted.errors)")
  }

  @Test func `a failed trial ends with 2 and leaves a record`() throws {
    let desk = try Desk()
    let run = try desk.call("run", try desk.ask("broken", figures: "\(desk.path)/nowhere.yaml"))
    #expect(run.code == 2)
    #expect(run.errors.contains("2 trials failed"))
    #expect(run.errors.contains("replay: fleetlab replay "))
    #expect(try desk.read("results/broken/timings.csv").contains("there is no file"))
  }

  @Test func `a folder that cannot be written ends with 2`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    _ = try desk.write("", to: "file")
    for place in ["/dev/null", "\(desk.path)/file", "\(desk.path)/file/below"] {
      let run = try Desk.call(["run", path, "--results", place])
      #expect(run.code == 2, "\(place)")
      #expect(run.errors.contains("cannot be written"), "\(run.errors)")
    }
  }

  @Test(arguments: [
    ["run", "--jobs", "0"], ["run", "--nonsense"], ["nonsense"], ["replay"],
    ["run", "--set", "key"], ["criteria", "--format", "nonsense"], ["claims", "--verdict", "good"],
  ])
  func `wrong usage ends with 64 and says what is right`(arguments: [String]) throws {
    let ending = try Desk.call(arguments)
    #expect(ending.code == 64)
    #expect(ending.output.isEmpty)
    #expect(ending.errors.contains("Error: ") && ending.errors.contains("Usage: "))
  }

  @Test func `a bad manifest ends with 65, names every place and leaves no record`() throws {
    let desk = try Desk()
    let good = try desk.ask("quick")
    let path = try desk.write(
      """
      fleetlab: 1
      title: Bad
      question: What is wrong?
      experiment: document-arithmetic
      repetitons: 3
      seed: -1

      """, to: "experiments/bad.yaml")
    for verb in ["check", "plan", "run"] {
      let ending = try desk.call(verb, path)
      #expect(ending.code == 65, "\(verb)")
      #expect(ending.output.isEmpty)
      #expect(ending.errors.contains("\(path):5:1: error: "), "\(ending.errors)")
      #expect(ending.errors.contains("\(path):6:7: error: "), "\(ending.errors)")
    }
    // The good one does not run when the bad one cannot.
    #expect(try desk.call("run", good, path).code == 65)
    #expect(FolderTree.names(in: desk.results).isEmpty)
    #expect(try desk.call("check", "\(desk.path)/nowhere.yaml").code == 65)
  }

  @Test func `a record that is not whole ends with 2 and names the file`() throws {
    let desk = try Desk()
    #expect(try desk.call("run", try desk.ask("quick")).code == 0)
    let table = try desk.read("results/quick/measurements.csv")
    _ = try desk.write(table + table, to: "results/quick/measurements.csv")
    let ending = try desk.call("criteria")
    #expect(ending.code == 2)
    #expect(ending.errors.contains("results/quick/measurements.csv: error: "))
    #expect(try desk.call("criteria", "unknown").code == 2)
  }

  @Test func `a record that somebody else works on ends with 75`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    mkdir("\(desk.results)/.work", 0o777)
    let lock = try FolderLock("\(desk.results)/.work/quick.lock")
    let run = try desk.call("run", path)
    #expect(run.code == 75)
    #expect(run.errors.contains("is held by process \(getpid())"), "\(run.errors)")
    withExtendedLifetime(lock) {}
  }

  @Test func `an interrupted run ends with 130 and is resumed`() throws {
    let desk = try Desk()
    // The second cell reads a pipe into which nobody writes, so that its trial waits.
    let blocked = "\(desk.path)/blocked.yaml"
    try #require(mkfifo(blocked, 0o600) == 0)
    let path = try desk.ask(
      "slow", "sweep: {grid: {figures-file: [\(Desk.figures), \(blocked)]}}")
    let arguments = ["run", path, "--results", desk.results, "--jobs", "1", "--size", "smoke"]
    let run = try Running(arguments)
    var writer: CInt = -1
    repeat {
      writer = open(blocked, O_WRONLY | O_NONBLOCK)
    } while writer < 0 && !run.process.ends(within: .milliseconds(5))
    try #require(writer >= 0, "\(run.end().errors)")
    // The first one would wait for the trial; two at once may arrive as one.
    repeat { kill(run.process.id, SIGINT) } while !run.process.ends(within: .milliseconds(5))
    let ending = run.end()
    close(writer)
    #expect(ending.code == 130)
    #expect(ending.errors.contains("'fleetlab run --resume' goes on"), "\(ending.errors)")
    #expect(!FolderTree.names(in: "\(desk.results)/slow").contains("run.json"))
    unlink(blocked)
    try #require(symlink(Desk.figures, blocked) == 0)
    let resumed = try Desk.call(arguments + ["--resume"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("slow: 4 trials, 1 of them done earlier"))
    #expect(try desk.read("results/slow/run.json").contains("\"ok\" : 4"))
  }
}
