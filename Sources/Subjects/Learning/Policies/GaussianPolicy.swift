// The chances of actions, as graphs compute them.

import LinearAlgebra

/// The logarithm of √(2π).
private let halfLogOfTurn: Float = 0.918_938_533_204_672_7

extension Tensor {
  /// The entropy of each row of chances, in nats, from their logarithms.
  public var entropies: Tensor { -(exponential * self).rowSums }

  /// The logarithm of the density of actions under independent normal laws, one row of means for
  /// each.
  ///
  /// - Precondition: All three have one shape.
  public static func gaussianLogProbabilities(
    of actions: Tensor, means: Tensor, logDeviations: Tensor
  ) -> Tensor {
    let distances = (actions - means) * (-logDeviations).exponential
    return (-0.5 * distances.squared - logDeviations + -halfLogOfTurn).rowSums
  }
}

/// Actions that are drawn from normal laws and squashed between -1 and 1 by tanh.
///
/// The logarithm of their density takes the squashing into account, by
/// ln(1 − tanh² u) = 2 (ln 2 − u − ln(1 + e^(−2u))), which loses nothing for large u.
/// > Reference: Haarnoja et al., *Soft Actor-Critic Algorithms and Applications*, 2018, appendix C.
public struct SquashedGaussian {
  /// The draws, between -1 and 1.
  public let actions: Tensor
  /// The logarithm of the density of each row of actions.
  public let logProbabilities: Tensor

  /// Records how actions arise from standard normal noise.
  ///
  /// - Precondition: All three have one shape.
  public init(means: Tensor, logDeviations: Tensor, noise: Tensor) {
    let unsquashed = means + logDeviations.exponential * noise
    actions = unsquashed.mapped(.hyperbolicTangent)
    let correction =
      -2 * unsquashed - 2 * (-2 * unsquashed).mapped(.softplus) + 2 * 0.693_147_180_559_945_3
    logProbabilities =
      (-0.5 * noise.squared - logDeviations + -halfLogOfTurn - correction).rowSums
  }
}
