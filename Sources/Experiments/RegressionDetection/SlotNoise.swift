// What timings of an unchanged program look like.
import Glibc
import LabCore
import LabRecord
import Statistics

/// Where the noise of timings comes from.
enum SlotNoise: String, CaseIterable {
  /// Independent slots whose logarithms are normal with a standard deviation of 5 %.
  case lognormal
  /// A floor, an exponential excess of 3 %, and in every tenth slot a spike of 20 % or more with a
  /// Pareto tail of index 1.5, whose variance is infinite.
  case spikes
  /// A slow wave that neighbours share (first-order autoregression, 0.95 from slot to slot, 6.4 %
  /// in all) under 1 % of noise of their own.
  case drift
  /// What a real program did on a busy machine.
  case recorded
}

/// Gives series of slots in which nothing has changed.
struct NoiseSource {
  /// The kind of noise.
  let noise: SlotNoise
  /// The recorded slots in the order of time, in seconds; empty unless they are asked for.
  let recording: [Double]

  /// What a series is for; a recording has a half for each, so that no slot serves both.
  enum Use {
    /// To set thresholds where nothing has changed.
    case calibration
    /// To try rules on.
    case trial
  }

  /// Prepares a source.
  ///
  /// - Parameter path: The table of blocks that ``SlotNoise/recorded`` reads.
  /// - Throws: `RecordError` for a table that is not what it must be.
  init(_ noise: SlotNoise, recording path: String) throws(RecordError) {
    self.noise = noise
    guard noise == .recorded else {
      recording = []
      return
    }
    let bytes = try RecordFile.read(path, limit: 8 << 20)
    recording = try ComparisonBlock.read(table: bytes, path: path)
      .flatMap { $0.slots.map(\.cpuSeconds) }
  }

  /// A series of slots.
  ///
  /// - Parameter count: How many; at most half of a recording.
  func series(_ count: Int, for use: Use, _ random: inout RandomStream) -> [Double] {
    switch noise {
    case .lognormal:
      let law = Law.lognormal(median: 1, sigma: 0.05)
      return (0..<count).map { _ in law.sample(&random) }
    case .spikes:
      let excess = Law.exponential(mean: 0.03)
      let spike = Law.pareto(minimum: 0.2, tailIndex: 1.5)
      return (0..<count).map { _ in
        1 + excess.sample(&random) + (random.unit() < 0.1 ? spike.sample(&random) : 0)
      }
    case .drift: return wave(count, &random)
    case .recorded:
      let half = recording.count / 2
      guard count <= half else { return [] }
      let start = (use == .calibration ? 0 : half) + random.below(half - count + 1)
      return Array(recording[start..<(start + count)])
    }
  }

  private func wave(_ count: Int, _ random: inout RandomStream) -> [Double] {
    let (carried, step, own) = (0.95, 0.02, 0.01)
    let standard = Law.normal(mean: 0, standardDeviation: 1)
    var level = standard.sample(&random) * step / (1 - carried * carried).squareRoot()
    return (0..<count).map { _ in
      level = carried * level + step * standard.sample(&random)
      return exp(level + own * standard.sample(&random))
    }
  }
}
