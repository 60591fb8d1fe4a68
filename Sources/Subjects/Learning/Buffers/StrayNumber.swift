// What an environment gave that is no finite number.

/// An observation or a reward that is not finite in single precision, in which networks compute.
struct StrayNumber: Error, Hashable {
  /// What it is.
  let what: String
  /// In which step it came, counted from 1 since the collector was last called.
  let step: Int

  /// Refuses a step whose reward or whose observation is not finite.
  static func refuse(
    reward: Double, seeing observation: some Sequence<Float>, step: Int
  ) throws(StrayNumber) {
    guard Float(reward).isFinite else { throw StrayNumber(what: "a reward", step: step) }
    guard observation.allSatisfy(\.isFinite) else {
      throw StrayNumber(what: "an observation", step: step)
    }
  }
}
