// The Decision Transformer, driven from outside.

import LabCore

/// The Decision Transformer, with the episodes of each agent.
struct SequenceMind: FleetMind {
  private let settings: FleetSettings
  private let held: FleetTransformer
  /// Every remembered step in the order of coming; episodes, open and finished, follow from them.
  private var lived: [FleetStep] = []
  /// How many steps have been recorded, forgotten ones included.
  private var recorded = 0
  private var open: [Int: [FleetStep]] = [:]
  private var buffer = TrajectoryBuffer()

  init(_ transformer: consuming DecisionTransformer, _ settings: FleetSettings) {
    held = FleetTransformer(transformer)
    self.settings = settings
  }

  mutating func choose(for agent: Int, seeing: [Float], _ random: inout RandomStream) -> Int {
    if recorded < settings.randomSteps || random.unit() < settings.exploration {
      return random.below(held.transformer.network.actionCount)
    }
    return answer(open[agent] ?? [], seeing)
  }

  func predict(seeing: [Float]) -> Int { answer([], seeing) }

  private func answer(_ steps: [FleetStep], _ seen: [Float]) -> Int {
    var history = DecisionHistory(
      aimingAt: buffer.bestReturn ?? 0, seeing: steps.first?.observation ?? seen)
    for (index, step) in steps.enumerated() {
      history.append(
        step.action, earning: step.reward,
        seeing: index + 1 < steps.count ? steps[index + 1].observation : seen)
    }
    return held.transformer.act(after: history)
  }

  mutating func record(_ step: FleetStep) throws(LearningError) {
    guard lived.count < settings.memory || buffer.steps > 0 else {
      throw .badSetting(
        name: "the number of experiences in open episodes", value: "\(lived.count + 1)",
        expected: "at most \(settings.memory), which is the memory,")
    }
    try take(step)
    if lived.count == settings.memory { forgetOldest() }
    lived.append(step)
    recorded += 1
  }

  /// Forgets the episode that was finished first.
  private mutating func forgetOldest() {
    // What its agent lived through until then is that episode, for earlier ones are forgotten.
    guard let end = lived.firstIndex(where: { $0.end != .none }) else { return }
    let agent = lived[end].agent
    let others = lived[...end].filter { $0.agent != agent }
    lived = others + lived[(end + 1)...]
    buffer.removeFirst()
  }

  private mutating func take(_ step: FleetStep) throws(LearningError) {
    let steps = (open[step.agent] ?? []) + [step]
    guard step.end != .none else {
      open[step.agent] = steps
      return
    }
    let rewards = steps.map(\.reward)
    buffer.append(
      try Trajectory(
        observations: steps.map(\.observation), actions: steps.map(\.action), rewards: rewards,
        expecting: step.end == .truncated ? rewards.reduce(0, +) : 0))
    open[step.agent] = nil
  }

  mutating func train(on count: Int, _ random: inout RandomStream) -> Bool {
    guard buffer.steps > 0 else { return true }
    do throws(LearningError) {
      // An update looks at as many steps as a stretch has, many times over.
      let context = held.transformer.settings.context
      try held.transformer.train(on: buffer, updates: (count + context - 1) / context)
      return true
    } catch {
      // The trajectories were checked when they were recorded, so it is the loss.
      return false
    }
  }

  func keep(in checkpoint: inout Checkpoint) {
    held.transformer.keep(in: &checkpoint)
    checkpoint.keep("lived", lived)
    checkpoint.keep("lived.recorded", words: [UInt64(recorded)])
  }

  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    let network = held.transformer.network
    let steps = try checkpoint.steps(
      "lived", width: network.observationWidth, actions: network.actionCount)
    let recorded = try checkpoint.count("lived.recorded")
    guard steps.count <= min(settings.memory, recorded) else {
      throw .otherContent(
        part: "lived", found: "\(steps.count) steps",
        expected: "at most \(min(settings.memory, recorded)) steps")
    }
    try held.transformer.restore(from: checkpoint)
    (lived, open, buffer) = ([], [:], TrajectoryBuffer())
    for step in steps { try record(step) }
    self.recorded = recorded
  }
}

/// A transformer that several copies of a mind may hold, as they share its network.
private final class FleetTransformer {
  var transformer: DecisionTransformer

  init(_ transformer: consuming DecisionTransformer) { self.transformer = transformer }
}
