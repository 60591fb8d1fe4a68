// A table, driven from outside.

import LabCore

/// A table whose rows are the observations that have been seen, and Q-Learning's rule or SARSA's.
struct TableMind: FleetMind {
  private let isOnPolicy: Bool
  private let settings: FleetSettings
  private let actionCount: Int
  private(set) var rows: [[Float]: Int] = [:]
  private(set) var values: ActionValues
  private var waiting: [FleetStep] = []

  init(isOnPolicy: Bool, actions: Int, _ settings: FleetSettings) {
    self.isOnPolicy = isOnPolicy
    self.settings = settings
    actionCount = actions
    values = ActionValues(states: settings.memory, actions: actions)
  }

  mutating func choose(for agent: Int, seeing: [Float], _ random: inout RandomStream) -> Int {
    guard let row = rows[seeing] else { return random.below(actionCount) }
    return values.choose(in: row, exploring: settings.exploration, &random)
  }

  func predict(seeing: [Float]) -> Int { rows[seeing].map(values.best(in:)) ?? 0 }

  mutating func record(_ step: FleetStep) throws(LearningError) {
    let new = Set([step.observation, step.next]).filter { rows[$0] == nil }.count
    guard rows.count + new <= values.stateCount else {
      throw .badSetting(
        name: "the number of different observations", value: "\(rows.count + new)",
        expected: "at most \(values.stateCount), or a learner with a network,")
    }
    for seen in [step.observation, step.next] where rows[seen] == nil { rows[seen] = rows.count }
    waiting.append(step)
  }

  mutating func train(on count: Int, _ random: inout RandomStream) -> Bool {
    var left: [FleetStep] = []
    for (index, step) in waiting.enumerated() {
      guard let row = rows[step.observation], let next = rows[step.next] else { continue }
      var later = 0.0
      if step.end != .terminated {
        if !isOnPolicy {
          later = values.greatest(in: next)
        } else if step.end == .truncated {
          later = values[next, values.choose(in: next, exploring: settings.exploration, &random)]
        } else if let following = waiting[(index + 1)...].first(where: { $0.agent == step.agent }) {
          // Where the agent is seen elsewhere then, something between the two steps is missing, and
          // the first is taken as one that a limit cut off.
          let action =
            step.leads(to: following)
            ? following.action
            : values.choose(in: next, exploring: settings.exploration, &random)
          later = values[next, action]
        } else {
          // What the agent does next is not known yet.
          left.append(step)
          continue
        }
      }
      let error = step.reward + settings.discount * later - values[row, step.action]
      guard error.isFinite else { return false }
      values[row, step.action] += settings.learningRate * error
    }
    waiting = left
    return true
  }

  func keep(in checkpoint: inout Checkpoint) {
    let seen = rows.sorted { $0.value < $1.value }.map(\.key)
    checkpoint.keep("table.rows", words: [UInt64(seen.count), UInt64(seen.first?.count ?? 0)])
    checkpoint.keep("table.observations", words: seen.flatMap { $0.map { UInt64($0.bitPattern) } })
    checkpoint.keep(
      "table.values",
      words: values.numbers.prefix(seen.count * actionCount).map(\.bitPattern))
    checkpoint.keep("waiting", waiting)
  }

  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    let shape = try checkpoint.words("table.rows", count: 2)
    guard let count = Int(exactly: shape[0]), let width = Int(exactly: shape[1]),
      count <= values.stateCount, width <= 1 << 20
    else {
      throw .otherContent(
        part: "table.rows", found: "\(shape)", expected: "at most \(values.stateCount) rows")
    }
    let numbers = try checkpoint.words("table.observations", count: count * width).map {
      Float(bitPattern: UInt32(truncatingIfNeeded: $0))
    }
    let kept = try checkpoint.words("table.values", count: count * actionCount)
    let waiting = try checkpoint.steps("waiting", width: width, actions: actionCount)
    rows = [:]
    for row in 0..<count { rows[Array(numbers[(row * width)..<((row + 1) * width)])] = row }
    values = ActionValues(states: settings.memory, actions: actionCount)
    for (index, word) in kept.enumerated() { values.numbers[index] = Double(bitPattern: word) }
    self.waiting = waiting
  }
}
