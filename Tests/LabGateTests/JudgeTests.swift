import LabGate
import LabManifest
import LabRecord
import Testing

@Suite struct JudgeTests {
  /// Ten values around a mean with a spread of a few hundredths.
  private func around(_ mean: Double, spread: Double = 0.02) -> [Double] {
    [-1.0, -0.7, -0.5, -0.2, 0, 0, 0.2, 0.5, 0.7, 1].map { mean + $0 * spread }
  }

  private func twoArms(literal: [Double?], corrected: [Double?]) -> Trials {
    var trials = Trials()
    trials.cell("a")
    trials.measure(arm: "literal", literal)
    trials.measure(arm: "corrected", corrected)
    return trials
  }

  @Test func `a whole interval above the bar passes when the control falls below it`() {
    let outcome = twoArms(literal: around(0.95), corrected: around(0.5))
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .pass)
    #expect(outcome.flipped)
    #expect(outcome.control.verdict == .fail)
    #expect(outcome.subject.count == 10)
    let interval = outcome.subject.interval
    // Two times t(0.975, 9 degrees of freedom) = 2.262157 times the standard error.
    let width = (interval?.upperBound ?? 0) - (interval?.lowerBound ?? 0)
    #expect(abs(width - 0.017_996_436_1) < 1e-8)
  }

  @Test func `a whole interval below the bar fails when the control reaches it`() {
    let outcome = twoArms(literal: around(0.1), corrected: around(0.99))
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .fail)
    #expect(outcome.flipped)
    #expect(outcome.subject.verdict == .fail)
    #expect(outcome.control.verdict == .pass)
  }

  @Test func `an interval that holds the bar is inconclusive`() {
    let outcome = twoArms(literal: around(0.9), corrected: around(0.1))
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason.contains("the interval holds the bar"))
    #expect(!outcome.flipped)
  }

  @Test(arguments: [0.95, 0.1])
  func `a control that agrees with the subject makes the outcome inconclusive`(mean: Double) {
    let outcome = twoArms(literal: around(mean), corrected: around(mean))
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason.hasPrefix("the control did not flip it"))
    #expect(outcome.subject.verdict == (mean > 0.9 ? .pass : .fail))
  }

  @Test func `a control that is itself inconclusive does not flip`() {
    let outcome = twoArms(literal: around(0.95), corrected: around(0.9))
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.control.verdict == .inconclusive)
    #expect(outcome.verdict == .inconclusive)
  }

  @Test func `a control without rows does not flip`() {
    var trials = Trials()
    trials.cell("a")
    trials.measure(around(0.95))
    let outcome = trials.judge(.sample(.atLeast(0.9)))
    #expect(outcome.control.verdict == .missing)
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason.contains("without a row"))
  }

  @Test func `a criterion that names no break cannot pass`() {
    let control = Criterion.Control(text: "none", arm: nil, settings: [:])
    let outcome = twoArms(literal: around(0.95), corrected: around(0.1))
      .judge(.sample(.atLeast(0.9), control: control))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.control.reason.contains("neither an arm nor a setting"))
  }

  @Test func `a break must turn a pass round, and a repair a failure`() {
    func outcome(_ subject: Double, broken: Double, repaired: Double) -> CriterionOutcome {
      var trials = Trials()
      trials.cell("a")
      trials.cell("a-broken", controls: "a", of: "delivers")
      trials.cell("a-repaired", controls: "a", of: "delivers/repair")
      for (cell, mean) in [("a", subject), ("a-broken", broken), ("a-repaired", repaired)] {
        trials.measure(cell: cell, [mean - 0.01, mean, mean + 0.01])
      }
      var criterion = Criterion.sample(
        .atLeast(0.9), control: .init(text: "lossy", arm: nil, settings: ["loss": "50%"]))
      criterion.repair = .init(text: "no loss", arm: nil, settings: ["loss": "0%"])
      return trials.judge(criterion)
    }
    let passing = outcome(0.97, broken: 0.5, repaired: 0.98)
    #expect(passing.verdict == .pass && passing.change.text == "lossy")
    let failing = outcome(0.6, broken: 0.5, repaired: 0.98)
    #expect(failing.verdict == .fail && failing.change.text == "no loss")
    #expect(failing.control.worst?.id == "a-repaired")
    // Neither stands in for the other.
    #expect(outcome(0.97, broken: 0.97, repaired: 0.5).verdict == .inconclusive)
    #expect(outcome(0.6, broken: 0.98, repaired: 0.6).verdict == .inconclusive)
  }

  @Test func `control cells are judged in place of the cells that they break`() {
    var trials = Trials()
    trials.cell("a")
    trials.cell("a-broken", controls: "a", of: "delivers")
    trials.cell("other", controls: "a", of: "another-criterion")
    trials.measure(cell: "a", around(0.95))
    trials.measure(cell: "a-broken", around(0.3))
    trials.measure(cell: "other", around(0.95))
    let control = Criterion.Control(
      text: "half of the datagrams are lost", arm: nil, settings: ["network.link.loss": "50%"])
    let outcome = trials.judge(.sample(.atLeast(0.9), control: control))
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.cells == 1)
    #expect(outcome.control.worst?.id == "a-broken")
    #expect(outcome.control.arm == "literal")
  }

  @Test func `a control with an arm and settings is that arm in the control cells`() {
    var trials = Trials()
    trials.cell("a")
    trials.cell("b", controls: "a", of: "delivers")
    trials.measure(arm: "literal", cell: "a", around(0.95))
    trials.measure(arm: "corrected", cell: "a", around(0.95))
    trials.measure(arm: "literal", cell: "b", around(0.95))
    trials.measure(arm: "corrected", cell: "b", around(0.2))
    let control = Criterion.Control(text: "x", arm: "corrected", settings: ["k": "v"])
    let outcome = trials.judge(.sample(.atLeast(0.9), control: control))
    #expect(outcome.control.arm == "corrected")
    #expect(outcome.verdict == .pass)
  }

  @Test func `a failed trial makes the criterion missing and is counted`() {
    let outcome = twoArms(
      literal: around(0.95).dropLast(2).map { $0 } + [nil, nil], corrected: around(0.1)
    ).judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .missing)
    #expect(outcome.subject.missing == 2)
    #expect(outcome.reason.contains("2 of 10 values of share in arm literal are missing"))
    #expect(outcome.reason.contains("2 timeout"))
  }

  @Test func `a failed trial is not a zero`() {
    let outcome = twoArms(literal: [0, 0, 0, nil], corrected: [1, 1, 1, 1])
      .judge(.sample(.atMost(0)))
    #expect(outcome.verdict == .missing)
  }

  @Test func `a repetition that has no row at all is missing`() {
    var trials = twoArms(literal: around(0.95), corrected: around(0.1))
    trials.repetitions = 12
    let outcome = trials.judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .missing)
    #expect(outcome.reason.contains("2 of 12"))
  }

  @Test func `a number that is not finite is missing`() {
    let outcome = twoArms(literal: [1, .nan, 1, 1], corrected: [0, 0, 0, 0])
      .judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .missing)
    #expect(outcome.reason.contains("1 not finite"))
  }

  @Test func `one repetition of a sampled metric is inconclusive`() {
    let outcome = twoArms(literal: [0.95], corrected: [0.1]).judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason == "one repetition gives no interval")
    #expect(outcome.subject.figure == 0.95)
  }

  @Test func `one repetition of an exact metric decides`() {
    var trials = Trials()
    trials.cell("a")
    trials.measure(arm: "literal", [107_800], metricClass: .exact)
    trials.measure(arm: "corrected", [100_000], metricClass: .exact)
    #expect(trials.judge(.sample(.equals(107_800))).verdict == .pass)
    #expect(trials.judge(.sample(.equals(107_801))).verdict == .inconclusive)
    #expect(trials.judge(.sample(.equals(100_000))).verdict == .fail)
  }

  @Test func `values without spread are judged by the figure`() {
    let outcome = twoArms(literal: [0, 0, 0], corrected: [1, 1, 1]).judge(.sample(.atMost(0)))
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.interval == nil)
  }

  @Test func `a bar is reached by a figure that equals it`() {
    #expect(
      twoArms(literal: [0.9, 0.9], corrected: [0, 0]).judge(.sample(.atLeast(0.9))).verdict == .pass
    )
  }

  @Test func `equals fails when the interval excludes the value and is open when it holds it`() {
    let far = twoArms(literal: around(0.5), corrected: [0.9, 0.9]).judge(.sample(.equals(0.9)))
    #expect(far.verdict == .fail)
    let near = twoArms(literal: around(0.9), corrected: [0, 0]).judge(.sample(.equals(0.9)))
    #expect(near.verdict == .inconclusive)
  }

  @Test func `every selected cell must reach the bar and the worst one is reported`() {
    var trials = Trials()
    for (id, mean) in [("a", 0.99), ("b", 0.4), ("c", 0.6)] {
      trials.cell(id, size: id)
      trials.measure(arm: "literal", cell: id, around(mean))
      trials.measure(arm: "corrected", cell: id, around(0.99))
    }
    let outcome = trials.judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .fail)
    #expect(outcome.subject.worst?.id == "b")
    #expect(outcome.subject.worst?.description == "size=b")
    #expect(outcome.subject.cells == 3)
    #expect(outcome.reason.contains("2 of 3 cells"))
  }

  @Test func `among passing cells the one nearest to the bar is reported`() {
    var trials = Trials()
    for (id, mean) in [("a", 0.99), ("b", 0.93), ("c", 0.96)] {
      trials.cell(id, size: id)
      trials.measure(arm: "literal", cell: id, around(mean))
      trials.measure(arm: "corrected", cell: id, around(0.1))
    }
    let outcome = trials.judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.worst?.id == "b")
  }

  @Test func `a missing cell outweighs passing ones but not a failing one`() {
    var trials = Trials()
    for (id, values) in [("a", around(0.99)), ("b", [nil])] as [(String, [Double?])] {
      trials.cell(id)
      trials.measure(arm: "literal", cell: id, values)
      trials.measure(arm: "corrected", cell: id, around(0.99))
    }
    #expect(trials.judge(.sample(.atLeast(0.9))).verdict == .missing)
    trials.cell("c")
    trials.measure(arm: "literal", cell: "c", around(0.1))
    trials.measure(arm: "corrected", cell: "c", around(0.99))
    let outcome = trials.judge(.sample(.atLeast(0.9)))
    #expect(outcome.verdict == .fail)
    #expect(outcome.reason.contains("1 values are missing as well"))
  }

  @Test func `only selected cells are judged`() {
    var trials = Trials()
    for (id, size, mean) in [("a", "64B", 0.99), ("b", "70kB", 0.1)] {
      trials.cell(id, size: size)
      trials.measure(arm: "literal", cell: id, around(mean))
      trials.measure(arm: "corrected", cell: id, around(0.1))
    }
    let selection = [Criterion.Selection(key: "size", values: ["64B", "1kB"])]
    #expect(trials.judge(.sample(.atLeast(0.9), selection: selection)).verdict == .pass)
    let none = [Criterion.Selection(key: "loss", values: ["1%"])]
    let outcome = trials.judge(.sample(.atLeast(0.9), selection: none))
    #expect(outcome.verdict == .missing)
    #expect(outcome.reason == "no cell of the record is selected")
  }

  @Test func `pooling judges all values together`() {
    var trials = Trials()
    for (id, mean) in [("a", 0.99), ("b", 0.91)] {
      trials.cell(id)
      trials.measure(arm: "literal", cell: id, around(mean))
      trials.measure(arm: "corrected", cell: id, around(0.2))
    }
    let outcome = trials.judge(.sample(.atLeast(0.92), scope: .pooled))
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.worst == nil)
    #expect(outcome.subject.count == 20)
    #expect(trials.judge(.sample(.atLeast(0.92))).subject.worst?.id == "b")
  }

  @Test func `a series counts as one value a repetition`() {
    var trials = Trials()
    trials.cell("a")
    for arm in ["literal", "corrected"] {
      for repetition in 0..<2 {
        for step in 0..<3 {
          let value = arm == "literal" ? Double(step) : 9
          trials.rows.append(
            Trials.row(
              "share", arm, "a", repetition, .number(value), .sampled, "1", .ok, step: step))
        }
      }
    }
    let outcome = trials.judge(.sample(.atMost(1)))
    #expect(outcome.subject.count == 2)
    #expect(outcome.subject.figure == 1)
    #expect(outcome.verdict == .pass)
    #expect(trials.judge(.sample(.atMost(1), statistic: .maximum)).subject.figure == 2)
  }
}
