// Lengths of time, points in time, sizes and shares: their arithmetic and the text that manifests
// use.
import LabCore
import Testing

@Suite struct `Units` {
  /// A text such as `20ms` as a number and a unit, read without any of the code under test.
  private func parts(_ text: String) -> (number: String, unit: String) {
    let number = text.prefix { !$0.isLetter && $0 != "%" }
    return (String(number), String(text.dropFirst(number.count)))
  }

  @Test(arguments: [
    (Duration.zero, "0s"), (.nanoseconds(1), "1ns"), (.nanoseconds(1_500), "1500ns"),
    (.microseconds(1), "1us"), (.milliseconds(20), "20ms"), (.milliseconds(1_500), "1500ms"),
    (.seconds(1), "1s"), (.seconds(90), "90s"), (.seconds(120), "2min"), (.seconds(3_600), "1h"),
    (.milliseconds(-20), "-20ms"), (.max, "9223372036854775807ns"),
  ])
  func `a duration is written in the largest unit that keeps it whole`(
    duration: Duration, text: String
  ) {
    #expect(duration.description == text)
  }

  @Test func `every duration comes back from its text with its unit`() throws {
    var random = Seed(1).stream()
    let lengths = Dictionary(uniqueKeysWithValues: Duration.units.map { ($0.name, $0.nanoseconds) })
    for _ in 0..<2_000 {
      let unit = Duration.units[random.below(Duration.units.count)].nanoseconds
      let nanoseconds = Int64(random.below(2_000_000) - 1_000_000) * unit
      let (number, name) = parts(Duration.nanoseconds(nanoseconds).description)
      #expect(try #require(Int64(number)) * #require(lengths[name]) == nanoseconds)
    }
  }

  @Test func `seconds are rounded to the nearest nanosecond`() {
    #expect(Duration(seconds: 0.001_001)?.nanoseconds == 1_001_000)
    #expect(Duration(seconds: 1.499_999_999_6)?.nanoseconds == 1_500_000_000)
    #expect(Duration(seconds: -0.000_000_000_6)?.nanoseconds == -1)
    #expect(Duration.milliseconds(2_500).seconds == 2.5)
    #expect(Duration.microseconds(2_500).milliseconds == 2.5)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 9.3e9, -9.3e9, 1e300])
  func `seconds that no duration can hold are none`(seconds: Double) {
    #expect(Duration(seconds: seconds) == nil)
  }

  @Test func `durations add, subtract, repeat and compare as numbers do`() {
    #expect(Duration.seconds(1) + .milliseconds(1) == .milliseconds(1_001))
    #expect(Duration.seconds(1) - .seconds(2) == .milliseconds(-1_000))
    #expect(Duration.milliseconds(3) * 4 == .milliseconds(12))
    #expect(Duration.nanoseconds(-1) < .zero && .zero < Duration.nanoseconds(1))
    var sum = Duration.seconds(1)
    sum += .seconds(2)
    #expect(sum == .seconds(3))
  }

  @Test func `a duration that leaves its range traps instead of wrapping`() async {
    await #expect(processExitsWith: .failure) {
      let longest = Duration.max
      let sum = longest + .nanoseconds(1)
      #expect(sum > longest)
    }
  }

  @Test func `an instant stops at never instead of wrapping`() {
    #expect(Instant.zero + .max == .never)
    #expect(Instant.never + .nanoseconds(1) == .never)
    #expect(Instant(nanoseconds: .max - 1) + .seconds(5) == .never)
    #expect(Instant.zero + .seconds(2) - (.zero + .seconds(5)) == .seconds(-3))
  }

  @Test(
    arguments: [
      (0, "0.000000000s"), (1, "0.000000001s"), (1_000_000_000, "1.000000000s"),
      (1_500_000_020, "1.500000020s"), (-1, "-0.000000001s"), (-2_500_000_000, "-2.500000000s"),
      (.min, "-9223372036.854775808s"),
    ] as [(Int64, String)])
  func `an instant is written in seconds with nine decimals`(nanoseconds: Int64, text: String) {
    #expect(Instant(nanoseconds: nanoseconds).description == text)
  }

  @Test(arguments: [
    (0, "0B"), (1, "1B"), (1_000, "1kB"), (1_024, "1KiB"), (65_536, "64KiB"), (70_000, "70kB"),
    (65_507, "65507B"), (1_000_000, "1MB"), (3 << 20, "3MiB"), (1_000_000_000, "1GB"),
    (5 << 30, "5GiB"), (-1, "-1B"),
  ])
  func `a size is written in the largest unit that keeps it whole`(bytes: Int, text: String) {
    #expect(ByteCount(bytes).description == text)
  }

  @Test func `every size comes back from its text with its unit`() throws {
    var random = Seed(2).stream()
    let sizes = Dictionary(uniqueKeysWithValues: ByteCount.units.map { ($0.name, $0.bytes) })
    for _ in 0..<2_000 {
      let bytes = random.below(100_000) * ByteCount.units[random.below(7)].bytes
      let (number, name) = parts(ByteCount(bytes).description)
      #expect(try #require(Int(number)) * #require(sizes[name]) == bytes)
    }
  }

  @Test func `a ratio lies between none and all, and nothing else is one`() {
    #expect(Ratio(0)?.value == 0 && Ratio(1)?.value == 1)
    #expect(Ratio.none == .percent(0) && Ratio.none.value == 0)
    #expect(Ratio(-0.0) != nil)
    for wrong in [-0.000_1, 1.000_1, .nan, .infinity, -.infinity] { #expect(Ratio(wrong) == nil) }
    #expect(Ratio.percent(1) < .percent(2))
  }

  @Test func `a literal of more than 100 percent traps`() async {
    await #expect(processExitsWith: .failure) {
      let excess = 100.1
      #expect(Ratio.percent(excess).value > 1)
    }
  }

  @Test(arguments: [(0, "0%"), (1, "1%"), (100, "100%"), (0.1, "0.1%"), (12.5, "12.5%"), (7, "7%")])
  func `a ratio is written as a percentage without noise`(percent: Double, text: String) {
    #expect(Ratio.percent(percent).description == text)
  }

  @Test func `a ratio of at most twelve decimals of a percent comes back from its text`() throws {
    var random = Seed(3).stream()
    for _ in 0..<2_000 {
      let decimals = random.below(7)
      let scale = (0..<decimals).reduce(1.0) { value, _ in value * 10 }
      let ratio = Ratio.percent(Double(random.below(Int(100 * scale) + 1)) / scale)
      let (number, unit) = parts(ratio.description.replacing("e-", with: "!"))
      #expect(unit == "%")
      #expect(try Ratio.percent(#require(Double(number.replacing("!", with: "e-")))) == ratio)
    }
  }
}
