import LabCore
import Testing

@testable import Statistics

@Suite struct LatencyHistogramTests {
  private func filled(_ seed: UInt64, count: Int = 5_000, digits: Int = 3) throws
    -> LatencyHistogram
  {
    var histogram = try LatencyHistogram(significantDigits: digits)
    var random = Seed(seed).stream()
    for _ in 0..<count { try histogram.record(Int64(random.exponential(mean: 3e6))) }
    return histogram
  }

  @Test(arguments: 1...5)
  func `buckets lie side by side and are as narrow as the digits ask`(digits: Int) throws {
    let histogram = try LatencyHistogram(significantDigits: digits)
    var next: Int64 = 0
    var widest = 0.0
    // Every bucket at low precision; at high precision the first ones and every 997th.
    for index in 0..<histogram.bucketLimit {
      let range = histogram.range(ofBucket: index)
      guard range.lowerBound == next else {
        Issue.record("bucket \(index) begins at \(range.lowerBound) and not at \(next)")
        return
      }
      if digits < 4 || index % 997 == 0 {
        #expect(histogram.index(of: range.lowerBound) == index)
        #expect(histogram.index(of: range.upperBound) == index)
        if range.lowerBound > 0 {
          let width = Double(range.upperBound - range.lowerBound) / Double(range.lowerBound)
          widest = max(widest, width)
        }
      }
      next = range.upperBound == .max ? .max : range.upperBound + 1
    }
    #expect(next == .max)
    #expect(widest <= [1e-1, 1e-2, 1e-3, 1e-4, 1e-5][digits - 1])
  }

