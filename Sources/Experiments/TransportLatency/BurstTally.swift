// What requests that are made at once do to each other.
import LabCore
import LabRunner

/// The order and the spread of the responses of each burst, which is all requests of one instant.
struct BurstTally {
  /// The numbers of a burst's requests, in the order in which they were made.
  private let bursts: [Range<Int>]
  /// When each response came after its request, in nanoseconds, and in which order.
  private var answers: [(latency: Int64, place: Int)?]
  private var count = 0

  init(_ requests: [ExchangeLoad.Request]) {
    var bursts: [Range<Int>] = []
    for (number, request) in requests.enumerated() {
      if let last = bursts.last, requests[last.lowerBound].at == request.at {
        bursts[bursts.count - 1] = last.lowerBound..<number + 1
      } else {
        bursts.append(number..<number + 1)
      }
    }
    self.bursts = bursts
    answers = Array(repeating: nil, count: requests.count)
  }

  /// Takes the first response to a request.
  mutating func answer(_ number: Int, after latency: Duration) {
    answers[number] = (latency.nanoseconds, count)
    count += 1
  }

  /// Records what can be said where at least two requests of one burst were answered.
  func record(into recorder: inout Recorder) {
    var (fairness, overtaken, pairs, counted) = (0.0, 0, 0, 0)
    for burst in bursts {
      let come = answers[burst].compactMap { $0 }
      guard come.count > 1 else { continue }
      counted += 1
      fairness += Self.fairness(of: come.map { Double($0.latency) })
      overtaken += Self.inversions(come.map(\.place))
      pairs += come.count * (come.count - 1) / 2
    }
    guard counted > 0 else { return }
    recorder.record("fairness", fairness / Double(counted))
    recorder.record("overtaken_fraction", Double(overtaken) / Double(pairs))
  }

  /// Jain's index: 1 when all are equal, 1/n when one has all.
  ///
  /// > Source: Jain, Chiu and Hawe, *A Quantitative Measure of Fairness*, DEC-TR-301, 1984.
  static func fairness(of shares: [Double]) -> Double {
    let sum = shares.reduce(0, +)
    let squares = shares.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? sum * sum / (Double(shares.count) * squares) : 1
  }

  /// In how many pairs the later number stands first.
  ///
  /// - Complexity: O(n log n), by sorting and merging halves.
  static func inversions(_ numbers: [Int]) -> Int {
    var (numbers, buffer) = (numbers, numbers)
    var (found, width) = (0, 1)
    while width < numbers.count {
      for start in stride(from: 0, to: numbers.count, by: 2 * width) {
        let (middle, end) = (
          min(start + width, numbers.count), min(start + 2 * width, numbers.count)
        )
        var (left, right) = (start, middle)
        for place in start..<end {
          if left < middle, right == end || numbers[left] <= numbers[right] {
            buffer[place] = numbers[left]
            left += 1
          } else {
            buffer[place] = numbers[right]
            found += middle - left
            right += 1
          }
        }
      }
      swap(&numbers, &buffer)
      width *= 2
    }
    return found
  }
}
