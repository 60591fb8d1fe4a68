// Numbers as people read them: four significant digits, with a unit where the metric has one.

/// Writes figures, intervals and units the same way in tables, reports and captions.
public enum FigureText {
  /// A number with at most four significant digits, or as a whole number below a million.
  ///
  /// - Determinism: Depends on the number alone, not on locale or machine.
  public static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "∞" : "−∞" }
    if value == value.rounded(), abs(value) < 1e6 { return minus(String(Int(value))) }
    let rounded = significant(value, digits: digits)
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return minus(String(Int(rounded))) }
    return minus("\(rounded)")
  }

  /// A number with its unit: seconds as `12.3 ms`, bytes as `1.5 kB`, a plain number without one.
  ///
  /// - Parameter unit: The unit of a metric: `s`, `B`, `1`, `×`, or any other, which is appended.
  public static func quantity(_ value: Double, unit: String) -> String {
    let scale = scale(for: abs(value), unit: unit)
    return number(value / scale.factor) + scale.suffix
  }

  /// A figure followed by its interval, both in one unit; a dash when there is no figure.
  public static func figure(
    _ figure: Double?, interval: ClosedRange<Double>?, unit: String
  ) -> String {
    guard let figure else { return "–" }
    guard let interval else { return quantity(figure, unit: unit) }
    let largest = max(abs(interval.lowerBound), abs(interval.upperBound), abs(figure))
    let scale = scale(for: largest, unit: unit)
    let low = number(interval.lowerBound / scale.factor)
    let high = number(interval.upperBound / scale.factor)
    return "\(number(figure / scale.factor)) [\(low), \(high)]\(scale.suffix)"
  }

  /// A mean with half the width of its interval, both in one unit: `12.3 ± 0.4 ms`.
  public static func plusMinus(_ mean: Double, half: Double?, unit: String) -> String {
    let scale = scale(for: abs(mean), unit: unit)
    let text = number(mean / scale.factor)
    guard let half, half > 0 else { return text + scale.suffix }
    return "\(text) ± \(number(half / scale.factor, digits: 2))\(scale.suffix)"
  }

  /// The number rounded to some significant decimal digits.
  static func significant(_ value: Double, digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    var exponent = 0
    var magnitude = abs(value)
    while magnitude >= 10, exponent < 400 {
      magnitude /= 10
      exponent += 1
    }
    while magnitude < 1, exponent > -400 {
      magnitude *= 10
      exponent -= 1
    }
    let places = digits - 1 - exponent
    guard abs(places) <= 300 else { return value }
    let power = powerOfTen(abs(places))
    return places >= 0 ? (value * power).rounded() / power : (value / power).rounded() * power
  }

  private static func powerOfTen(_ exponent: Int) -> Double {
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  private static func minus(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  private static func scale(
    for magnitude: Double, unit: String
  ) -> (factor: Double, suffix: String) {
    switch unit {
    case "1", "": (1, "")
    case "×": (1, " ×")
    case "s": step(magnitude, [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")])
    case "B": step(magnitude, [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")])
    default: (1, " \(unit)")
    }
  }

  private static func step(
    _ magnitude: Double, _ steps: [(factor: Double, name: String)]
  ) -> (factor: Double, suffix: String) {
    guard let first = steps.first, let last = steps.last else { return (1, "") }
    if magnitude == 0 { return first.factor == 1 ? (1, " \(first.name)") : (1, " \(last.name)") }
    let fit = steps.first { magnitude >= $0.factor } ?? last
    return (fit.factor, " \(fit.name)")
  }
}
