import LabGate
import LabManifest
import Testing

@Suite struct ClaimJudgeTests {
  private func outcome(_ id: String, _ verdict: CriterionVerdict) -> CriterionOutcome {
    var criterion = Criterion.sample(.atLeast(0.9))
    criterion.id = id
    let finding = Finding(
      verdict: verdict, reason: "because", figure: 0.5, interval: 0.4...0.6, count: 10,
      reference: nil, arm: "literal", worst: nil, cells: 1, missing: 0)
    return CriterionOutcome(
      experiment: "transport", criterion: criterion, verdict: verdict, reason: "because",
      bar: "≥ 0.9", unit: "1", subject: finding,
      change: criterion.control, control: finding, flipped: true)
  }

  private func claim(
    _ asWritten: [String], ours: [String] = [], condition: String? = nil, notTestable: String? = nil
  ) -> Claim {
    Claim(
      id: "Q4", section: "3.2", quote: "events are delivered",
      criterion: "share reaching a handler",
      experiment: "transport", asWritten: asWritten.map { "transport/\($0)" },
      ours: ours.map { "transport/\($0)" },
      condition: condition.map { .init(criterion: "transport/\($0)", text: "loss is below 1 %") },
      notTestable: notTestable)
  }

  private var judge: ClaimJudge {
    ClaimJudge(outcomes: [
      outcome("good", .pass), outcome("fine", .pass), outcome("bad", .fail),
      outcome("open", .inconclusive), outcome("lost", .missing),
    ])
  }

  @Test func `a claim is supported when all its criteria pass`() {
    let outcome = judge.outcome(of: claim(["good", "fine"]))
    #expect(outcome.verdict == .supported)
    #expect(outcome.deciding?.name == "transport/good")
  }

  @Test func `one failure refutes a claim, whatever else is open`() {
    let outcome = judge.outcome(of: claim(["good", "open", "lost", "bad"]))
    #expect(outcome.verdict == .refuted)
    #expect(outcome.deciding?.name == "transport/bad")
  }

  @Test func `a claim that fails holds when its condition's criterion passes`() {
    let outcome = judge.outcome(of: claim(["bad"], condition: "good"))
    #expect(outcome.verdict == .holdsWhen(condition: "loss is below 1 %"))
    #expect(outcome.condition?.name == "transport/good")
    #expect(outcome.deciding?.name == "transport/bad")
  }

  @Test(arguments: ["bad", "open", "lost", "absent"])
  func `a condition that is not shown saves nothing`(condition: String) {
    #expect(judge.outcome(of: claim(["bad"], condition: condition)).verdict == .refuted)
  }

  @Test(arguments: ["open", "lost", "absent"])
  func `a claim is inconclusive when a criterion is not decided`(undecided: String) {
    #expect(judge.outcome(of: claim(["good", undecided])).verdict == .inconclusive)
  }

  @Test func `a claim without criteria or records is not yet tested`() {
    #expect(judge.outcome(of: claim([])).verdict == .notYetTested)
    let outcome = judge.outcome(of: claim(["absent"]))
    #expect(outcome.verdict == .notYetTested)
    #expect(outcome.reason == "there is no record of transport/absent")
  }

  @Test func `a claim that cannot be tested says why`() {
    let outcome = judge.outcome(of: claim(["good"], notTestable: "it is a plan"))
    #expect(outcome.verdict == .notTestable(reason: "it is a plan"))
    #expect(outcome.verdict.detail == "it is a plan")
  }

  @Test func `what ours reaches is the worst of its criteria`() {
    #expect(judge.outcome(of: claim([], ours: ["good", "fine"])).ours?.verdict == .pass)
    let mixed = judge.outcome(of: claim([], ours: ["good", "open", "bad"])).ours
    #expect(mixed?.verdict == .fail)
    #expect(mixed?.outcome.name == "transport/bad")
    #expect(judge.outcome(of: claim([], ours: ["good", "absent"])).ours?.verdict == .missing)
    #expect(judge.outcome(of: claim([], ours: ["absent"])).ours == nil)
  }

  @Test func `every verdict has a name of its own and an explanation`() {
    #expect(Set(ClaimVerdict.names).count == 6)
    for name in ClaimVerdict.names { #expect(ClaimVerdict.explanation(ofName: name) != nil) }
    #expect(ClaimVerdict.explanation(ofName: "proved") == nil)
    for verdict in CriterionVerdict.allCases { #expect(!verdict.explanation.isEmpty) }
  }
}
