// Numbers with units, as they stand in a file, before anybody asks what they are for.

import LabCore

/// What a number with a unit measures.
enum QuantityKind: String, Hashable, Sendable {
  /// Nothing: a bare number.
  case number
  /// A share of a whole, in per cent.
  case ratio
  /// A length of time.
  case duration
  /// A size in bytes.
  case size
  /// Bits a second.
  case rate

  /// The units with the number of base units in each, largest first; the base is the last one's.
  var units: [(name: String, factor: Int)] {
    switch self {
    case .number: []
    case .ratio: [("%", 1)]
    case .duration: Duration.units.map { ($0.name, Int($0.nanoseconds)) }
    case .size: ByteCount.units.map { ($0.name, $0.bytes) }
    case .rate:
      [
        ("Gbit/s", 1_000_000_000), ("Mbit/s", 1_000_000), ("kbit/s", 1_000), ("bit/s", 1),
      ]
    }
  }

  /// What it is called in errors, with its article.
  var noun: String {
    switch self {
    case .number: "a number"
    case .ratio: "a percentage from 0% to 100%"
    case .duration: "a duration"
    case .size: "a size"
    case .rate: "a rate"
    }
  }

  /// A right spelling.
  var example: String {
    switch self {
    case .number: "0.5"
    case .ratio: "1%"
    case .duration: "20ms"
    case .size: "64KiB"
    case .rate: "10Mbit/s"
    }
  }

  /// What people write for a unit, in lower case, and what they mean.
  var synonyms: [String: String] {
    switch self {
    case .number, .ratio: ["percent": "%"]
    case .duration:
      [
        "µs": "us", "μs": "us", "usec": "us", "msec": "ms", "sec": "s", "secs": "s", "second": "s",
        "seconds": "s", "m": "min", "mins": "min", "minute": "min", "minutes": "min", "hr": "h",
        "hour": "h", "hours": "h", "millis": "ms", "nsec": "ns",
      ]
    case .size:
      [
        "k": "kB", "kb": "kB", "kib": "KiB", "ki": "KiB", "m": "MB", "mb": "MB", "mib": "MiB",
        "mi": "MiB", "g": "GB", "gb": "GB", "gib": "GiB", "gi": "GiB", "b": "B", "byte": "B",
        "bytes": "B",
      ]
    case .rate:
      [
        "gbps": "Gbit/s", "mbps": "Mbit/s", "kbps": "kbit/s", "bps": "bit/s", "gbit": "Gbit/s",
        "mbit": "Mbit/s", "kbit": "kbit/s", "bit": "bit/s", "gb/s": "Gbit/s", "mb/s": "Mbit/s",
        "kb/s": "kbit/s", "gbit/s": "Gbit/s", "mbit/s": "Mbit/s",
      ]
    }
  }
}

/// A number with its unit.
struct Quantity: Hashable, Sendable {
  /// What it measures.
  let kind: QuantityKind
  /// The number as written.
  let number: DecimalNumber
  /// How many base units the written unit has.
  let factor: Int

  /// Makes a quantity.
  init(kind: QuantityKind, number: DecimalNumber, factor: Int) {
    self.kind = kind
    self.number = number
    self.factor = factor
  }

  /// Reads a text that is a number and a unit of any kind, without anything else.
  init?(_ text: String) {
    guard let (number, unit) = DecimalNumber.prefix(of: text) else { return nil }
    self.number = number
    guard !unit.isEmpty else {
      (kind, factor) = (.number, 1)
      return
    }
    for kind in [QuantityKind.duration, .size, .ratio, .rate] {
      if let found = kind.units.first(where: { $0.name == unit }) {
        (self.kind, factor) = (kind, found.factor)
        return
      }
    }
    return nil
  }

  /// The amount in base units: nanoseconds, bytes, per cent, bits a second.
  var amount: Double { number.double() * Double(factor) }

  /// The amount in base units, if it is a whole number.
  var whole: Int? { number.whole(times: factor) }

  /// The amount in the unit of measurements: seconds, bytes, a share of 1, bits a second.
  var measured: Double {
    switch kind {
    case .ratio: number.double() / 100
    case .duration:
      switch factor {
      case 1: number.double(timesTenTo: -9)
      case 1_000: number.double(timesTenTo: -6)
      case 1_000_000: number.double(timesTenTo: -3)
      default: number.double() * Double(factor / 1_000_000_000)
      }
    case .number, .size, .rate: amount
    }
  }

  /// The quantity in the one way in which equal ones are written alike.
  var canonicalText: String {
    switch kind {
    case .number: return number.description
    case .ratio: return number.description + "%"
    case .duration:
      return whole.map { Duration(nanoseconds: Int64($0)).description } ?? plainNumber(amount)
        + "ns"
    case .size: return whole.map { ByteCount($0).description } ?? plainNumber(amount) + "B"
    case .rate: return rateText(amount)
    }
  }
}

/// A rate in the largest unit that keeps it whole.
func rateText(_ bitsPerSecond: Double) -> String {
  for (name, factor) in QuantityKind.rate.units {
    let count = bitsPerSecond / Double(factor)
    if count >= 1, count == count.rounded() { return plainNumber(count) + name }
  }
  return plainNumber(bitsPerSecond) + "bit/s"
}
