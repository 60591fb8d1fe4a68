import LabCore
import LabManifest
import Testing

@Suite struct CriterionTests {
  private static let control = "control: {text: mended, arm: corrected}"

  private func manifest(_ keys: String, extra: String = "") -> String {
    Example.transport(
      """
      sweep: {grid: {payload: [64B, 1kB], network.link.loss: [0%, 5%]}}
      criteria:
        - {id: one, text: one, \(keys)}
      \(extra)
      """)
  }

  private func criterion(_ keys: String) throws -> Criterion? {
    try Example.plan(manifest(keys)).manifest.criteria.first
  }

  private func problems(_ keys: String, size: RunSize = .standard, extra: String = "") -> [String] {
    Example.problems(manifest(keys, extra: extra), size: size)
  }

  @Test(arguments: [
    ("parsed_fraction", "'>= 0.99'", Criterion.Bar.atLeast(0.99)),
    ("parsed_fraction", "'>=99%'", .atLeast(0.99)),
    ("parsed_fraction", "<= 0.5", .atMost(0.5)),
    ("parsed_fraction", "== 1", .equals(1)),
    ("waiting", "<= 20ms", .atMost(0.02)),
    ("waiting", "within 20ms", .within(0.02)),
    ("parsed_fraction", "within 5%", .within(0.05)),
    ("events_parsed", "within 10% of corrected", .withinTimes(0.1, arm: "corrected")),
    ("traffic", "<= 1kB", .atMost(1000)),
    ("events_parsed", "'>= 2 times corrected'", .atLeastTimes(2, arm: "corrected")),
    ("events_parsed", "<= 0.5 times corrected", .atMostTimes(0.5, arm: "corrected")),
    ("events_parsed", "== 1 times corrected", .equalsTimes(1, arm: "corrected")),
    ("events_parsed", "'>= corrected - 5'", .atLeastPlus(-5, arm: "corrected")),
    ("events_parsed", "<= corrected + 2", .atMostPlus(2, arm: "corrected")),
    (
      "waiting", "matches expected_waiting within 3 standard errors",
      .matches(metric: "expected_waiting", standardErrors: 3)
    ),
  ])
  func `every bar has a spelling`(metric: String, text: String, bar: Criterion.Bar) throws {
    let criterion = try criterion(
      "metric: \(metric), arm: literal, bar: \(text), \(Self.control)")
    #expect(criterion?.bar == bar)
  }

  @Test(arguments: [
    ("mean", "waiting", Criterion.Statistic.mean), ("median", "waiting", .median),
    ("minimum", "waiting", .minimum), ("maximum", "waiting", .maximum),
    ("p50", "latency", .quantile(0.5)), ("p99.9", "latency", .quantile(0.999)),
  ])
  func `every statistic has a spelling`(
    text: String, metric: String, statistic: Criterion.Statistic
  ) throws {
    let criterion = try criterion(
      "metric: \(metric), arm: literal, statistic: \(text), bar: <= 1s, \(Self.control)")
    #expect(criterion?.statistic == statistic)
  }

