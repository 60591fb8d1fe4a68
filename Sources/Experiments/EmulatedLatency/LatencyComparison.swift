// What two worlds say of one quantile of the same latencies.
import LabCore

/// A quantile of the latency on the emulated link and in the simulator.
struct LatencyComparison: Hashable {
  /// The emulated quantile in seconds.
  let emulated: Double
  /// The simulated one with the computing time, in seconds.
  let simulated: Double
  /// What was added to the simulated one: how much longer the same exchange takes on real sockets
  /// than in the simulator where the link takes no time, in seconds.
  let computing: Double

  /// The share of the emulated quantile by which the simulated one is longer; negative when it is
  /// shorter.
  var error: Double { (simulated - emulated) / emulated }

  /// The share of the emulated quantile that was measured as computing and not simulated.
  var computingShare: Double { computing / emulated }

  /// Compares a quantile.
  ///
  /// - Parameters:
  ///   - share: The quantile, in 0 to 1; the computing time is the difference of the same quantile.
  ///   - link: The latencies on the link.
  ///   - bare: Those of the same exchange on a link that takes no time.
  ///   - planted: What is added to the computing time; an error that must be found.
  /// - Throws: ``ExchangeLoadError/noAnswer`` where nothing was answered.
  init(
    ofQuantile share: Double, link: Pair, bare: Pair, planted: Duration = .zero
  ) throws(ExchangeLoadError) {
    guard let emulated = link.emulated.quantile(share),
      let simulated = link.simulated.quantile(share), let real = bare.emulated.quantile(share),
      let virtual = bare.simulated.quantile(share)
    else { throw .noAnswer }
    computing = real - virtual + planted.seconds
    self.emulated = emulated
    self.simulated = simulated + computing
  }

  /// What came of one load in both worlds.
  struct Pair {
    var emulated: ExchangeTally
    var simulated: ExchangeTally

    /// The share of requests that were answered, in the world that answered fewer.
    var answeredFraction: Double { min(emulated.answeredFraction, simulated.answeredFraction) }
  }
}
