// How parameters follow their gradients.

import LinearAlgebra

/// Moves parameters against their gradients, and keeps the moments that this takes.
public struct Optimiser {
  /// The rule of the moves.
  public enum Rule: Hashable, Sendable {
    /// Adam; weight decay, where there is one, is apart from the gradients, as in AdamW.
    ///
    /// > Reference: Kingma and Ba, *Adam*, 2015, algorithm 1; Loshchilov and Hutter, *Decoupled
    /// > Weight Decay Regularization*, 2019.
    case adam(
      meanDecay: Double = 0.9, squareDecay: Double = 0.999, epsilon: Double = 1e-8,
      weightDecay: Double = 0)
    /// RMSprop, with epsilon beside the root.
    ///
    /// > Reference: Tieleman and Hinton, *Lecture 6.5: rmsprop*, 2012.
    case rootMeanSquare(squareDecay: Double = 0.99, epsilon: Double = 1e-8)
  }

  /// What is moved.
  public let parameters: [Parameter]
  /// How it is moved.
  public let rule: Rule
  /// How far it is moved, the learning rate, which may change from step to step.
  public var rate: Double
  /// The longest gradient that counts: longer ones are shortened to it; nothing leaves all as they
  /// are.
  public var gradientNormLimit: Double?
  /// How many steps there have been.
  public internal(set) var steps = 0
  let means: [Parameter]
  let squares: [Parameter]

  /// Begins with moments of zero.
  public init(
    _ parameters: [Parameter], _ rule: Rule, rate: Double, gradientNormLimit: Double? = nil
  ) {
    self.parameters = parameters
    self.rule = rule
    self.rate = rate
    self.gradientNormLimit = gradientNormLimit
    means = parameters.map { Parameter(rows: $0.rows, columns: $0.columns) }
    squares = parameters.map { Parameter(rows: $0.rows, columns: $0.columns) }
  }

  /// Moves the parameters by the gradients that have been gathered, and forgets those.
  ///
  /// - Returns: Whether the length of all gradients together was a finite number; where it was not,
  ///   the parameters are of no use any more.
  @discardableResult
  public mutating func step() -> Bool {
    steps += 1
    var step: MomentStep
    switch rule {
    case .adam(let meanDecay, let squareDecay, let epsilon, let weightDecay):
      let (meanBias, squareBias) = (power(meanDecay, steps), power(squareDecay, steps))
      step = MomentStep(
        squareDecay: squareDecay, step: rate / (1 - meanBias), epsilon: epsilon)
      step.meanDecay = meanDecay
      step.squareCorrection = 1 / (1 - squareBias).squareRoot()
      step.valueDecay = 1 - rate * weightDecay
    case .rootMeanSquare(let squareDecay, let epsilon):
      step = MomentStep(squareDecay: squareDecay, step: rate, epsilon: epsilon)
    }
    let norm = parameters.gradientNorm
    if let limit = gradientNormLimit { step.gradientScale = min(1, limit / (norm + 1e-6)) }
    for (index, parameter) in parameters.enumerated() {
      let (values, gradients) = (parameter.values, parameter.gradients)
      if case .adam = rule {
        step.adam(
          values, gradients: gradients, means: means[index].values, squares: squares[index].values)
      } else {
        step.rootMeanSquare(values, gradients: gradients, squares: squares[index].values)
      }
      gradients.fill(0)
    }
    return norm.isFinite
  }

  /// A power by squaring, which is the same on every machine.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