  @Test func `a criterion keeps what it says`() throws {
    let criterion = try criterion(
      "metric: parsed_fraction, arm: literal, where: {payload: [1000B, 64B]}, scope: pooled, "
        + "bar: '>= 1', control: {text: broken, set: {world: broken, network.link: {delay: 1s}}}")
    #expect(criterion?.selection == [.init(key: "payload", values: ["1kB", "64B"])])
    #expect(criterion?.scope == .pooled)
    #expect(
      criterion?.control
        == Criterion.Control(
          text: "broken", arm: nil,
          settings: ["world": "broken", "network.link": #"{"delay":"1s"}"#]))
  }

  @Test func `control cells repeat the selected cells with the change and the judged arm`() throws {
    let plan = try Example.plan(
      manifest(
        "metric: parsed_fraction, arm: literal, where: {payload: 64B}, bar: '>= 1', "
          + "control: {text: broken, set: {world: broken}}"))
    let controls = plan.cells.filter { $0.control != nil }
    #expect(controls.map(\.control) == ["one", "one"])
    #expect(controls.map(\.controls) == [plan.cells[0].id, plan.cells[1].id])
    #expect(controls.map(\.arms) == [["literal"], ["literal"]])
    #expect(controls.map { $0.settings.parameters["world"] } == [.text("broken"), .text("broken")])
    #expect(controls.map(\.coordinates) == [plan.cells[0].coordinates, plan.cells[1].coordinates])
    #expect(Set(plan.cells.map(\.id)).count == 6)
    #expect(plan.trials.count == 4 * 2 + 2)
  }

  @Test func `a control that sets a swept key changes the coordinates and runs equal cells once`()
    throws
  {
    let plan = try Example.plan(
      manifest(
        "metric: parsed_fraction, arm: literal, bar: '>= 1', "
          + "control: {text: lossy, arm: corrected, set: {network.link.loss: 50%}}"))
    let controls = plan.cells.filter { $0.control != nil }
    #expect(
      controls.map { $0.coordinates.map(\.value) } == [["64B", "50%"], ["1kB", "50%"]])
    #expect(controls.map(\.arms) == [["corrected"], ["corrected"]])
  }

  @Test func `a control runs the arm with which its bar compares`() throws {
    let plan = try Example.plan(
      manifest(
        "metric: parsed_fraction, arm: literal, bar: '>= 2 times corrected', "
          + "control: {text: broken, set: {world: broken}}"))
    #expect(plan.cells.last?.arms == ["literal", "corrected"])
  }

  @Test(arguments: [
    (
      "metric: parsed_fraction, arm: literal, bar: '>= 1'",
      [
        "9:5: the criterion has no control, so nothing shows that it can fail; a change that must "
          + "turn its outcome round was expected; add 'control: {text: …, arm: …}' or "
          + "'control: {text: …, set: {…}}'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: '>= 1', control: {text: x}",
      [
        "9:87: the control changes nothing; another arm or changed settings were expected; "
          + "add 'arm: …' or 'set: {…}'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: '>= 1', control: {text: x, arm: literal}",
      [
        "9:102: the control judges the criterion's own arm 'literal' and changes nothing; another "
          + "arm or changed settings were expected; name another or add 'set: {…}'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: '>= 1', control: {text: x, set: {world: "
        + "simulated}}",
      [
        "9:5: the control of 'one' leaves every cell as it is; settings that differ from the "
          + "cells' were expected; set another value"
      ]
    ),
    (
      "metric: parsd_fraction, arm: literal, bar: '>= 1', \(control)",
      [
        "9:34: 'literal-transport' has no metric 'parsd_fraction'; one of its metrics was "
          + "expected; did you mean 'parsed_fraction'?"
      ]
    ),
    (
      "metric: parsed_fraction, arm: litral, bar: '>= 1', \(control)",
      [
        "9:56: 'literal-transport' has no arm 'litral'; one of its arms was expected; did you mean "
          + "'literal'?"
      ]
    ),
    (
      "metric: parsed_fraction, bar: '>= 1', \(control)",
      [
        "9:5: the criterion names no arm, and 2 run; one of 'literal', 'corrected' was expected; "
          + "add 'arm: …'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, where: {events: 10}, bar: '>= 1', \(control)",
      [
        "9:73: 'events' is not swept, so it selects nothing; a swept key was expected; known are "
          + "'payload', 'network.link.loss'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, where: {payload: 2kB}, bar: '>= 1', \(control)",
      [
        "9:82: the sweep of 'payload' has no value '2kB'; one of its values was expected; did you "
          + "mean '1kB'?"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: about 1, \(control)",
      [
        "9:70: 'about 1' is no bar; '>=', '<=' or '==' and a number, 'within 5%', "
          + "'>= 2 times other-arm', 'within 10% of other-arm', '>= other-arm - 5' or 'matches "
          + "other_metric within 3 standard errors' was expected; write one of them"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: within 0%, \(control)",
      [
        "9:70: 'within 0%' is no bar; '>=', '<=' or '==' and a number, 'within 5%', "
          + "'>= 2 times other-arm', 'within 10% of other-arm', '>= other-arm - 5' or 'matches "
          + "other_metric within 3 standard errors' was expected; write one of them"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: '>= nan', \(control)",
      [
        "9:70: 'nan' is not a finite number with a known unit; one was expected behind the sign; "
          + "write it like '>= 0.99' or '<= 20ms'"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: <= 20ms, \(control)",
      [
        "9:70: '20ms' is a duration, but 'parsed_fraction' is in '1'; a number in that unit was "
          + "expected; change it"
      ]
    ),
    (
      "metric: parsed_fraction, arm: literal, bar: '>= 2 times literal', \(control)",
      [
        "9:70: the bar compares the arm 'literal' with itself; another arm was expected; name it"
      ]
    ),
    (
      "metric: waiting, arm: literal, bar: matches traffic within 3 standard errors, \(control)",
      [
        "9:62: 'traffic' is in 'B' and 'waiting' in 's'; numbers in one unit were expected; "
          + "compare another metric"
      ]
    ),
    (
      "metric: latency, arm: literal, bar: <= 20ms, \(control)",
      [
        "9:34: the metric 'latency' is a latency histogram; a percentile was expected; write "
          + "'statistic: p50', p90, p99 or p99.9"
      ]
    ),
    (
      "metric: waiting, arm: literal, statistic: p99, bar: <= 20ms, \(control)",
      [
        "9:68: the metric 'waiting' has no histogram to take a percentile of; mean, median, "
          + "minimum or maximum was expected; choose one"
      ]
    ),
    (
      "metric: trajectory, arm: literal, bar: == 1, \(control)",
      [
        "9:34: the metric 'trajectory' is a fingerprint, which has no order; a number was "
          + "expected; judge another metric"
      ]
    ),
    (
      "metric: waiting, arm: literal, statistic: avrage, bar: <= 20ms, \(control)",
      [
        "9:68: 'avrage' is no statistic; mean, median, interquartile-mean, share, minimum, "
          + "maximum or a percentile such as p99 was expected; choose one"
      ]
    ),
  ])
  func `a wrong criterion is located`(keys: String, expected: [String]) {
    #expect(problems(keys) == expected)
  }

  @Test func `lines may follow series, and no other mark`() throws {
    func figure(_ mark: String) -> String {
      Example.transport(
        "figures: [{id: f, title: f, mark: \(mark), x: step, metrics: [waiting]}]")
    }
    #expect(try Example.plan(figure("line")).manifest.figures[0].x == FigureRequest.step)
    #expect(Example.problems(figure("bar")).contains { $0.contains("'step' is not swept") })
  }

  @Test func `two criteria of one name are reported`() {
    #expect(
      problems(
        "metric: waiting, arm: literal, bar: <= 1s, \(Self.control)",
        extra:
          "  - {id: one, text: two, metric: waiting, arm: literal, bar: <= 1s, \(Self.control)}")
        == [
          "10:10: the criterion 'one' is on line 9 already; ids that differ were expected; rename "
            + "one"
        ])
  }

  @Test func `a selection must exist at standard size but may be empty at a smaller one`() throws {
    let keys =
      "metric: parsed_fraction, arm: literal, where: {payload: 1kB}, bar: '>= 1', \(Self.control)"
    let extra = "sizes: {smoke: {sweep.grid.payload: [64B]}}"
    #expect(problems(keys, size: .smoke, extra: extra) == [])
    #expect(problems(keys, size: .standard, extra: extra) == [])
    #expect(
      problems(
        "metric: parsed_fraction, arm: literal, where: {payload: 1kB, network.link.loss: 5%}, "
          + "bar: '>= 1', \(Self.control)",
        extra: "sizes: {standard: {sweep.where: [payload == 64B or network.link.loss == 0%]}}") == [
          "9:5: the criterion 'one' selects no cell of the sweep; at least one was expected; "
            + "change its 'where'"
        ])
  }

  @Test func `a metric that is not measured cannot be judged`() {
    #expect(
      problems(
        "metric: traffic, arm: literal, bar: <= 1kB, \(Self.control)", extra: "measure: [waiting]")
        == [
          "9:34: the metric 'traffic' is not measured; one of 'waiting' was expected; add it to "
            + "'measure'"
        ])
  }

  @Test func `a heatmap shows one ratio over two swept keys`() throws {
    func text(_ rest: String) -> String {
      manifest(
        "metric: waiting, arm: literal, bar: <= 1s, \(Self.control)",
        extra: "figures: [{id: f, title: F, mark: heatmap, x: payload, \(rest)}]")
    }
    let crossing = "crossings: [{arm: literal, bar: '>= 5 times corrected'}]"
    let plan = try Example.plan(text("y: network.link.loss, metrics: [waiting], \(crossing)"))
    #expect(
      plan.manifest.figures == [
        FigureRequest(
          id: "f", title: "F", mark: .heatmap, x: "payload", y: "network.link.loss",
          metrics: ["waiting"], panels: [], logarithmic: [],
          crossings: [.init(arm: "literal", times: 5, other: "corrected")])
      ])
    for (rest, words) in [
      ("metrics: [waiting], \(crossing)", "the key 'y' is missing"),
      ("y: network.link.loss, metrics: [waiting]", "not one item in 'crossings'"),
      (
        "y: network.link.loss, metrics: [waiting, traffic], \(crossing)",
        "not one item in 'metrics'"
      ),
      ("y: network.link.loss, metrics: [waiting], log: [x], \(crossing)", "a heatmap has none"),
    ] {
      let problems = Example.problems(text(rest))
      #expect(problems.count == 1 && problems.allSatisfy { $0.contains(words) }, "\(problems)")
    }
    let line = manifest(
      "metric: waiting, arm: literal, bar: <= 1s, \(Self.control)",
      extra: "figures: [{id: f, title: F, mark: line, x: payload, y: payload, metrics: [waiting]}]")
    #expect(Example.problems(line).allSatisfy { $0.contains("in a heatmap alone") })
    #expect(!Example.problems(line).isEmpty)
  }

  @Test func `bars of several arms show one metric of a unit`() throws {
    func problems(_ mark: String, _ metrics: String) -> [String] {
      Example.problems(
        manifest(
          "metric: waiting, arm: literal, bar: <= 1s, \(Self.control)",
          extra: "figures: [{id: f, title: F, mark: \(mark), x: payload, metrics: [\(metrics)]}]"))
    }
    let stacked = problems("bar", "waiting, traffic, expected_waiting")
    #expect(stacked.count == 1)
    #expect(stacked.allSatisfy { $0.contains("2 metrics in 's' share the bars") }, "\(stacked)")
    #expect(problems("bar", "waiting, traffic").isEmpty)
    #expect(problems("line", "waiting, expected_waiting").isEmpty)
  }

  @Test func `a figure keeps what it says and its mistakes are located`() throws {
    func text(_ figure: String) -> String {
      manifest(
        "metric: waiting, arm: literal, bar: <= 1s, \(Self.control)", extra: "figures: [\(figure)]")
    }
    let plan = try Example.plan(
      text(
        "{id: f, title: F, mark: line, x: payload, metrics: [waiting, traffic], "
          + "panels: [network.link.loss], log: [x, y]}"))
    #expect(
      plan.manifest.figures == [
        FigureRequest(
          id: "f", title: "F", mark: .line, x: "payload", metrics: ["waiting", "traffic"],
          panels: ["network.link.loss"], logarithmic: [.x, .y])
      ])
    let crossed = "{id: f, title: F, mark: line, x: payload, metrics: [waiting], crossings: "
    #expect(
      try Example.plan(text(crossed + "[{arm: literal, bar: '>= 3 times corrected'}]}"))
        .manifest.figures.first?.crossings
        == [FigureRequest.Crossing(arm: "literal", times: 3, other: "corrected")])
    let wrong = Example.problems(text(crossed + "[{arm: literal, bar: '>= 3s'}]}"))
    #expect(wrong.count == 1)
    #expect(wrong.allSatisfy { $0.contains("'>= 2 times other-arm' was expected") })
    let curve = "{id: f, title: F, mark: curve, x: traffic, metrics: [waiting]}"
    #expect(try Example.plan(text(curve)).manifest.figures.first?.x == "traffic")
    #expect(
      Example.problems(text("{id: f, title: F, mark: curve, x: latency, metrics: [waiting]}")) == [
        "10:45: the metric 'latency' has the unit 'histogram'; a number was expected for 'curve'; "
          + "draw another metric or choose another mark"
      ])
    #expect(
      Example.problems(text("{id: f, title: F, mark: line, metrics: [latency], panels: [world]}"))
        == [
          "10:11: the key 'x' is missing; a swept key for the horizontal axis was expected; add "
            + "'x: …'",
          "10:50: the metric 'latency' has the unit 'histogram'; a number was expected for 'line'; "
            + "draw another metric or choose another mark",
          "10:70: 'world' is not swept; a swept key was expected; known are 'payload', "
            + "'network.link.loss'",
        ])
  }
}
