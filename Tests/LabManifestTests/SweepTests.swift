import LabCore
import LabManifest
import Network
import Testing

@Suite struct SweepTests {
  private func cells(_ lines: String, size: RunSize = .standard) throws -> [String] {
    try Example.plan(Example.queue(lines), size: size).cells.map { cell in
      cell.coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
  }

  private func problems(_ lines: String) -> [String] { Example.problems(Example.queue(lines)) }

  @Test func `a manifest without a sweep has one cell`() throws {
    #expect(try cells("") == [""])
  }

  @Test func `grid, zip and list multiply and the last key turns fastest`() throws {
    #expect(
      try cells(
        """
        sweep:
          grid: {a: [1, 2]}
          zip: {b: [10, 20], time: [1s, 2s]}
          list: [{size: 1kB}, {size: 2kB}]
        """) == [
          "a=1 b=10 time=1s size=1kB", "a=1 b=10 time=1s size=2kB", "a=1 b=20 time=2s size=1kB",
          "a=1 b=20 time=2s size=2kB", "a=2 b=10 time=1s size=1kB", "a=2 b=10 time=1s size=2kB",
          "a=2 b=20 time=2s size=1kB", "a=2 b=20 time=2s size=2kB",
        ])
  }

  @Test(arguments: [
    ("a", "{from: 1, to: 10, step: 3}", ["1", "4", "7", "10"]),
    ("a", "{from: 1, to: 9, step: 3}", ["1", "4", "7"]),
    ("c", "{from: 0, to: 0.3, step: 0.1}", ["0", "0.1", "0.2", "0.3"]),
    ("c", "{from: -1, to: 1, points: 5}", ["-1", "-0.5", "0", "0.5", "1"]),
    ("a", "{from: 1, to: 1000, points: 4, scale: log}", ["1", "10", "100", "1000"]),
    ("a", "{from: 1, to: 100, points: 4, scale: log}", ["1", "5", "22", "100"]),
    ("c", "{from: 1, to: 100, points: 3, scale: log}", ["1", "10", "100"]),
    ("time", "{from: 500us, to: 2ms, step: 500us}", ["500us", "1ms", "1500us", "2ms"]),
    ("size", "{from: 1kB, to: 1MB, points: 4, scale: log}", ["1kB", "10kB", "100kB", "1MB"]),
    ("size", "{from: 1kB, to: 2KiB, step: 500B}", ["1kB", "1500B", "2kB"]),
  ])
  func `ranges count exactly`(key: String, range: String, values: [String]) throws {
    #expect(try cells("sweep: {grid: {\(key): \(range)}}") == values.map { "\(key)=\($0)" })
  }