  @Test(arguments: [1, 2, 3, 4])
  func `quantiles are the sample's own to the digits asked for`(digits: Int) throws {
    var histogram = try LatencyHistogram(significantDigits: digits)
    var random = Seed(4).stream()
    let values = (0..<2_999).map { _ in Int64(random.exponential(mean: 5e7)) }.sorted()
    for value in values { try histogram.record(value) }
    for probability in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
      let rank = max(1, Int((probability * Double(values.count)).rounded(.up)))
      let exact = Double(values[rank - 1])
      let found = Double(try histogram.quantile(probability))
      #expect(found >= exact)
      #expect(found <= exact * (1 + [1e-1, 1e-2, 1e-3, 1e-4][digits - 1]) + 1)
    }
    #expect(try histogram.quantile(0) == values[0])
    #expect(try histogram.quantile(1) == values[values.count - 1])
  }

  @Test func `count, extremes, sum and mean are exact`() throws {
    var histogram = LatencyHistogram()
    try histogram.record(1_234_567)
    try histogram.record(7, count: 3)
    try histogram.record(99, count: 0)
    #expect(histogram.count == 4)
    #expect(histogram.min == 7)
    #expect(histogram.max == 1_234_567)
    #expect(histogram.sum == 1_234_588)
    #expect(histogram.mean == 308_647)
  }

  @Test func `the greatest integer is recorded without overflow`() throws {
    var histogram = LatencyHistogram()
    try histogram.record(.max, count: 1_000_000)
    #expect(try histogram.quantile(0.5) == .max)
    #expect(histogram.mean == Double(Int64.max))
    #expect(try LatencyHistogram(text: histogram.text) == histogram)
  }

  @Test func `merging is recording everything in one, in any order`() throws {
    let parts = try (1...4).map { try filled(UInt64($0), count: 500 * $0) }
    var forward = LatencyHistogram()
    var backward = LatencyHistogram()
    for part in parts { try forward.merge(part) }
    for part in parts.reversed() { try backward.merge(part) }
    #expect(forward == backward)
    #expect(forward.count == 5_000)
    var whole = LatencyHistogram()
    for part in 1...4 {
      var random = Seed(UInt64(part)).stream()
      for _ in 0..<500 * part { try whole.record(Int64(random.exponential(mean: 3e6))) }
    }
    #expect(forward == whole)
    try forward.merge(LatencyHistogram())
    #expect(forward == whole)
  }

  @Test func `an empty histogram has no quantile, mean or extremes`() {
    let histogram = LatencyHistogram()
    #expect(histogram.mean == nil)
    #expect(histogram.min == nil)
    #expect(histogram.max == nil)
    #expect(throws: LatencyHistogramError.empty) { try histogram.quantile(0.5) }
  }

  @Test func `what cannot be counted is refused and changes nothing`() throws {
    var histogram = LatencyHistogram()
    try histogram.record(5, count: .max)
    let before = histogram
    #expect(throws: LatencyHistogramError.negativeValue(-1)) { try histogram.record(-1) }
    #expect(throws: LatencyHistogramError.negativeCount(-2)) { try histogram.record(1, count: -2) }
    #expect(throws: LatencyHistogramError.countOverflow) { try histogram.record(5) }
    #expect(throws: LatencyHistogramError.countOverflow) { try histogram.merge(before) }
    let coarse = try LatencyHistogram(significantDigits: 2)
    #expect(throws: LatencyHistogramError.unequalDigits(3, 2)) { try histogram.merge(coarse) }
    #expect(throws: LatencyHistogramError.badProbability(1.5)) { try histogram.quantile(1.5) }
    #expect(throws: LatencyHistogramError.self) { try histogram.quantile(.nan) }
    #expect(histogram == before)
    for digits in [0, 6, -1, .max, .min] {
      #expect(throws: LatencyHistogramError.unsupportedDigits(digits)) {
        try LatencyHistogram(significantDigits: digits)
      }
    }
  }

  @Test(arguments: 1...5)
  func `text brings back an equal histogram`(digits: Int) throws {
    let histogram = try filled(8, digits: digits)
    let text = histogram.text
    let restored = try LatencyHistogram(text: text)
    #expect(restored == histogram)
    #expect(restored.text == text)
    #expect(!text.contains { $0 == "," || $0 == "\"" || $0 == "\n" })
  }

  @Test func `the text of a small histogram is the one on record`() throws {
    var histogram = LatencyHistogram()
    #expect(histogram.text == "lh1 3")
    #expect(try LatencyHistogram(text: "lh1 3") == histogram)
    try histogram.record(0)
    try histogram.record(3, count: 2)
    try histogram.record(5_000)
    #expect(histogram.text == "lh1 3 4 0 5000 5006 0:1 3:2 3295:1")
    #expect(try LatencyHistogram(text: histogram.text) == histogram)
  }

  @Test(arguments: [
    "", "lh1", "lh1 ", "lh2 3", "lh1 9", "lh1 3 ", "lh1 03", "lh1 3 4 0 5000 5006",
    "lh1 3 4 0 5000 5006 ", "lh1 3 5 0 5000 5006 0:1 3:2 3295:1",
    "lh1 3 4 0 9000 5006 0:1 3:2 3295:1", "lh1 3 4 1 5000 5006 0:1 3:2 3295:1",
    "lh1 3 4 0 5000 9999 0:1 3:2 3295:1", "lh1 3 4 0 5000 5006 0:1 0:2 3298:1",
    "lh1 3 4 0 5000 5006 0:1 3:2 3295:1 ", "lh1 3 4 0 5000 5006 0:1 3:0 3295:1",
    "lh1 3 4 0 5000 5006 0:1 3 3295:1", "lh1 3 1 0 0 0 99999999:1", "lh1 3 -1 0 0 0 0:1",
    "lh1 3 1 0 0 0 0:+1", "lh1 3 1 0 0 0 00:1", "lh1 3 1 0 0 0 0:1:1",
    "lh1 3 2 0 1 1 0:9223372036854775807 1:9223372036854775807",
    "lh1 3 1 0 0 999999999999999999999999999999999999999999 0:1",
    "lh1 3 1 0 9223372036854775807 0 9223372036854775807:1",
    "lh1 3 1 0 0 0 9223372036854775807:1 9223372036854775807:1",
  ])
  func `a text that no histogram writes is refused`(text: String) {
    #expect(throws: LatencyHistogramError.self) { try LatencyHistogram(text: text) }
  }

  @Test func `no cut and no changed byte of a text passes for another histogram unseen`() throws {
    var histogram = LatencyHistogram()
    for value: Int64 in [0, 3, 3, 17, 450, 451, 1_999, 3_001, 4_400] { try histogram.record(value) }
    let bytes = Array(histogram.text.utf8)
    for length in 0..<bytes.count {
      let cut = try? LatencyHistogram(text: String(decoding: bytes[..<length], as: UTF8.self))
      // The one shorter text that is whole by itself is the empty histogram.
      #expect(cut == nil || cut == LatencyHistogram())
    }
    for position in bytes.indices {
      for byte in [UInt8(ascii: " "), UInt8(ascii: ":"), UInt8(ascii: "9"), 0xff] {
        var changed = bytes
        changed[position] = byte
        let text = String(decoding: changed, as: UTF8.self)
        if let read = try? LatencyHistogram(text: text) { #expect(read.text == text) }
      }
    }
  }

  @Test func `a text longer than any histogram is refused unread`() {
    let text = "lh1 1 " + String(repeating: "1:1 ", count: 20_000)
    #expect(throws: LatencyHistogramError.malformedText(reason: "it is too long")) {
      try LatencyHistogram(text: text)
    }
  }

  @Test func `pooling texts gives what merging histograms gives`() throws {
    var random = Seed(7).stream()
    var merged = LatencyHistogram()
    var pooled: LatencyHistogram?
    for _ in 0..<20 {
      var histogram = LatencyHistogram()
      for _ in 0..<random.below(50) { try histogram.record(Int64(random.below(1 << 40))) }
      try merged.merge(histogram)
      try LatencyHistogram.pool(histogram.text, into: &pooled)
    }
    #expect(pooled == merged)
  }

  @Test func `a text that cannot be pooled changes nothing`() throws {
    var pooled: LatencyHistogram?
    try LatencyHistogram.pool("lh1 3 1 5 5 5 5:1", into: &pooled)
    let before = pooled
    #expect(throws: LatencyHistogramError.unequalDigits(3, 2)) {
      try LatencyHistogram.pool("lh1 2 1 5 5 5 5:1", into: &pooled)
    }
    #expect(throws: LatencyHistogramError.self) {
      try LatencyHistogram.pool("lh1 3 1 5 5 5 5:2", into: &pooled)
    }
    #expect(pooled == before)
  }
}
