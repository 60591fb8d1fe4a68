// The texts of values.

import LabCore
import LabRecord
import Statistics
import Testing

@Suite struct `Measured value` {
  @Test(arguments: [
    (MeasuredValue.integer(0), "0"), (.integer(-5), "-5"), (.integer(.max), "9223372036854775807"),
    (.number(0.1), "0.1"), (.number(100), "100.0"), (.number(-0.0), "-0.0"),
    (.number(.leastNonzeroMagnitude), "5e-324"),
    (.number(1.7976931348623157e308), "1.7976931348623157e+308"),
    (.number(1e16), "1e+16"),
  ])
  func `numbers are written in the fewest digits and keep their type`(
    value: MeasuredValue, text: String
  ) {
    #expect(value.text == text)
    #expect(MeasuredValue(text: text, unit: "s") == value)
  }

  @Test func `fingerprints have sixteen digits`() {
    for word in [0, 1, 0xf, 0x10, 0xdead_beef, UInt64.max, 1 << 60] {
      let text = MeasuredValue.hash(word).text
      #expect(text.utf8.count == 16)
      #expect(MeasuredValue(text: text, unit: "hash") == .hash(word))
    }
  }

  @Test func `histograms are read back and checked`() throws {
    var histogram = try LatencyHistogram(significantDigits: 2)
    for value in [3, 70, 70, 1_000_000] { try histogram.record(Int64(value)) }
    let value = MeasuredValue.histogram(histogram.text)
    #expect(MeasuredValue(text: value.text, unit: "histogram") == value)
    #expect(MeasuredValue(text: "lh1 2 5 1 1 1 1:1", unit: "histogram") == nil)
  }

  @Test(arguments: [
    "", "nan", "inf", "-inf", "1.", ".5", "0x10", "1e5", "+1", "01", "1 ", " 1", "1,5", "1.50",
    "9223372036854775808", "0.1000000000000000055511151231257827",
  ])
  func `whatever is not the canonical text of a number is refused`(text: String) {
    #expect(MeasuredValue(text: text, unit: "1") == nil)
  }

  @Test(arguments: ["", "abc", "00000000deadbee", "00000000DEADBEEF", "+0000000deadbeef"])
  func `whatever is not sixteen lower-case digits is no fingerprint`(text: String) {
    #expect(MeasuredValue(text: text, unit: "hash") == nil)
  }

  @Test(arguments: 0..<200)
  func `any double is read back to the bit`(seed: UInt64) {
    var random = Seed(seed).child("double").stream()
    let number = Double(bitPattern: random.next())
    guard number.isFinite else { return }
    guard
      case .number(let back)? = MeasuredValue(
        text: MeasuredValue.number(number).text, unit: "s")
    else {
      Issue.record("\(number) was not read back")
      return
    }
    #expect(back.bitPattern == number.bitPattern)
  }
}
