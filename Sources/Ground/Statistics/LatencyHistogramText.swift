// A histogram as one line of text for a cell of a table or a string in JSON, and back.

extension LatencyHistogram {
  /// The first word of every text: the form and its version.
  private static let mark = "lh1"

  /// The histogram in one line of digits, spaces and colons: no comma, no quotation mark.
  ///
  /// `lh1 <digits> <count> <min> <max> <sum> <bucket>:<count> …`, with every bucket that is not
  /// empty, in ascending order, as its distance from the one before. An empty histogram ends after
  /// the digits. Reading the text gives an equal histogram, and equal histograms give equal texts.
  public var text: String {
    guard let min, let max else { return "\(Self.mark) \(significantDigits)" }
    var text = "\(Self.mark) \(significantDigits) \(count) \(min) \(max) \(sum)"
    var previous = 0
    for (index, bucket) in buckets.enumerated() where bucket > 0 {
      text += " \(index - previous):\(bucket)"
      previous = index
    }
    return text
  }

  /// Reads what ``text`` wrote.
  ///
  /// A text whose parts contradict each other (count, extremes or sum against the buckets) is
  /// refused, so that a mended or truncated one does not pass for a record.
  /// - Throws: ``LatencyHistogramError/malformedText(reason:)``,
  ///   ``LatencyHistogramError/unsupportedDigits(_:)``.
  /// - Complexity: One pass; a text longer than 28 bytes a bucket is refused unread.
  public init(text: String) throws(LatencyHistogramError) {
    let head = text.utf8.split(
      separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard head.count >= 2, head[0].elementsEqual(Self.mark.utf8) else {
      throw .malformedText(reason: "it does not begin with \(Self.mark)")
    }
    let digits: Int = try Self.number(head[1], "digits")
    let empty = try LatencyHistogram(significantDigits: digits)
    if head.count == 2 {
      self = empty
      return
    }
    // A bucket takes a number of at most 7 digits, a colon, a count of at most 19 and a space.
    guard text.utf8.count <= 256 + 28 * empty.bucketLimit else {
      throw .malformedText(reason: "it is too long")
    }
    let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count >= 7 else { throw .malformedText(reason: "parts are missing") }
    let count: Int64 = try Self.number(words[2], "count")
    let min: Int64 = try Self.number(words[3], "min")
    let max: Int64 = try Self.number(words[4], "max")
    let sum: UInt128 = try Self.number(words[5], "sum")
    let buckets = try empty.readBuckets(words[6...])
    try empty.check(buckets, count: count, min: min, max: max, sum: sum)
    try self.init(digits: digits, count: count, min: min, max: max, sum: sum, buckets: buckets)
  }

  private func readBuckets(
    _ words: ArraySlice<Substring.UTF8View>
  ) throws(LatencyHistogramError) -> [Int64] {
    var buckets: [Int64] = []
    for word in words {
      let halves = word.split(
        separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2 else { throw .malformedText(reason: "a bucket has no colon") }
      let distance: Int = try Self.number(halves[0], "bucket")
      let count: Int64 = try Self.number(halves[1], "bucket's count")
      let previous = Swift.max(buckets.count - 1, 0)
      guard count > 0, distance > 0 || buckets.isEmpty, distance < bucketLimit - previous else {
        throw .malformedText(reason: "a bucket is empty, repeated or out of range")
      }
      let zeros = previous + distance - buckets.count
      buckets.append(contentsOf: repeatElement(0, count: zeros))
      buckets.append(count)
    }
    return buckets
  }

  /// Holds count, extremes and sum against the buckets.
  private func check(
    _ buckets: [Int64], count: Int64, min: Int64, max: Int64, sum: UInt128
  ) throws(LatencyHistogramError) {
    var total: UInt128 = 0
    var least: UInt128 = 0
    var greatest: UInt128 = 0
    for (index, bucket) in buckets.enumerated() where bucket > 0 {
      let range = range(ofBucket: index)
      total += UInt128(bucket)
      least += UInt128(range.lowerBound) * UInt128(bucket)
      greatest += UInt128(range.upperBound) * UInt128(bucket)
      guard total <= UInt128(Int64.max) else { throw .countOverflow }
    }
    guard total == UInt128(count) else {
      throw .malformedText(reason: "the count is not the sum of the buckets")
    }
    guard min <= max, buckets.firstIndex(where: { $0 > 0 }) == index(of: min),
      buckets.count - 1 == index(of: max)
    else { throw .malformedText(reason: "an extreme is not in the outermost bucket") }
    guard sum >= least, sum <= greatest else {
      throw .malformedText(reason: "the sum does not fit the buckets")
    }
  }

  /// A number in plain digits, without sign, spaces or leading zeros.
  private static func number<Word: FixedWidthInteger>(
    _ digits: Substring.UTF8View, _ part: String
  ) throws(LatencyHistogramError) -> Word {
    let isPlain = !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    let isCanonical = isPlain && (digits.count == 1 || digits.first != 0x30)
    guard isCanonical, let word = Word(Substring(digits)) else {
      throw .malformedText(reason: "the \(part) is no plain number")
    }
    return word
  }
}
