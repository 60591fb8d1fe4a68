import LabCore
import LabManifest
import Testing

@Suite struct QuantityTests {
  /// The text of a parameter's value as the plan understands it.
  private func value(_ parameter: String, _ text: String) throws -> Value? {
    let plan = try Example.plan(Example.transport("parameters: {\(parameter): \(text)}"))
    return plan.cells.first?.settings.parameters[parameter]
  }

  private func problem(_ parameter: String, _ text: String) -> [String] {
    Example.problems(Example.transport("parameters: {\(parameter): \(text)}"))
  }

  @Test(arguments: [
    ("20ms", 20_000_000), ("0s", 0), ("1.5us", 1_500), ("2h", 7_200_000_000_000),
    ("3min", 180_000_000_000), ("7ns", 7), ("1e3ms", 1_000_000_000), ("0.25s", 250_000_000),
    ("'20ms'", 20_000_000),
  ])
  func `durations are exact`(text: String, nanoseconds: Int64) throws {
    #expect(try value("wait", text) == .duration(Duration(nanoseconds: nanoseconds)))
  }

  @Test(arguments: [
    ("64KiB", 65_536), ("70kB", 70_000), ("1GiB", 1 << 30), ("0B", 0), ("1.5MB", 1_500_000),
    ("2MiB", 2 << 20), ("3GB", 3_000_000_000),
  ])
  func `sizes are exact`(text: String, bytes: Int) throws {
    #expect(try value("payload", text) == .size(ByteCount(bytes)))
  }

  @Test(arguments: [("1%", 1.0), ("0%", 0), ("100%", 100), ("0.1%", 0.1), ("99.9%", 99.9)])
  func `percentages read as the shares that code makes of them`(
    text: String, percent: Double
  ) throws {
    #expect(try value("share", text) == .ratio(.percent(percent)))
  }

  @Test func `other kinds read as they are written`() throws {
    #expect(try value("events", "1000") == .integer(1000))
    #expect(try value("events", "1e3") == .integer(1000))
    #expect(try value("factor", "0.5") == .number(0.5))
    #expect(try value("fast", "true") == .flag(true))
    #expect(try value("label", "no") == .text("no"))
    #expect(try value("label", "1.10") == .text("1.10"))
    #expect(try value("world", "shaped") == .text("shaped"))
  }

  @Test(arguments: [
    (
      "wait", "20",
      "'20' has no unit; a duration with one of the units h, min, s, ms, us, ns was expected; "
        + "write it like '20ms'"
    ),
    (
      "wait", "20 ms",
      "'20 ms' has a space before its unit; none was expected; write '20ms'"
    ),
    (
      "wait", "20sec",
      "'20sec' has the unit 'sec'; a duration with one of the units h, min, s, ms, us, ns was "
        + "expected; write '20s'"
    ),
    (
      "wait", "20kB",
      "'20kB' has the unit 'kB'; a duration with one of the units h, min, s, ms, us, ns was "
        + "expected; write it like '20ms'"
    ),
    ("wait", "-5ms", "'-5ms' is negative; a duration of at least 0s was expected; remove the sign"),
    (
      "wait", "nan", "'nan' is not finite; a duration was expected; write it like '20ms'"
    ),
    ("wait", "soon", "'soon' is not a number; a duration was expected; write it like '20ms'"),
    (
      "wait", "0.5ns",
      "'0.5ns' is out of range; a whole number of nanoseconds within 292 years was expected; "
        + "change it"
    ),
    (
      "wait", "1e12h",
      "'1e12h' is out of range; a whole number of nanoseconds within 292 years was expected; "
        + "change it"
    ),
    (
      "payload", "64KB",
      "'64KB' has the unit 'KB'; a size with one of the units GiB, GB, MiB, MB, KiB, kB, B was "
        + "expected; write '64kB'"
    ),
    ("payload", "1.5B", "'1.5B' is out of range; a whole number of bytes was expected; change it"),
    ("payload", "-1B", "'-1B' is negative; a size of at least 0B was expected; remove the sign"),
    (
      "share", "0.1",
      "'0.1' has no unit; a percentage from 0% to 100% with the unit % was expected; "
        + "write it like '0.1%'"
    ),
    (
      "share", "101%",
      "'101%' is out of range; a percentage from 0% to 100% was expected; change it"
    ),
    ("share", "-1%", "'-1%' is out of range; a percentage from 0% to 100% was expected; change it"),
    (
      "events", "10ms",
      "'10ms' has a unit; a number from 1 to 1000000 without a unit was expected; write '10'"
    ),
    (
      "events", "1.5",
      "'1.5' is not a whole number; one from 1 to 1000000 was expected; round it"
    ),
    (
      "events", "0",
      "'0' is out of range; a whole number from 1 to 1000000 was expected; change it"
    ),
    (
      "factor", ".inf",
      "'.inf' is not finite; a number from 0 to 10 was expected; write it like '0.5'"
    ),
    ("factor", "11", "'11' is out of range; a number from 0 to 10 was expected; change it"),
    (
      "fast", "yes", "'yes' is neither true nor false; one of the two was expected; write it so"
    ),
    (
      "world", "simulatd",
      "'simulatd' is not known here; one of 'simulated', 'shaped', 'broken' was expected; "
        + "did you mean 'simulated'?"
    ),
    (
      "wait", "[1ms]", "a list stands here; a duration was expected; write it as '20ms'"
    ),
    ("wait", "", "nothing stands here; a duration was expected; write it as '20ms'"),
  ])
  func `a wrong value is located and its right spelling said`(
    parameter: String, text: String, message: String
  ) {
    let column = 16 + parameter.count
    #expect(problem(parameter, text) == ["7:\(column): \(message)"])
  }

  @Test(arguments: [
    Value.integer(-5), .number(0.1), .number(3), .number(1e-9), .ratio(.percent(0.1)),
    .ratio(Ratio(1e-15) ?? .none), .ratio(.percent(33.3)), .duration(.milliseconds(1500)),
    .duration(.zero), .size(ByteCount(65_536)), .size(ByteCount(1_001)), .text("a b"), .flag(true),
  ])
  func `the canonical text of a value reads back as the value`(value: Value) throws {
    let kind: ValueKind =
      switch value {
      case .integer: .integer(.min...(.max))
      case .number: .number(-1e300...1e300)
      case .ratio: .ratio
      case .duration: .duration
      case .size: .size
      case .text: .text(choices: [])
      case .flag: .flag
      case .law: .law(unit: .number)
      }
    let read = try StrictYAML.read("v: '\(value)'", path: "x") { reader in
      reader.fields(["v"])?.read("v") { $0.value(kind) }
    }
    #expect(read == value)
  }

  @Test func `equal values have one canonical text`() throws {
    #expect(try value("payload", "1000B").map(\.description) == "1kB")
    #expect(try value("wait", "0.001s").map(\.description) == "1ms")
    #expect(try value("factor", "2.0").map(\.description) == "2")
    #expect(try value("share", "1.0%").map(\.description) == "1%")
  }
}
