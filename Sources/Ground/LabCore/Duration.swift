/// A length of time in whole nanoseconds, from about −292 to +292 years.
///
/// The standard library's `Duration` counts attoseconds in 128 bits; a simulator orders millions of
/// instants a second, so this one is a single 64-bit integer. Arithmetic that leaves the range
/// traps.
public struct Duration: Hashable, Sendable, BitwiseCopyable, Comparable {
  /// Whole nanoseconds; negative for a span that points into the past.
  public var nanoseconds: Int64

  /// Makes a span of whole nanoseconds.
  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes a span from seconds, rounded to the nearest nanosecond.
  ///
  /// - Parameter seconds: A finite number within ±9.2e9.
  /// - Returns: `nil` when `seconds` is NaN, infinite or out of range.
  @inlinable public init?(seconds: Double) {
    let scaled = (seconds * 1e9).rounded()
    guard scaled.isFinite, abs(scaled) < 9.2e18 else { return nil }
    nanoseconds = Int64(scaled)
  }

  /// No time at all.
  @inlinable public static var zero: Duration { Duration(nanoseconds: 0) }
  /// The longest span that can be written.
  @inlinable public static var max: Duration { Duration(nanoseconds: .max) }
  /// A span of whole nanoseconds.
  @inlinable public static func nanoseconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count)
  }
  /// A span of whole microseconds.
  @inlinable public static func microseconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count * 1_000)
  }
  /// A span of whole milliseconds.
  @inlinable public static func milliseconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count * 1_000_000)
  }
  /// A span of whole seconds.
  @inlinable public static func seconds(_ count: Int64) -> Duration {
    Duration(nanoseconds: count * 1_000_000_000)
  }

  /// The span in seconds, as near as a double comes.
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
  /// The span in milliseconds, as near as a double comes.
  @inlinable public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  @inlinable public static func < (left: Duration, right: Duration) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  /// The sum of two spans.
  @inlinable public static func + (left: Duration, right: Duration) -> Duration {
    Duration(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  /// The difference of two spans.
  @inlinable public static func - (left: Duration, right: Duration) -> Duration {
    Duration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
  /// A span repeated a whole number of times.
  @inlinable public static func * (left: Duration, right: Int64) -> Duration {
    Duration(nanoseconds: left.nanoseconds * right)
  }
  /// Lengthens a span in place.
  @inlinable public static func += (left: inout Duration, right: Duration) { left = left + right }
}

extension Duration: CustomStringConvertible {
  /// The span in the largest unit that keeps it whole, as manifests write it: `20ms`, `1500us`.
  public var description: String {
    for (unit, size) in Self.units where nanoseconds % size == 0 && nanoseconds != 0 {
      return "\(nanoseconds / size)\(unit)"
    }
    return "0s"
  }

  /// The units that a manifest may write, largest first, with their length in nanoseconds.
  public static let units: [(name: String, nanoseconds: Int64)] = [
    ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]
}

/// A point on a world's clock: nanoseconds since that world began.
public struct Instant: Hashable, Sendable, BitwiseCopyable, Comparable {
  /// Whole nanoseconds since the world began.
  public var nanoseconds: Int64

  /// Makes the point a number of nanoseconds after the beginning.
  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The moment in which a world begins.
  @inlinable public static var zero: Instant { Instant(nanoseconds: 0) }
  /// The last moment that can be written; nothing is ever scheduled there.
  @inlinable public static var never: Instant { Instant(nanoseconds: .max) }
  /// Seconds since the beginning, as near as a double comes.
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
  /// The point a span later; it stops at ``never`` instead of wrapping.
  @inlinable public static func + (left: Instant, right: Duration) -> Instant {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    return overflow ? .never : Instant(nanoseconds: sum)
  }
  /// The span from the right point to the left one.
  @inlinable public static func - (left: Instant, right: Instant) -> Duration {
    Duration(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
}

extension Instant: CustomStringConvertible {
  /// The point in seconds with nine decimals, so that columns line up.
  public var description: String {
    let fraction = String(nanoseconds.magnitude % 1_000_000_000)
    let padded = String(repeating: "0", count: 9 - fraction.count) + fraction
    return "\(nanoseconds < 0 ? "-" : "")\(nanoseconds.magnitude / 1_000_000_000).\(padded)s"
  }
}
