import LabCore
import LabManifest
import Network
import Testing

@Suite struct PlanTests {
  private static let control = "control: {text: broken, set: {world: broken}}"

  private func manifest(_ payloads: String, _ extra: String = "repetitions: 3") -> String {
    Example.transport(
      """
      sweep: {grid: {payload: [\(payloads)], network.link.loss: [0%, 5%]}}
      criteria: [{id: c, text: c, metric: waiting, arm: literal, bar: <= 1s, \(Self.control)}]
      \(extra)
      """)
  }

  @Test func `another value of the sweep changes no other cell and no other seed`() throws {
    let few = try Example.plan(manifest("64B, 1kB"))
    let more = try Example.plan(manifest("16B, 64B, 1kB"))
    let seeds = Dictionary(
      uniqueKeysWithValues: more.trials.map {
        ("\($0.cell.id) \($0.arm) \($0.repetition)", $0.seed)
      })
    #expect(few.cells.allSatisfy { cell in more.cells.contains { $0.id == cell.id } })
    #expect(
      few.trials.allSatisfy { seeds["\($0.cell.id) \($0.arm) \($0.repetition)"] == $0.seed })
    #expect(more.cells.count == few.cells.count + 4)
    #expect(few.digest != more.digest)
  }

  @Test func `arms of a cell and repetition share a seed and nothing else does`() throws {
    let plan = try Example.plan(manifest("64B, 1kB"))
    let groups = Dictionary(grouping: plan.trials, by: \.seed)
    #expect(groups.count == plan.cells.count * 3)
    #expect(
      groups.values.allSatisfy { Set($0.map { "\($0.cell.id) \($0.repetition)" }).count == 1 })
    #expect(groups.values.contains { $0.count == 2 })
  }

  @Test func `seeds come from the root, the manifest, the cell and the repetition`() throws {
    let plan = try Example.plan(manifest("64B", "seed: 18446744073709551615"))
    let trial = try #require(plan.trials.first)
    #expect(trial.seed == Seed(.max).child("trial").child(trial.cell.id).child(0))
  }

  @Test func `the identity of a cell follows from what it runs alone`() throws {
    func id(_ text: String) throws -> String? { try Example.plan(text).cells.first?.id }
    let base = try id(Example.transport(""))
    #expect(base?.count == 16)
    #expect(try id(Example.transport("title2: x").replacing("\ntitle2: x", with: "")) == base)
    #expect(try id(Example.transport("repetitions: 9")) == base)
    #expect(try id(Example.transport("parameters: {payload: 64B}")) == base)
    #expect(
      try id(Example.transport("").replacing("delay: 20ms", with: "delay: {minimum: 0.02s}"))
        == base)
    #expect(try id(Example.transport("parameters: {payload: 65B}")) != base)
    #expect(try id(Example.transport("").replacing("20ms", with: "21ms")) != base)
    let digest = String(repeating: "0", count: 64)
    #expect(try id(Example.transport("data: [{path: x, digest: '\(digest)'}]")) != base)
    var newer = Example.transport
    newer.version = 2
    let plan = try ManifestLoader(experiments: [newer])
      .plan(text: Example.transport(""), path: "trial.yaml")
    #expect(plan.cells.first?.id != base)
  }

  @Test func `a size changes what its section says`() throws {
    let text = Example.transport(
      """
      parameters: {events: 50}
      sweep: {grid: {payload: [64B, 1kB], network.link.loss: [0%, 5%]}}
      repetitions: 5
      sizes:
        smoke: {repetitions: 1, sweep.grid.payload: [64B], sweep.grid.network.link.loss: [5%],
                parameters.events: 2, network.nodes: 2, limits.wall: 5s}
        full: {repetitions: 9, factor: 2}
      """)
    let smoke = try Example.plan(text, size: .smoke)
    #expect(smoke.cells.count == 1 && smoke.trials.count == 2)
    #expect(smoke.cells[0].settings.parameters["events"] == .integer(2))
    #expect(smoke.cells[0].settings.network?.nodes.count == 2)
    #expect(smoke.manifest.limits.wall == .seconds(5))
    #expect(smoke.manifest.size == .smoke)
    #expect(try Example.plan(text).trials.count == 4 * 2 * 5)
    let full = try Example.plan(text, size: .full)
    #expect(full.manifest.repetitions == 9)
    #expect(full.cells[0].settings.parameters["factor"] == .number(2))
  }

  @Test func `settings of the command line take the place of the manifest's`() throws {
    let text = manifest("64B, 1kB")
    let plan = try Example.plan(
      text,
      settings: ["payload": "70kB", "network.link.delay": "{minimum: 1ms}", "repetitions": "1"])
    #expect(
      plan.cells.filter { $0.control == nil }.map { $0.coordinates[0].value } == ["70kB", "70kB"])
    #expect(plan.manifest.repetitions == 1)
    #expect(try Example.loader.plan(text: text, path: "trial.yaml", seed: 9).manifest.seed == 9)
    #expect(
      Example.problems(
        text, settings: ["paylod": "1kB", "events": "1ms", "id": "x", "factor": "["]) == [
          "--set events:1:1: '1ms' has a unit; a number from 1 to 1000000 without a unit was "
            + "expected; write '1'",
          "--set factor:2:1: this is not YAML (while parsing a flow node did not find expected "
            + "node content); a YAML mapping was expected; check indentation, quotes and brackets "
            + "here and on the line before",
          "--set id:1:1: 'id' is the same at all sizes and runs; another key was expected; remove "
            + "it",
          "--set paylod:1:1: unknown key 'paylod'; did you mean 'payload'?",
        ])
  }

  @Test func `setting what the sweep varies by itself is a mistake`() {
    #expect(
      Example.problems(
        Example.queue("sweep: {zip: {a: [1, 2]}}\nsizes: {standard: {parameters.a: 5}}")) == [
          "7:20: 'parameters.a' is swept, so one value for it changes nothing; a setting that does "
            + "not vary was expected; set 'sweep.zip.a' instead"
        ])
  }

  @Test(arguments: RunSize.allCases)
  func `the resolved text gives the same plan again`(size: RunSize) throws {
    let text = Example.transport(
      """
      parameters: {service: {law: lognormal, median: 20ms, sigma: 0.5}}
      sweep:
        grid:
          payload: [64B, 1kB, 70kB]
          network.link.loss: [0%, {good-to-bad: 1%, bad-to-good: 20%}]
        where: ["payload < 70kB or network.link.loss == 0%"]
        exclude: [{payload: 64B, network.link.loss: 0%}]
      sizes: {smoke: {sweep.grid.payload: [64B, 1kB]}, full: {repetitions: 4}}
      criteria:
        - {id: c, text: "c \\"quoted\\" é", metric: waiting, arm: literal, where: {payload: 70kB},
           bar: <= 1s,
           control: {text: broken, set: {world: broken, network.link.delay: {minimum: 1s}}},
           repair: {text: near, set: {network.link.delay: {minimum: 1ms}}}}
      measure: [waiting, latency]
      """)
    let plan = try Example.plan(text, size: size)
    let again = try Example.loader.plan(resolved: plan.resolvedText, path: "trial.yaml", size: size)
    #expect(again.resolvedText == plan.resolvedText)
    #expect(again.digest == plan.digest)
    #expect(again.cells == plan.cells)
    #expect(again.trials == plan.trials)
    #expect(again.manifest.criteria == plan.manifest.criteria)
    #expect(again.manifest.measures.map(\.name) == ["waiting", "latency"])
  }

  @Test func `a criterion with a repair has cells of both`() throws {
    let text = Example.transport(
      """
      criteria:
        - {id: c, text: c, metric: waiting, arm: literal, bar: <= 1s, \(Self.control),
           repair: {text: near, arm: corrected, set: {network.link.delay: 1ms}}}
      """)
    let plan = try Example.plan(text)
    #expect(plan.cells.map(\.control) == [nil, "c", "c/repair"])
    #expect(plan.cells[2].controls == plan.cells[0].id)
    #expect(plan.cells[2].arms == ["corrected"])
    #expect(plan.manifest.criteria[0].controls.map(\.name) == ["c", "c/repair"])
    #expect(
      Example.problems(
        text.replacing("network.link.delay: 1ms", with: "network.link.delay: 20ms")
          .replacing("arm: corrected, ", with: "")
      ).contains {
        $0.contains("the control of 'c/repair' leaves every cell as it is")
      })
  }

  @Test func `too many trials are refused by counting`() {
    #expect(
      Example.problems(
        Example.queue("sweep: {grid: {a: {from: 1, to: 10000, step: 1}}}\nrepetitions: 1000")) == [
          "1:1: 10000 cells, 1 arms and 1000 repetitions make more than 1000000 trials; fewer were "
            + "expected; lower one of them"
        ])
  }

  @Test func `ten thousand cells of a network plan quickly enough to test`() throws {
    let plan = try Example.plan(
      Example.transport(
        """
        arms: [literal]
        sweep:
          grid:
            events: {from: 1, to: 100, step: 1}
            network.link.delay: {from: 1ms, to: 100ms, step: 1ms}
        """))
    #expect(plan.cells.count == 10_000)
    #expect(Set(plan.cells.map(\.id)).count == 10_000)
  }
}
