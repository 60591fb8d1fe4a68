// Numbers as people write them: decimal digits, exactly, before any binary rounding.

/// A decimal number with up to eighteen digits.
struct DecimalNumber: Hashable, Sendable {
  /// The digits as a whole number, with the sign; no zero at the end unless it is zero.
  let digits: Int
  /// The power of ten by which the digits are multiplied.
  let exponent: Int

  /// Makes a number; zeros at the end of the digits move into the exponent.
  init(digits: Int, exponent: Int) {
    var digits = digits
    var exponent = digits == 0 ? 0 : exponent
    while digits != 0, digits % 10 == 0 {
      digits /= 10
      exponent += 1
    }
    self.digits = digits
    self.exponent = exponent
  }

  /// Reads the number at the start of a text: sign, digits, point, exponent.
  ///
  /// - Returns: The number and what follows it; `nil` when there is none, when it has more than
  ///   eighteen significant digits, or when its exponent leaves ±99.
  static func prefix(of text: String) -> (number: DecimalNumber, rest: Substring)? {
    var rest = text.utf8[...]
    var isNegative = false
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      isNegative = sign == UInt8(ascii: "-")
      rest.removeFirst()
    }
    var (digits, exponent, count) = (0, 0, 0)
    var isFraction = false
    while let byte = rest.first {
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        guard digits <= 99_999_999_999_999_999 else { return nil }
        digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
        exponent -= isFraction ? 1 : 0
        count += 1
      } else {
        break
      }
      rest.removeFirst()
    }
    guard count > 0, text.utf8[..<rest.startIndex].last != UInt8(ascii: ".") else { return nil }
    guard let scale = takeExponent(&rest) else { return nil }
    let number = DecimalNumber(digits: isNegative ? -digits : digits, exponent: exponent + scale)
    guard abs(number.exponent) <= 99 else { return nil }
    return (number, Substring(rest))
  }

  /// Takes `e-3` off the text; 0 when no exponent stands there, `nil` when it is too large.
  private static func takeExponent(_ rest: inout Substring.UTF8View) -> Int? {
    guard let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") else { return 0 }
    var end = rest.dropFirst()
    if let sign = end.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      end.removeFirst()
    }
    let figures = end.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !figures.isEmpty else { return 0 }
    let whole = rest.dropFirst()[..<figures.endIndex]
    rest = rest[figures.endIndex...]
    guard figures.count <= 2 else { return nil }
    return Int(Substring(whole))
  }

  /// The nearest double of the number times a power of ten.
  func double(timesTenTo power: Int = 0) -> Double {
    // The text is digits, `e` and a small exponent, which always reads back.
    Double("\(digits)e\(exponent + power)") ?? .nan
  }

  /// The number times a whole factor, if the product is a whole number that fits.
  func whole(times factor: Int) -> Int? {
    guard digits != 0 else { return 0 }
    var product = Int128(digits) * Int128(factor)
    var power = exponent
    while power < 0 {
      guard product % 10 == 0 else { return nil }
      product /= 10
      power += 1
    }
    while power > 0 {
      guard abs(product) <= Int128(Int.max) else { return nil }
      product *= 10
      power -= 1
    }
    return Int(exactly: product)
  }
}

extension DecimalNumber: CustomStringConvertible {
  /// The shortest usual writing: `10`, `0.25`, `-3`, `1e+20`.
  var description: String { plainNumber(double()) }
}

/// A double with the fewest digits that read back as the same, without `.0`.
func plainNumber(_ value: Double) -> String {
  let text = "\(value == 0 ? 0 : value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
