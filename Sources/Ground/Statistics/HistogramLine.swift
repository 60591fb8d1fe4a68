// The parts of a histogram's text, read byte by byte and held against each other.

/// A histogram as its text has it: only the buckets that are not empty.
struct HistogramLine {
  /// The first word of every text: the form and its version.
  static let mark = "lh1"

  let digits: Int
  private(set) var count: Int64 = 0
  /// The smallest and the largest value; `nil` of an empty histogram.
  private(set) var extremes: ClosedRange<Int64>?
  private(set) var sum: UInt128 = 0
  /// The buckets in ascending order.
  private(set) var buckets: [(index: Int, count: Int64)] = []

  /// Reads a text.
  ///
  /// - Throws: ``LatencyHistogramError/malformedText(reason:)``,
  ///   ``LatencyHistogramError/unsupportedDigits(_:)``.
  init(_ text: String) throws(LatencyHistogramError) {
    var words = HistogramWords(text)
    guard words.skip(Self.mark + " ") else {
      throw .malformedText(reason: "it does not begin with \(Self.mark)")
    }
    digits = try words.number("digits")
    let layout = try LatencyHistogram(significantDigits: digits)
    guard !words.isAtEnd else { return }
    // A bucket takes a number of at most 7 digits, a colon, a count of at most 19 and a space.
    guard words.count <= 256 + 28 * layout.bucketLimit else {
      throw .malformedText(reason: "it is too long")
    }
    count = try words.number("count", after: " ")
    let min: Int64 = try words.number("min", after: " ")
    let max: Int64 = try words.number("max", after: " ")
    sum = try words.number("sum", after: " ")
    guard min <= max else { throw .malformedText(reason: "the extremes are the wrong way round") }
    extremes = min...max
    repeat { try readBucket(&words, limit: layout.bucketLimit) } while !words.isAtEnd
    try check(layout, extremes: min...max)
  }

  private mutating func readBucket(
    _ words: inout HistogramWords, limit: Int
  ) throws(LatencyHistogramError) {
    let distance: Int = try words.number("bucket", after: " ")
    let count: Int64 = try words.number("bucket's count", after: ":")
    let previous = buckets.last?.index ?? 0
    guard count > 0, distance > 0 || buckets.isEmpty, distance < limit - previous else {
      throw .malformedText(reason: "a bucket is empty, repeated or out of range")
    }
    buckets.append((previous + distance, count))
  }

  /// Holds count, extremes and sum against the buckets.
  private func check(
    _ layout: LatencyHistogram, extremes: ClosedRange<Int64>
  ) throws(LatencyHistogramError) {
    var total: Int64 = 0
    var least: UInt128 = 0
    var greatest: UInt128 = 0
    for bucket in buckets {
      let range = layout.range(ofBucket: bucket.index)
      let (grown, overflow) = total.addingReportingOverflow(bucket.count)
      guard !overflow else { throw .countOverflow }
      total = grown
      least += UInt128(range.lowerBound) * UInt128(bucket.count)
      greatest += UInt128(range.upperBound) * UInt128(bucket.count)
    }
    guard total == count else {
      throw .malformedText(reason: "the count is not the sum of the buckets")
    }
    guard buckets.first?.index == layout.index(of: extremes.lowerBound),
      buckets.last?.index == layout.index(of: extremes.upperBound)
    else { throw .malformedText(reason: "an extreme is not in the outermost bucket") }
    guard sum >= least, sum <= greatest else {
      throw .malformedText(reason: "the sum does not fit the buckets")
    }
  }
}

/// Takes numbers from a text from left to right.
private struct HistogramWords {
  private let bytes: [UInt8]
  private var place = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var count: Int { bytes.count }
  var isAtEnd: Bool { place == bytes.count }

  /// Skips a text, if it stands here.
  mutating func skip(_ text: String) -> Bool {
    let start = place
    for byte in text.utf8 {
      guard place < bytes.count, bytes[place] == byte else {
        place = start
        return false
      }
      place += 1
    }
    return true
  }

  /// A number in plain digits, without sign, spaces or leading zeros.
  ///
  /// - Parameter separator: What stands before it.
  mutating func number<Word: FixedWidthInteger>(
    _ part: String, after separator: Unicode.Scalar? = nil
  ) throws(LatencyHistogramError) -> Word {
    if let separator {
      guard place < bytes.count, bytes[place] == UInt8(ascii: separator) else {
        throw .malformedText(reason: "the \(part) is missing")
      }
      place += 1
    }
    let start = place
    var word: Word = 0
    var isSound = true
    while place < bytes.count, case let digit = bytes[place] &- 0x30, digit < 10 {
      let (product, overflow) = word.multipliedReportingOverflow(by: 10)
      let (next, carry) = product.addingReportingOverflow(Word(digit))
      isSound = isSound && !overflow && !carry
      word = next
      place += 1
    }
    let length = place - start
    guard isSound, length == 1 || (length > 1 && bytes[start] != 0x30) else {
      throw .malformedText(reason: "the \(part) is no plain number")
    }
    return word
  }
}
