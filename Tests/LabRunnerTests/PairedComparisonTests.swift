// Comparisons of programs: with made-up costs, and with real processes.

import LabCore
import LabRecord
import Testing

@testable import LabRunner

@Suite struct PairedComparisonTests {
  private static let base = TimedProgram("base")
  private static let head = TimedProgram("head", ["--fast"])

  /// Programs whose runs cost what is said, on a clock that they alone move.
  private final class Bench {
    var now = Instant.zero
    var log: [String] = []
    let seconds: [String: Double]
    init(_ seconds: [String: Double]) { self.seconds = seconds }

    func cost(of program: TimedProgram) throws(ComparisonError) -> RunCost {
      let cost = seconds[program.executable] ?? 0
      log.append(program.executable)
      now = now + .nanoseconds(Int64(cost * 2e9))
      return RunCost(cpuSeconds: cost, wallSeconds: cost * 2, contextSwitches: 2)
    }

    func run(
      budget: LabCore.Duration = .seconds(60), blocks: Int = 10, control: RunControl = RunControl(),
      until isDecided: ([ComparisonBlock]) throws -> Bool = { _ in false }
    ) throws -> [ComparisonBlock] {
      try PairedComparison(
        .init(
          base: PairedComparisonTests.base, head: PairedComparisonTests.head, budget: budget,
          blocks: blocks),
        control: control, now: { self.now },
        measure: { program throws(ComparisonError) in try self.cost(of: program) }
      ).run(until: isDecided)
    }
  }

  @Test func `the warm-up is dropped and the programs take turns as the order says`() throws {
    let bench = Bench(["base": 0.05, "head": 0.1])
    let blocks = try bench.run(blocks: 4)
    #expect(blocks.map(\.index) == [0, 1, 2, 3])
    // Three runs to see how long they are, and the warm-up.
    #expect(bench.log.count == 3 + 5 * ComparisonBlock.slotCount)
    for block in blocks {
      #expect(block.slots.map(\.role) == ComparisonBlock.order(ofBlock: block.index))
      #expect(block.slots.allSatisfy { $0.cpuSeconds == ($0.role == .head ? 0.1 : 0.05) })
      #expect(block.runsPerSlot == 1)
    }
  }

  @Test func `short runs are repeated until a slot is long enough`() throws {
    let blocks = try Bench(["base": 0.004, "head": 0.02]).run(blocks: 1)
    #expect(blocks.first?.runsPerSlot == 13)
    #expect(blocks.first?.slots.first?.contextSwitches == 26)
    #expect(abs((blocks.first?.slots.first?.cpuSeconds ?? 0) - 0.004) < 1e-12)
  }

  @Test func `the judge ends it, the budget ends it, and the number of blocks ends it`() throws {
    #expect(try Bench(["base": 0.05, "head": 0.05]).run { $0.count == 3 }.count == 3)
    // A block takes 0.8 s; after the first runs and the warm-up, eight more end within 8 s.
    let limited = Bench(["base": 0.05, "head": 0.05])
    #expect(try limited.run(budget: .seconds(8), blocks: 99).count == 8)
    #expect(limited.now <= .zero + .seconds(8))
    #expect(try Bench(["base": 0.05, "head": 0.05]).run(blocks: 5).count == 5)
    #expect(try Bench(["base": 5, "head": 5]).run(budget: .seconds(1)).isEmpty)
  }

  @Test func `a switch stops it and an idle program is an error`() {
    let control = RunControl()
    control.interrupt()
    #expect(throws: ComparisonError.interrupted) {
      try Bench(["base": 0.05, "head": 0.05]).run(control: control)
    }
    #expect(throws: ComparisonError.noTime(program: "base")) { try Bench([:]).run() }
  }

  @Test func `real programs are timed, and those that fail, hang or are not there are errors`()
    throws
  {
    let timer = ProgramTimer(limit: .seconds(20))
    let cost = try timer.cost(of: TimedProgram("ls", ["/"]))
    #expect(cost.cpuSeconds > 0)
    #expect(cost.wallSeconds > 0)
    #expect(throws: ComparisonError.failed(program: "false", ending: "exited with code 1")) {
      try timer.cost(of: TimedProgram("false"))
    }
    #expect(throws: ComparisonError.self) {
      try timer.cost(of: TimedProgram("no-such-program-anywhere"))
    }
    #expect(throws: ComparisonError.tooLong(program: "cat /dev/zero", seconds: 0.05)) {
      try ProgramTimer(limit: .milliseconds(50)).cost(of: TimedProgram("cat", ["/dev/zero"]))
    }
  }

  @Test func `what is no commit is an error and an option is no commit`() throws {
    let bench = try LabRunnerTests.Bench()
    let build = CommitBuild(checkout: bench.path, product: "program")
    for name in ["HEAD", "--all", "v0^{tree}", ""] {
      #expect(throws: ComparisonError.unknownCommit(name)) { try build.hash(of: name) }
    }
  }
}
