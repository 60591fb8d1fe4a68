import LabCore
import LabManifest
import Testing

@Suite struct MutationTests {
  private static let manifest = """
    fleetlab: 1
    id: trial
    title: A trial
    question: Does it work?
    experiment: literal-transport
    network:
      nodes: {eu: 2, us: 1}
      link: {delay: {minimum: 18ms, excess: {law: gamma, shape: 2, scale: 1ms}}, loss: 1%}
      links: [{from: eu, to: us, both-ways: true, delay: {trace: [1ms, 2ms]}}]
      faults: [{at: 5s, for: 2s, partition: [[0, 1], [us]]}, {every: 10s, for: 1s, crash: 2}]
    sweep:
      zip: {payload: [1B, 2B], share: [1%, 2%]}
      grid: {network.link.loss: [0%, 5%], events: {from: 1, to: 9, step: 4}}
      where: ["not (payload < 2B and events == 1) or share >= 1%"]
    criteria:
      - {id: a, text: b, metric: waiting, arm: literal, where: {payload: 1B}, bar: <= 20ms,
         control: {text: x, set: {world: broken}}}
    """

  private static let words = [
    "-1", "0", "1e99", "1e-99", "nan", "99999999999999999999", "5ms", "-5ms", "101%", "[]", "{}",
    "''", "~", "*a", "&b", "!c", "\"", "\n", "\t", ": ", "- ", "#", "|", "x.y..z",
    "9223372036854775807ns", "{from: 1, to: 1e99, step: 1e-99}", "{law: exponential, mean: 1s}",
  ]

  @Test(arguments: 0..<200)
  func `a mutated manifest is planned or refused with places`(seed: Int) throws {
    var stream = Seed(UInt64(seed)).child("mutation").stream()
    var text = Array(Self.manifest.unicodeScalars)
    for _ in 0..<(1 + stream.below(3)) {
      let start = stream.below(text.count)
      let end = min(text.count, start + stream.below(6))
      let word = Self.words[stream.below(Self.words.count)]
      text.replaceSubrange(start..<end, with: Array(word.unicodeScalars))
    }
    let mutated = String(String.UnicodeScalarView(text))
    do throws(ManifestProblems) {
      let loader = Example.loader
      let plan = try loader.plan(text: mutated, path: "trial.yaml")
      let again = try loader.plan(
        resolved: plan.resolvedText, path: "trial.yaml", size: .standard)
      #expect(again.trials == plan.trials, "seed \(seed)")
    } catch {
      #expect(!error.diagnostics.isEmpty, "seed \(seed)")
      for problem in error.diagnostics {
        #expect(problem.line > 0 && problem.column > 0, "seed \(seed)")
        #expect(!problem.message.contains("\n"), "seed \(seed)")
      }
    }
  }
}
