// Blocks with known times, for tests of the judge of comparisons.

import Glibc
import LabCore
import LabRecord
import Statistics

/// Makes blocks whose times are known.
struct ComparisonBlocks {
  /// The law of the logarithm of a slot's noise.
  var noise = Law.normal(mean: 0, standardDeviation: 0.02)
  /// What the head takes for what the base takes 1.
  var ratio = 1.0
  /// What the control takes, which should be 1.
  var controlRatio = 1.0
  /// How much longer each slot takes than the one before, as a share.
  var drift = 0.0
  /// The chance of a slot to be prolonged by other work, and by how much at least.
  var spikes: (chance: Double, least: Double) = (0, 0)

  func make(_ count: Int, seed: Seed) -> [ComparisonBlock] {
    var random = seed.stream()
    return (0..<count).map { index in
      let slots = ComparisonBlock.order(ofBlock: index).enumerated().map { place, role in
        var time = exp(noise.sample(&random))
        time *= 1 + drift * Double(index * ComparisonBlock.slotCount + place)
        if random.unit() < spikes.chance { time += spikes.least / random.positiveUnit() }
        switch role {
        case .base: break
        case .control: time *= controlRatio
        case .head: time *= ratio
        }
        return ComparisonBlock.Slot(
          role: role, cpuSeconds: time / 20, wallSeconds: time / 10, contextSwitches: 3)
      }
      return ComparisonBlock(
        index: index, slots: slots, runsPerSlot: 2, load: 1.25, stealSeconds: 0.01)
    }
  }
}
