// The axis of what was measured.

import LabGate

/// The scale and the ticks of a value axis.
///
/// A logarithmic axis that must show 0 or less is logarithmic on both sides of a small linear part.
struct ValueAxis {
  /// The scale.
  var scale: JSONValue
  /// The ticks.
  var ticks: JSONValue
  /// Whether the axis is logarithmic on both sides of 0.
  var isTwoSided = false

  /// Fits an axis to values.
  init(logarithmic: Bool, isZeroBased: Bool, values: [Double], tickCount: Int) {
    ticks = .sorted(["tickCount": .integer(tickCount)])
    if values.allSatisfy({ $0 == 0 }) {
      scale = .sorted(["domain": .array([.integer(0), .integer(1)])])
    } else if !logarithmic {
      scale = .sorted(["zero": .bool(isZeroBased)])
    } else if let least = values.min(), least > 0, let largest = values.max() {
      let places = Self.decades(from: least, to: largest)
      // A power of ten for each decade; twice and five times that where there are few.
      let steps = places.count > 3 ? [1.0] : [1, 2, 5]
      let marks = places.flatMap { place in steps.map { $0 * place } }
      let low = marks.last { $0 <= least } ?? least
      let high = max(marks.first { $0 >= largest } ?? largest, low * 1.001)
      scale = .sorted([
        "domain": .array([.number(low), .number(high)]), "nice": .bool(false),
        "type": .string("log"),
      ])
      ticks = .sorted(["values": .array(marks.map { .number($0) })])
    } else {
      let smallest = values.filter { $0 != 0 }.map(abs).min() ?? 1
      scale = .sorted(["constant": .number(smallest), "type": .string("symlog")])
      isTwoSided = true
    }
  }

  /// The powers of ten from the one at or below a number to the one at or above another.
  private static func decades(from least: Double, to largest: Double) -> [Double] {
    var exponent = 0
    while power(exponent) > least, exponent > -300 { exponent -= 1 }
    while power(exponent + 1) <= least, exponent < 300 { exponent += 1 }
    var decades = [power(exponent)]
    while let last = decades.last, last < largest, exponent < 300 {
      exponent += 1
      decades.append(power(exponent))
    }
    return decades
  }

  private static func power(_ exponent: Int) -> Double {
    let power = (0..<abs(exponent)).reduce(1.0) { power, _ in power * 10 }
    return exponent < 0 ? 1 / power : power
  }
}
