import LabRecord
import Statistics
import Testing

@testable import LabGate
@testable import LabManifest

@Suite struct GateJudgeTests {
  @Test func `the run of the baseline passes in every gate but timed ones and ceilings`() throws {
    let outcomes = try GateRecord().outcomes(against: try GateRecord().baseline())
    #expect(outcomes.count == 16)
    #expect(outcomes.values.allSatisfy { $0.verdict == .pass })
    #expect(outcomes["aa latency p99"]?.unit == "s")
    #expect(!outcomes.keys.contains { $0.contains("cpu") || $0.hasPrefix("cc") })
    #expect(GateReading(GateRecord().record, policy: GatePolicy()).left == 4)
  }

  @Test func `an exact value that differs regresses where the exactness keys agree`() throws {
    let run = GateRecord(values: ["aa trajectory 3": .hash(77)])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["aa trajectory"]?.verdict == .regressed)
    #expect(outcomes["bb trajectory"]?.verdict == .pass)
    #expect(outcomes["aa trajectory"]?.place == "size=64B")
  }

  @Test func `an exact number that is better improves, and one that is worse regresses`() throws {
    let baseline = try GateRecord().baseline()
    let better = try GateRecord(factors: ["events": 0.9]).outcomes(against: baseline)
    #expect(better["aa events"]?.verdict == .improved)
    let worse = try GateRecord(factors: ["events": 1.1]).outcomes(against: baseline)
    #expect(worse["aa events"]?.verdict == .regressed)
  }

  @Test func `another class of machine makes exact and counted gates incomparable by name`() throws
  {
    var run = GateRecord(factors: ["events": 2, "instructions": 2, "waiting": 2])
    run.exactness["toolchain"] = "Swift 7"
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    for name in ["aa events", "aa trajectory", "aa instructions"] {
      #expect(outcomes[name]?.verdict == .incomparable, "\(name)")
      #expect(outcomes[name]?.reason.contains("toolchain is Swift 7, was Swift 6.3") ?? false)
    }
    #expect(outcomes["aa waiting"]?.verdict == .regressed)
    #expect(outcomes["aa share"]?.verdict == .pass)
  }

  @Test(arguments: [(1.0019, GateVerdict.pass), (1.0021, .regressed), (0.997, .improved)])
  func `counted metrics may move by two in a thousand`(
    factor: Double, verdict: GateVerdict
  ) throws {
    let run = GateRecord(factors: ["instructions": factor])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["bb instructions"]?.verdict == verdict)
  }

  @Test(arguments: [(1.1, GateVerdict.regressed), (0.9, .improved), (1.01, .pass)])
  func `a sampled metric regresses beyond its margin, passes within, and improves`(
    factor: Double, verdict: GateVerdict
  ) throws {
    // Other seeds of the values, the same seeds of the trials: paired and not equal.
    let run = GateRecord(chance: 2, factors: ["waiting": factor, "latency": factor])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["aa waiting"]?.verdict == verdict)
    #expect(outcomes["aa latency p50"]?.verdict == verdict)
    #expect(outcomes["aa share"]?.verdict == .pass)
  }

  @Test func `a metric that is better when higher regresses when it falls`() throws {
    let run = GateRecord(chance: 2, factors: ["share": 0.9])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["aa share"]?.verdict == .regressed)
  }

  @Test(arguments: [0.9, 1.1]) func `a neutral metric regresses on either side`(
    factor: Double
  ) throws {
    let run = GateRecord(chance: 2, factors: ["drift": factor])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["aa drift"]?.verdict == .regressed)
  }

  @Test func `runs without a common seed are judged as independent samples`() throws {
    let run = GateRecord(firstSeed: 100, factors: ["waiting": 1.1])
    let outcomes = try run.outcomes(against: try GateRecord().baseline())
    #expect(outcomes["aa waiting"]?.verdict == .regressed)
    #expect(outcomes["aa share"]?.verdict == .pass)
  }

  @Test func `a few repetitions are inconclusive, however alike their shifts are`() throws {
    let run = GateRecord(repetitions: 5, factors: ["waiting": 1.1])
    let outcomes = try run.outcomes(against: try GateRecord(repetitions: 5).baseline())
    #expect(outcomes["aa waiting"]?.verdict == .inconclusive)
    #expect(outcomes["aa share"]?.verdict == .pass)
    let single = GateRecord(repetitions: 1, factors: ["waiting": 1.1])
    let alone = try single.outcomes(against: try GateRecord(repetitions: 1).baseline())
    #expect(alone["aa waiting"]?.reason == "one repetition shows no spread")
  }

  @Test func `margins of single metrics and absolute ones are kept`() throws {
    let run = GateRecord(chance: 2, factors: ["waiting": 1.1, "share": 0.9])
    let policy = GatePolicy(
      margin: .relative(0.025), margins: ["waiting": .absolute(0.2), "share": .relative(0.2)])
    let outcomes = try run.outcomes(against: try GateRecord().baseline(), policy: policy)
    #expect(outcomes["aa waiting"]?.verdict == .pass)
    #expect(outcomes["aa share"]?.verdict == .pass)
    #expect(outcomes["aa drift"]?.verdict == .pass)
  }

  @Test func `what the policy leaves out is not judged, not even as missing`() throws {
    let run = GateRecord(factors: ["share": 0.5], without: ["drift"])
    let policy = GatePolicy(metrics: ["waiting"])
    let outcomes = try run.outcomes(against: try GateRecord().baseline(), policy: policy)
    #expect(outcomes.keys.sorted() == ["aa waiting", "bb waiting"])
  }

  @Test func `what the run lacks is missing and what the baseline lacks is new`() throws {
    let outcomes = try GateRecord(without: ["drift"])
      .outcomes(against: try GateRecord(without: ["share"]).baseline())
    #expect(outcomes["aa drift"]?.verdict == .missing)
    #expect(outcomes["aa share"]?.verdict == .new)
    let unbased = try GateRecord().outcomes(against: nil)
    #expect(unbased.values.allSatisfy { $0.verdict == .new })
  }

  @Test func `a failed trial makes every gate of its cell missing`() throws {
    let outcomes = try GateRecord(failed: ["bb 4"]).outcomes(against: try GateRecord().baseline())
    let missing = outcomes.filter { $0.value.verdict == .missing }
    #expect(missing.count == 8)
    #expect(missing.keys.allSatisfy { $0.hasPrefix("bb") })
    #expect(missing["bb waiting"]?.reason.contains("1 of 20 repetitions") ?? false)
  }

  @Test func `every gate that is able to sees a planted regression`() throws {
    let comparison = GateRecord().comparison(with: try GateRecord().baseline())
    let report = try InjectionReport([comparison], factor: 1.05)
    #expect(report.overlooked.isEmpty)
    #expect(report.found.count == 16)
    let unable = try InjectionReport([comparison], factor: 1.001)
    #expect(unable.overlooked.isEmpty)
    // Exact gates see whatever changes.
    #expect(Set(unable.found.map(\.key.metric)) == ["events", "trajectory"])
  }

  @Test func `verdicts print as text, JSON, CSV and JUnit`() throws {
    var run = GateRecord(values: ["aa trajectory 3": .hash(77)])
    run.without = ["drift"]
    let outcomes = try GateJudge().outcomes(
      of: [run.comparison(with: try GateRecord().baseline())])
    let listing = GateListing(outcomes, left: 2)
    let text = listing.print(as: .text)
    #expect(text.split(separator: "\n").count == 5)
    #expect(text.contains("13 pass, 1 regressed, 2 missing; 2 timed"))
    #expect(listing.print(as: .csv).split(separator: "\n").count == 17)
    #expect(listing.print(as: .json).contains("\"verdict\": \"regressed\""))
    let junit = JUnitReport(outcomes, failing: [.regressed]).text
    #expect(junit.contains("<testsuite name=\"trial\" tests=\"16\" failures=\"1\" errors=\"0\" "))
    #expect(junit.contains("skipped=\"2\""))
    #expect(junit.contains("<failure type=\"regressed\" message=\"regressed: an exact value"))
  }

  @Test func `a record without a baseline is one line and not one for each metric`() throws {
    let outcomes = try GateJudge().outcomes(of: [GateRecord().comparison(with: nil)])
    #expect(
      GateListing(outcomes, left: 0).print(as: .text).split(separator: "\n").map { $0.prefix(6) }
        == ["16 new"])
  }

  @Test func `JUnit escapes what is markup and replaces what XML cannot hold`() {
    #expect(
      JUnitReport.escaped("<a & 'b'>\u{1}\n\"")
        == "&lt;a &amp; &apos;b&apos;&gt;\u{FFFD}&#10;&quot;")
  }
}
