import LabManifest
import Statistics
import Testing

@Suite struct LawTests {
  private func law(_ text: String, _ unit: LawUnit = .seconds) throws -> Law {
    try StrictYAML.read("v: \(text)", path: "x") { $0.fields(["v"])?.read("v") { $0.law(unit) } }
  }

  private func problems(_ text: String, _ unit: LawUnit = .seconds) -> [String] {
    do throws(ManifestProblems) {
      _ = try StrictYAML.read("v: \(text)", path: "x") {
        $0.fields(["v"])?.read("v") { $0.law(unit) }
      }
      return []
    } catch { return error.diagnostics.map { "\($0.line):\($0.column): \($0.message)" } }
  }

  @Test(arguments: [
    ("20ms", Law.constant(0.02)),
    ("{law: constant, value: 20ms}", .constant(0.02)),
    ("{law: uniform, low: 1ms, high: 3ms}", .uniform(low: 0.001, high: 0.003)),
    ("{law: exponential, mean: 5ms}", .exponential(mean: 0.005)),
    ("{law: normal, mean: 1s, deviation: 100ms}", .normal(mean: 1, standardDeviation: 0.1)),
    ("{law: lognormal, median: 20ms, sigma: 0.5}", .lognormal(median: 0.02, sigma: 0.5)),
    ("{law: gamma, shape: 2, scale: 5ms}", .gamma(shape: 2, scale: 0.005)),
    ("{law: weibull, shape: 0.7, scale: 2min}", .weibull(shape: 0.7, scale: 120)),
    ("{law: pareto, minimum: 3us, tail-index: 1.5}", .pareto(minimum: 3e-6, tailIndex: 1.5)),
    (
      "{law: mixture, of: [{weight: 9, law: exponential, mean: 5ms}, "
        + "{weight: 1, law: constant, value: 1s}]}",
      .mixture([(9, .exponential(mean: 0.005)), (1, .constant(1))])
    ),
    (
      "{law: shifted, by: 10ms, of: {law: exponential, mean: 5ms}}",
      .shifted(by: 0.01, .exponential(mean: 0.005))
    ),
  ])
  func `every law has a spelling`(text: String, expected: Law) throws {
    #expect(try law(text) == expected)
  }

  @Test func `a sample stands in a list`() throws {
    let sample = try SortedSample([0.001, 0.002, 0.003])
    #expect(try law("{law: empirical, values: [3ms, 1ms, 2ms]}") == .empirical(sample))
  }

  @Test func `the unit decides how parameters are written`() throws {
    #expect(try law("1kB", .bytes) == .constant(1000))
    #expect(try law("-2.5", .number) == .constant(-2.5))
    #expect(
      try law("{law: normal, mean: -1, deviation: 2}", .number)
        == .normal(
          mean: -1, standardDeviation: 2))
  }

  @Test(arguments: [
    (
      "{law: gama, shape: 2, scale: 5ms}",
      [
        "1:10: 'gama' is not known here; one of 'constant', 'uniform', 'exponential', 'normal', "
          + "'lognormal', 'gamma', 'weibull', 'pareto', 'empirical', 'mixture', 'shifted' was "
          + "expected; did you mean 'gamma'?"
      ]
    ),
    (
      "{law: gamma, shpe: 2, scale: 5ms}",
      [
        "1:4: the key 'shape' is missing; it is required here; add 'shape: …'",
        "1:17: unknown key 'shpe'; did you mean 'shape'?",
      ]
    ),
    (
      "{law: gamma, shape: 2ms, scale: 5}",
      [
        "1:24: '2ms' has a unit; a number above 0 without a unit was expected; write '2'",
        "1:36: '5' has no unit; a duration with one of the units h, min, s, ms, us, ns was "
          + "expected; write it like '5ms'",
      ]
    ),
    (
      "{law: exponential, mean: 0ms}",
      ["1:29: '0ms' is out of range; a duration above 0 was expected; change it"]
    ),
    (
      "{law: exponential, mean: -1ms}",
      ["1:29: '-1ms' is negative; a duration of at least 0 was expected; remove the sign"]
    ),
    (
      "{law: exponential, mean: nan}",
      ["1:29: 'nan' is not finite; a duration was expected; write it like '20ms'"]
    ),
    (
      "{law: uniform, low: 3ms, high: 1ms}",
      [
        "1:4: the bounds are '3ms' and '1ms'; 'low' below 'high' was expected; change them"
      ]
    ),
    (
      "{law: mixture, of: [{law: constant, value: 1s}]}",
      [
        "1:24: a part of a mixture has no weight; a law with its weight was expected; "
          + "write it like '{weight: 0.9, law: exponential, mean: 5ms}'"
      ]
    ),
    (
      "{law: mixture, of: []}",
      [
        "1:23: the mixture has no law; at least one was expected; add one"
      ]
    ),
    (
      "{law: empirical, values: []}",
      ["1:29: the sample is empty; at least one value was expected; add one"]
    ),
    (
      "{law: empirical, csv: a.csv}",
      [
        "1:26: a file cannot be read here; the values themselves were expected; write 'values: […]'"
      ]
    ),
    ("{mean: 5ms}", ["1:4: the key 'law' is missing; it is required here; add 'law: …'"]),
    (
      "[1ms]", ["1:4: a list stands here; a duration was expected; write it as '20ms'"]
    ),
  ])
  func `a wrong law is located`(text: String, expected: [String]) {
    #expect(problems(text) == expected)
  }

  @Test func `laws do not nest without end`() {
    var text = "{law: exponential, mean: 1s}"
    for _ in 0..<8 { text = "{law: shifted, by: 1s, of: \(text)}" }
    #expect(problems(text).first?.contains("laws nest more than 4 deep") ?? false)
  }

  @Test func `the canonical text of a law names its parameters in base units`() throws {
    let mixed = try law(
      "{law: mixture, of: [{weight: 9, law: exponential, mean: 5ms}, "
        + "{weight: 1, law: constant, value: 1s}]}")
    #expect(Value.law(mixed).description == "mixture(9 exponential(0.005) 1 constant(1))")
    let one = Value.law(try law("{law: empirical, values: [3ms, 1ms]}")).description
    let same = Value.law(try law("{law: empirical, values: [1ms, 3ms]}")).description
    let other = Value.law(try law("{law: empirical, values: [1ms, 4ms]}")).description
    #expect(one == same)
    #expect(one != other)
  }
}
