// Which tests are selected among.

import LabCore

extension TestSelection {
  /// The name with a hash of the tests and the rewards: a checkpoint over other tests is told apart
  /// by it.
  public var identity: String { "\(name)-\(String(fingerprint, radix: 16))" }

  /// A hash of every test and every reward.
  var fingerprint: UInt64 {
    var hasher = StableHasher()
    hasher.combine(tests.count)
    for test in tests {
      hasher.combine(test.duration.nanoseconds)
      hasher.combine(test.defectProbability)
      hasher.combine(test.detectionProbability)
      hasher.combine(test.flakeProbability)
      hasher.combine(test.cause.rawValue)
    }
    for reward in [
      rewards.found, rewards.escaped, rewards.falseAlarm, rewards.quarantine, rewards.machineMinute,
      rewards.unfit, rewards.isolationFactor,
    ] {
      hasher.combine(reward)
    }
    return hasher.finalize()
  }
}
