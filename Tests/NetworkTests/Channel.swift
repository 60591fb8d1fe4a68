// One direction of a link with its memory and its stream, for tests to send datagrams over.
import LabCore
import Network

/// A link that somebody is sending over.
struct Channel {
  let process: LinkProcess
  var state = LinkState()
  var random: RandomStream

  init(_ model: LinkModel, seed: UInt64 = 1) {
    process = LinkProcess(model)
    random = Seed(seed).stream()
  }

  mutating func send(_ bytes: Int = 100, at now: Instant = .zero) -> Transmission {
    process.transmit(bytes: bytes, at: now, state: &state, random: &random)
  }

  /// The delay of a datagram that arrives once and whole.
  mutating func delay(_ bytes: Int = 100, at now: Instant = .zero) -> Duration? {
    guard case .arrives(let arrival, corrupted: false) = send(bytes, at: now) else { return nil }
    return arrival - now
  }

  /// Whether each of a number of datagrams is lost.
  mutating func losses(_ count: Int) -> [Bool] {
    (0..<count).map { _ in send() == .lost(.lost) }
  }
}

/// The mean of numbers that may depend on their neighbours, with its standard error from the means
/// of equal batches.
struct BatchedMean {
  var mean: Double
  var standardError: Double

  init(_ values: [Double], batches: Int = 50) {
    let size = values.count / batches
    let means = (0..<batches).map { batch in
      values[batch * size..<(batch + 1) * size].reduce(0, +) / Double(size)
    }
    let mean = means.reduce(0, +) / Double(batches)
    let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardError = (squares / Double(batches - 1) / Double(batches)).squareRoot()
  }

  /// Whether a figure lies within three standard errors.
  func agrees(with figure: Double) -> Bool { abs(mean - figure) <= 3 * standardError }
}

extension Ratio {
  /// A share that the test knows to be one.
  static func of(_ value: Double) -> Ratio { .percent(value * 100) }
}
