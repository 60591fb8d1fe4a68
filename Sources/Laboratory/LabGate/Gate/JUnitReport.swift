// Outcomes of gates in the form that continuous integration shows.

/// Writes outcomes as JUnit XML: one suite an experiment, one test case a gate.
///
/// A verdict that fails the invocation is a failure; any other that is not a pass is skipped with
/// its reason, so that it shows without failing.
/// > Reference: the format has no standard; elements and attributes are those of Apache Ant's
/// > report, which Jenkins, GitLab and others read.
public struct JUnitReport: Sendable {
  private let outcomes: [GateOutcome]
  private let failing: Set<GateVerdict>

  /// Takes outcomes and the verdicts that fail.
  public init(_ outcomes: [GateOutcome], failing: Set<GateVerdict>) {
    self.outcomes = outcomes
    self.failing = failing
  }

  /// The report.
  public var text: String {
    var suites: [String] = []
    for outcome in outcomes where !suites.contains(outcome.experiment) {
      suites.append(outcome.experiment)
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites\(totals(outcomes))>\n"
      + suites.map { name in suite(name, outcomes.filter { $0.experiment == name }) }.joined()
      + "</testsuites>\n"
  }

  private func suite(_ name: String, _ outcomes: [GateOutcome]) -> String {
    "  <testsuite name=\"\(Self.escaped(name))\"\(totals(outcomes))>\n"
      + outcomes.map(testCase).joined() + "  </testsuite>\n"
  }

  private func totals(_ outcomes: [GateOutcome]) -> String {
    let failures = outcomes.count { failing.contains($0.verdict) }
    let skipped = outcomes.count { isSkipped($0.verdict) }
    return " tests=\"\(outcomes.count)\" failures=\"\(failures)\" errors=\"0\" "
      + "skipped=\"\(skipped)\""
  }

  private func isSkipped(_ verdict: GateVerdict) -> Bool {
    !failing.contains(verdict) && verdict != .pass && verdict != .improved
  }

  private func testCase(_ outcome: GateOutcome) -> String {
    let name = "\(outcome.key.metricText), \(outcome.key.arm), \(outcome.place)"
    let head =
      "    <testcase classname=\"\(Self.escaped(outcome.experiment))\" "
      + "name=\"\(Self.escaped(name))\""
    let message = Self.escaped("\(outcome.verdict.rawValue): \(outcome.fullReason)")
    if failing.contains(outcome.verdict) {
      return "\(head)>\n      <failure type=\"\(outcome.verdict.rawValue)\" "
        + "message=\"\(message)\"/>\n    </testcase>\n"
    }
    guard isSkipped(outcome.verdict) else { return "\(head)/>\n" }
    return "\(head)>\n      <skipped message=\"\(message)\"/>\n    </testcase>\n"
  }

  /// A text as the value of an attribute: markup as entities, and what XML 1.0 cannot hold as �.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      case "\n", "\r", "\t": result += "&#\(scalar.value);"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