  @Test(arguments: [
    ("a < 2", ["1"]), ("a <= 2", ["1", "2"]), ("a > 2", ["3"]), ("a >= 2", ["2", "3"]),
    ("a == 2.0", ["2"]), ("a != 2", ["1", "3"]), ("not a == 2", ["1", "3"]),
    ("a == 1 or a == 3", ["1", "3"]), ("a > 1 and a < 3", ["2"]),
    ("a == 1 or a > 1 and a < 3", ["1", "2"]), ("(a == 1 or a > 1) and a < 3", ["1", "2"]),
    ("not (a == 1 or a == 2)", ["3"]), ("a >= b", ["2", "3"]), ("parameters.a == '1'", ["1"]),
  ])
  func `conditions choose points`(condition: String, values: [String]) throws {
    #expect(
      try cells("parameters: {b: 2}\nsweep: {grid: {a: [1, 2, 3]}, where: [\"\(condition)\"]}")
        == values.map { "a=\($0)" })
  }

  @Test func `conditions compare quantities by their amount`() throws {
    #expect(
      try cells("sweep: {grid: {size: [64B, 1kB, 1KiB]}, where: [size < 1001B]}")
        == ["size=64B", "size=1kB"])
  }

  @Test(arguments: [
    (
      "a <",
      "6:33: no value follows '<'; a value such as 10kB or a setting was expected; "
        + "correct the condition"
    ),
    (
      "x < 1",
      "6:34: 'x' is neither swept nor a parameter; a setting was expected; known are 'a', 'b', "
        + "'c', 'law', 'size', 'time'"
    ),
    (
      "a < 1kB",
      "6:38: '1kB' and '1' have no order between them; a number was expected; write the same unit"
    ),
    (
      "a < big",
      "6:38: 'big' has no order; a number with its unit was expected; compare by == or !="
    ),
    ("(a < 1", "6:33: a parenthesis is not closed; ')' was expected; correct the condition"),
    (
      "a < 1 b",
      "6:40: 'b' stands behind the condition; its end was expected; correct the condition"
    ),
    (
      "a = 1",
      "6:36: no comparison follows 'a'; one of ==, !=, <, <=, > and >= was expected; correct the "
        + "condition"
    ),
  ])
  func `a wrong condition is located within`(condition: String, expected: String) {
    #expect(problems("sweep: {grid: {a: [1]}, where: [\"\(condition)\"]}") == [expected])
  }

  @Test func `excluded points are left out by what they mean`() throws {
    #expect(
      try cells(
        "sweep: {grid: {size: [1kB, 2kB], a: [1, 2]}, exclude: [{size: 1000B, a: 2}, {size: 2kB, "
          + "a: 1}]}"
      )
        == ["size=1kB a=1", "size=2kB a=2"])
  }

  @Test func `a random sample is a part of the sweep that its seed fixes`() throws {
    func sample(_ seed: Int) throws -> [String] {
      try cells(
        "sweep: {grid: {a: {from: 1, to: 100, step: 1}}, sample: {count: 10, seed: \(seed)}}")
    }
    let one = try sample(1)
    #expect(one.count == 10)
    #expect(Set(one).count == 10)
    #expect(try sample(1) == one)
    #expect(try sample(2) != one)
  }

  @Test func `a latin hypercube draws every value equally often, from sweeps of any size`() throws {
    let axis = "{from: 0, to: 19, step: 1}"
    let plan = try Example.plan(
      Example.queue(
        "sweep: {grid: {a: \(axis), b: \(axis), c: \(axis)}, "
          + "sample: {count: 40, seed: 7, method: latin-hypercube}}"))
    #expect(plan.cells.count == 40)
    for place in 0..<3 {
      let counts = Dictionary(grouping: plan.cells) { $0.coordinates[place].value }.values.map(
        \.count)
      #expect(counts.count == 20 && counts.allSatisfy { $0 == 2 })
    }
  }

  @Test func `a sweep of a thousand million cells is refused by counting`() {
    let axis = "{from: 1, to: 1000, step: 1}"
    #expect(
      problems("sweep: {grid: {a: \(axis), b: \(axis), c: \(axis)}}") == [
        "6:8: the sweep has 1000000000 cells; at most 100000 were expected; sweep fewer values, "
          + "draw some by 'sample', or raise 'limits.cells'"
      ])
    #expect(
      problems("sweep: {grid: {a: {from: 1, to: 1000000000, step: 1}}}") == [
        "6:19: the range has 1000000000 values; at most 100000 cells were expected; write wider "
          + "steps or raise 'limits.cells'"
      ])
    let long = "{from: 0, to: 19999, step: 1}"
    #expect(
      problems(
        "sweep: {grid: {a: \(long), b: \(long), c: \(long), "
          + "size: {from: 0B, to: 9999B, step: 1B}, time: {from: 0s, to: 9999s, step: 1s}}}") == [
          "6:8: the sweep has more than 9e18 cells; at most 100000 were expected; sweep fewer "
            + "values, draw some by 'sample', or raise 'limits.cells'"
        ])
    let longest = "{from: 1, to: 100000, step: 1}"
    #expect(
      problems("sweep: {grid: {a: \(longest), b: \(longest)}}") == [
        "6:15: the keys have 199998 values after their first ones; at most 100000 cells were "
          + "expected; sweep fewer values or raise 'limits.cells'"
      ])
  }

  @Test(arguments: [
    (
      "sweep: {grid: {}}",
      ["6:15: the sweep has no key; at least one was expected; add it or remove the sweep"]
    ),
    (
      "sweep: {}",
      [
        "6:8: the sweep has no values; one of 'grid', 'zip', 'list' and 'csv' was expected; add "
          + "one or remove the sweep"
      ]
    ),
    (
      "sweep: {grid: {a: []}}",
      [
        "6:19: the sweep has no value for 'a'; at least one was expected; add it or remove the "
          + "sweep"
      ]
    ),
    (
      "sweep: {list: []}",
      ["6:15: the sweep has no point; at least one was expected; add it or remove the sweep"]
    ),
    (
      "sweep: {grid: {a: [1, 2]}, where: [a > 5]}",
      [
        "6:8: no cell is left by 'where' and 'exclude'; at least one was expected; loosen them"
      ]
    ),
    (
      "sweep: {zip: {a: [1, 2], b: [1]}}",
      [
        "6:14: 'b' has 1 values and 'a' has 2; equally many were expected in a zip; add or remove "
          + "some"
      ]
    ),
    (
      "sweep: {grid: {size: [1kB, 64B, 1000B]}}",
      [
        "6:33: '1000B' is the same value as '1kB' at 6:23; values that differ were expected; "
          + "remove one"
      ]
    ),
    (
      "sweep: {list: [{a: 1}, {a: 1}]}",
      [
        "6:28: the cell a=1 has the same settings as the cell a=1; cells that differ were "
          + "expected; remove one"
      ]
    ),
    (
      "sweep: {list: [{a: 1}, {b: 1}]}",
      [
        "6:24: the key 'a' is missing; it is required here; add 'a: …'",
        "6:25: unknown key 'b'; known are 'a'",
      ]
    ),
    (
      "sweep: {grid: {sise: [1kB]}}",
      [
        "6:16: there is no parameter 'sise'; a parameter of 'queue' or a path such as "
          + "'network.link.loss' was expected; did you mean 'size'?"
      ]
    ),
    (
      "sweep: {grid: {repetitions: [1]}}",
      [
        "6:16: 'repetitions' cannot vary from cell to cell; a parameter or a path into network or "
          + "workload was expected; set it for the whole manifest"
      ]
    ),
    (
      "sweep: {grid: {network.link.loss: [1%]}}",
      [
        "6:16: the experiment 'queue' takes no network; one of its own parameters was expected; "
          + "remove 'network.link.loss'"
      ]
    ),
    (
      "sweep: {grid: {a: 5}}",
      [
        "6:19: '5' stands here; a list or a range of values was expected; write [a, b] or "
          + "{from: 1, to: 10, step: 1}"
      ]
    ),
    (
      "sweep: {grid: {a: [1, x]}}",
      [
        "6:23: 'x' is not a number; a number from 0 to 1000000000 was expected; write it like '0.5'"
      ]
    ),
    (
      "sweep: {grid: {a: [1]}, list: [{a: 2}]}",
      ["6:8: 'a' is swept twice; each setting once was expected; remove one"]
    ),
    (
      "sweep: {grid: {a: {from: 5, to: 1, step: 1}}}",
      [
        "6:19: no step of '1' leads from '5' to '1'; a step above 0 and ends in ascending order "
          + "were expected; change them"
      ]
    ),
    (
      "sweep: {grid: {a: {from: 1, to: 5}}}",
      [
        "6:19: exactly one of 'step' and 'points' was expected; write 'step: 1' or 'points: 4'"
      ]
    ),
    (
      "sweep: {grid: {size: {from: 1kB, to: 5s, step: 1kB}}}",
      [
        "6:38: '5s' is not of the same kind as '1kB'; a size was expected as for 'from'; change "
          + "the unit"
      ]
    ),
    (
      "sweep: {grid: {a: [1, 2]}, sample: {count: 3}}",
      [
        "6:36: 3 points are to be drawn from 2 and at most 100000 may run; a smaller number was "
          + "expected; lower 'count'"
      ]
    ),
    (
      "sweep: {grid: {a: [1, 2]}, exclude: [{a: 3}]}",
      [
        "6:42: the sweep of 'a' has no value '3'; one of its values was expected; known are '1', "
          + "'2'"
      ]
    ),
  ])
  func `a wrong sweep is located`(lines: String, expected: [String]) {
    #expect(problems(lines) == expected)
  }

  @Test(arguments: 0..<20)
  func `random grids expand to the product of their counts`(seed: Int) throws {
    var stream = Seed(UInt64(seed)).child("grid").stream()
    let counts = (0..<3).map { _ in 1 + stream.below(6) }
    let axes = zip(["a", "b", "c"], counts).map { key, count in
      "\(key): [\((0..<count).map { "\($0)" }.joined(separator: ", "))]"
    }
    let cells = try cells("sweep: {grid: {\(axes.joined(separator: ", "))}}")
    #expect(cells.count == counts.reduce(1, *), "seed \(seed)")
    #expect(Set(cells).count == cells.count, "seed \(seed)")
  }

  @Test func `swept paths change the network and errors name the place of the value`() throws {
    let plan = try Example.plan(
      Example.transport(
        "sweep: {grid: {network.link.loss: [0%, 5%], network.nodes: [2, 4], parameters.events: "
          + "[7]}}"
      ))
    #expect(plan.cells.map { $0.settings.network?.nodes.count } == [2, 4, 2, 4])
    #expect(
      plan.cells.map { $0.settings.network?.link.loss } == [
        LossModel.none, LossModel.none, .bernoulli(.percent(5)), .bernoulli(.percent(5)),
      ])
    #expect(
      plan.cells[0].coordinates.map(\.key) == ["network.link.loss", "network.nodes", "events"])
    #expect(
      Example.problems(
        Example.transport("sweep: {grid: {network.link.loss: [0%, 150%], network.link.los: [1%]}}"))
        == [
          "7:40: '150%' is out of range; a percentage from 0% to 100% was expected; change it",
          "7:47: unknown key 'los'; did you mean 'loss'?",
        ])
    #expect(
      Example.problems(
        Example.transport("sweep: {grid: {network.link.delay.minimum: [1ms]}}")) == [
          "7:16: 'network.link.delay.minimum' cannot be set because 'network.link.delay' is the "
            + "single value '20ms'; a path through mappings was expected; write that one as a "
            + "mapping"
        ])
    #expect(
      Example.problems(
        Example.transport("sweep: {grid: {network.link: [{delay: 1ms}], network.link.loss: [1%]}}"))
        == [
          "7:8: 'network.link.loss' and 'network.link' are both swept, and one holds the other; "
            + "settings apart were expected; sweep only one of them"
        ])
  }
}
