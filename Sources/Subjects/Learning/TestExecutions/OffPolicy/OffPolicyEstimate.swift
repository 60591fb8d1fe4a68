// What a policy would earn, from the logs of another one.

/// Three estimates of what a policy earns in an episode, from episodes that another one lived.
///
/// With ρₜ the chance of the logged action under the judged policy over that under the logging one,
/// and G the return of an episode:
///
/// | estimate | mean over episodes | bias | variance |
/// | --- | --- | --- | --- |
/// | importance sampled | ρ₀ ρ₁ … · G | none | grows with every step |
/// | weighted | the same over the mean of ρ₀ ρ₁ … | towards the logged, fades as 1/n | lower |
/// | doubly robust | V(s₀) + ρ₀ (r₀ + (V(s₁) + …) − Q(s₀, a₀)) | none for any Q | low for good Q |
///
/// The logging policy must be able to do all that the judged one may; otherwise the first and the
/// third estimate lack what was never tried.
/// > Reference: Precup, Sutton and Singh, *Eligibility Traces for Off-Policy Policy Evaluation*,
/// > ICML 2000; Jiang and Li, *Doubly Robust Off-policy Value Evaluation for Reinforcement
/// > Learning*, ICML 2016, equation 10, without discount.
public struct OffPolicyEstimate: Hashable, Sendable {
  /// By importance sampling.
  public let importanceSampled: Double
  /// By weighted importance sampling; 0 where the judged policy does nothing that was logged.
  public let weighted: Double
  /// Doubly robust, or nothing where no values of actions were given.
  public let doublyRobust: Double?
  /// How many equal episodes the weights are worth: (Σ w)² / Σ w².
  public let effectiveEpisodes: Double
  /// What each episode says, in the order of the log: intervals come from their spread.
  public let episodes: [JudgedEpisode]

  /// Judges a policy.
  ///
  /// - Parameter values: What actions are believed to be worth under the judged policy,
  ///   `[state][action]`, from anywhere but these very episodes.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` where there is no episode, or one
  ///   with a state or an action that policy or values do not know, and
  ///   ``LearningError/diverged(what:step:)`` for a reward that is no number.
  /// - Complexity: O(steps).
  public init(
    of policy: StochasticPolicy, from episodes: [LoggedEpisode], believing values: [[Double]]? = nil
  ) throws(LearningError) {
    try LearningError.demandPositive([("the number of episodes", episodes.count)])
    var judged: [JudgedEpisode] = []
    for (index, episode) in episodes.enumerated() {
      var (weight, total) = (1.0, 0.0)
      for step in episode.steps {
        guard step.reward.isFinite else { throw .diverged(what: "a logged reward", step: index) }
        guard policy.knows(step), values.map({ Self.tell($0, of: step) }) ?? true else {
          throw .badSetting(
            name: "a logged step of episode \(index)",
            value: "action \(step.action) in state \(step.state)",
            expected: "a state and an action of the judged policy and the believed values")
        }
        weight *= policy.ratio(of: step)
        total += step.reward
      }
      judged.append(
        JudgedEpisode(
          weight: weight, total: total,
          robust: values.map { Self.robust(episode, policy, $0) }))
    }
    let count = Double(judged.count)
    let plain = judged.reduce(0) { $0 + $1.weight * $1.total }
    let weights = judged.reduce(0) { $0 + $1.weight }
    let squares = judged.reduce(0) { $0 + $1.weight * $1.weight }
    importanceSampled = plain / count
    weighted = weights > 0 ? plain / weights : 0
    doublyRobust = values == nil ? nil : judged.reduce(0) { $0 + ($1.robust ?? 0) } / count
    effectiveEpisodes = squares > 0 ? weights * weights / squares : 0
    self.episodes = judged
  }

  private static func tell(_ values: [[Double]], of step: LoggedEpisode.Step) -> Bool {
    values.indices.contains(step.state) && values[step.state].indices.contains(step.action)
  }

  private static func robust(
    _ episode: LoggedEpisode, _ policy: StochasticPolicy, _ values: [[Double]]
  ) -> Double {
    episode.steps.reversed().reduce(0) { later, step in
      let believed = values[step.state]
      return policy.mean(of: believed, in: step.state)
        + policy.ratio(of: step) * (step.reward + later - believed[step.action])
    }
  }
}

/// What one logged episode says of a policy that is judged by it.
public struct JudgedEpisode: Hashable, Sendable, BitwiseCopyable {
  /// How much likelier the episode's actions are under the judged policy (ρ₀ ρ₁ …).
  public let weight: Double
  /// What the episode earned.
  public let total: Double
  /// What it says doubly robustly, or nothing where no values of actions were given.
  public let robust: Double?
}

extension StochasticPolicy {
  /// Whether there is a chance for the step, be it 0.
  fileprivate func knows(_ step: LoggedEpisode.Step) -> Bool {
    probabilities.indices.contains(step.state)
      && probabilities[step.state].indices.contains(step.action)
  }

  /// How much likelier the step is under this policy than it was.
  fileprivate func ratio(of step: LoggedEpisode.Step) -> Double {
    probabilities[step.state][step.action] / step.probability
  }
}
