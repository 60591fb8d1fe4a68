import LabManifest
import Testing

@Suite struct GateTests {
  private func policy(_ gate: String) throws -> GatePolicy {
    try Example.plan(Example.transport("gate: \(gate)")).manifest.gate
  }

  @Test func `without a gate all metrics have a margin of two and a half percent`() throws {
    let policy = try Example.plan(Example.transport("")).manifest.gate
    #expect(policy == GatePolicy())
    #expect(policy.gates("waiting"))
    #expect(policy.margin(of: "waiting") == .relative(0.025))
  }

  @Test func `a gate keeps what it says`() throws {
    let policy = try policy(
      "{metrics: [waiting, latency, traffic], margin: 1%, margins: {waiting: 2ms, latency: 0.5}}")
    #expect(!policy.gates("events_parsed"))
    #expect(policy.margin(of: "traffic") == .relative(0.01))
    #expect(policy.margin(of: "waiting") == .absolute(0.002))
    #expect(policy.margin(of: "latency") == .absolute(0.5))
    #expect(try self.policy("{margin: 0.01}").margin == .absolute(0.01))
  }

  @Test(arguments: [
    ("{margin: -1%}", "is no margin here"), ("{margin: 2ms}", "is no margin here"),
    ("{margins: {waiting: 1kB}}", "an amount in 's'"),
    ("{margins: {traffic: 1%}}", "is exact, and only sampled metrics have a margin"),
    ("{margins: {wating: 1%}}", "did you mean 'waiting'"),
    ("{metrics: [wating]}", "did you mean 'waiting'"), ("{metrics: []}", "no metric is gated"),
    ("{margn: 1%}", "unknown key 'margn'"),
  ])
  func `what is wrong in a gate is told with its place`(gate: String, problem: String) {
    let problems = Example.problems(Example.transport("gate: \(gate)"))
    #expect(problems.count == 1, "\(problems)")
    #expect(problems.first?.contains(problem) ?? false, "\(problems)")
    #expect(problems.first?.hasPrefix("7:") ?? false)
  }
}
