// When cells may stop repeating, as manifests say it.

import LabCore
import LabManifest
import Testing

@Suite struct `Precision of a manifest` {
  @Test func `a rule is read, and nothing changes where there is none`() throws {
    let plain = try Example.plan(Example.transport("repetitions: 40"))
    #expect(plain.manifest.precision == nil)
    let rule = try Example.plan(
      Example.transport("repetitions: 40\nprecision: {metric: waiting, relative: 2%}"))
    #expect(
      rule.manifest.precision == PrecisionRule(metric: "waiting", relative: .percent(2)))
    #expect(rule.trials == plain.trials && rule.digest != plain.digest)
    let again = try Example.loader.plan(
      resolved: rule.resolvedText, path: "trial.yaml", size: .standard)
    #expect(again.manifest.precision == rule.manifest.precision && again.digest == rule.digest)
    let size = try Example.plan(
      Example.transport(
        """
        precision: {metric: waiting, relative: 2%, confidence: 99%}
        sizes: {standard: {precision.relative: 10%}}
        """))
    #expect(
      size.manifest.precision
        == PrecisionRule(metric: "waiting", relative: .percent(10), confidence: .percent(99)))
  }

  @Test(arguments: [
    ("{metric: waiting}", "'relative' is missing"),
    ("{metric: wating, relative: 1%}", "did you mean 'waiting'?"),
    ("{metric: latency, relative: 1%}", "'latency' is a histogram"),
    ("{metric: trajectory, relative: 1%}", "'trajectory' is a fingerprint"),
    ("{metric: waiting, relative: 0%}", "a share above 0% was expected"),
    ("{metric: waiting, relative: 1}", "has no unit"),
    ("{metric: waiting, relative: 1%, confidence: 100%}", "below 100% was expected"),
    ("{metric: waiting, relative: 1%, confidence: 0%}", "above 0% and below 100% was expected"),
    ("1%", "a mapping was expected"),
  ])
  func `a rule that is wrong is an error in its place`(text: String, reason: String) {
    let problems = Example.problems(Example.transport("precision: \(text)"))
    #expect(problems.count == 1 && problems[0].contains(reason), "\(problems)")
    #expect(problems.first?.hasPrefix("7:") == true)
  }
}
