/// A size in whole bytes.
public struct ByteCount: Hashable, Sendable, BitwiseCopyable, Comparable {
  /// Whole bytes, never negative in a value that a manifest can write.
  public var bytes: Int

  /// Makes a size of whole bytes.
  @inlinable public init(_ bytes: Int) { self.bytes = bytes }

  @inlinable public static func < (left: ByteCount, right: ByteCount) -> Bool {
    left.bytes < right.bytes
  }
}

extension ByteCount: CustomStringConvertible {
  /// The size in the largest unit that keeps it whole, as manifests write it: `64KiB`, `70kB`.
  public var description: String {
    for (unit, size) in Self.units where bytes != 0 && bytes % size == 0 {
      return "\(bytes / size)\(unit)"
    }
    return "0B"
  }

  /// The units that a manifest may write, largest first, with their size in bytes.
  public static let units: [(name: String, bytes: Int)] = [
    ("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000),
    ("KiB", 1 << 10), ("kB", 1_000), ("B", 1),
  ]
}

/// A share of a whole, from 0 to 1; a manifest writes it as a percentage.
public struct Ratio: Hashable, Sendable, BitwiseCopyable, Comparable {
  /// The share, 0 for none and 1 for all.
  public let value: Double

  /// Makes a share of a whole.
  ///
  /// - Returns: `nil` when `value` is NaN or outside 0…1.
  @inlinable public init?(_ value: Double) {
    guard value >= 0, value <= 1 else { return nil }
    self.value = value
  }

  /// Makes a share from a literal that is known to be right.
  ///
  /// - Precondition: `percent` lies in 0…100.
  @inlinable public static func percent(_ percent: Double) -> Ratio {
    guard let ratio = Ratio(percent / 100) else {
      preconditionFailure("a ratio lies between 0 and 100 percent, not \(percent)")
    }
    return ratio
  }

  /// None of the whole.
  @inlinable public static var none: Ratio { .percent(0) }

  @inlinable public static func < (left: Ratio, right: Ratio) -> Bool { left.value < right.value }
}

extension Ratio: CustomStringConvertible {
  /// The share as a percentage with as many digits as it needs: `1%`, `0.1%`.
  public var description: String {
    let percent = (value * 1e14).rounded() / 1e12
    return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
  }
}
