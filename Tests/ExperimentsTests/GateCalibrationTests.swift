import LabCore
import LabGate
import Testing

@testable import Experiments

@Suite struct GateCalibrationTests {
  private func bench(
    _ law: SyntheticLaw, shift: Double, isPaired: Bool = true, rule: FamilyRule = FamilyRule()
  ) -> CalibrationBench {
    CalibrationBench(
      values: SyntheticValues(law: law, spread: 0.05), shift: shift, margin: 0.025, gates: 20,
      isPaired: isPaired, rule: rule)
  }

  @Test(arguments: SyntheticLaw.allCases, [true, false])
  func `a true shift at the margin hardly ever alarms and hardly ever passes`(
    law: SyntheticLaw, isPaired: Bool
  ) throws {
    var random = Seed(21).stream()
    let tally = try bench(law, shift: 0.025, isPaired: isPaired)
      .falseAlarms(60, repetitions: 16, &random)
    #expect(tally.regressed <= 2)
    #expect(tally.judged == 1_200)
    // 1 % is 12, with a standard deviation of 3.5.
    #expect(tally.passed <= 28)
  }

  @Test func `a judge without a family cries wolf, which the calibration shows`() throws {
    var random = Seed(22).stream()
    let careless = FamilyRule(familyError: 0.05, isAdjusted: false)
    let tally = try bench(.normal, shift: 0.025, rule: careless)
      .falseAlarms(60, repetitions: 16, &random)
    #expect(tally.regressed > 20)
  }

  @Test func `the planned repetitions find a shift, and half of them do not`() throws {
    var random = Seed(23).stream()
    let bench = bench(.normal, shift: 0.1)
    let enough = try bench.detections(30, pilot: 20, plannedShare: 1, &random)
    #expect(enough.regressed >= 25)
    let half = try bench.detections(30, pilot: 20, plannedShare: 0.5, &random)
    #expect(half.regressed < 20)
  }

  @Test func `synthetic values have the mean that they are drawn for`() {
    for law in SyntheticLaw.allCases {
      var random = Seed(24).stream()
      let values = SyntheticValues(law: law, spread: 0.05)
      let sum = (0..<20_000).reduce(0.0) { sum, _ in sum + values.draw(mean: 1.5, &random) }
      #expect(abs(sum / 20_000 - 1.5) < 0.03, "\(law)")
    }
  }
}
