// The pole on a cart.

import Glibc
public import LabCore

/// CartPole-v1: a pole stands on a cart, which is pushed to the left (0) or to the right (1).
///
/// Each step earns 1, the last one too. The episode terminates when the cart leaves ±2.4 or the
/// pole ±12 degrees, and is cut off after 500 steps. It counts as solved from a mean of 475.
/// - Determinism: Bit for bit Gymnasium's, where `sin` and `cos` are.
/// > Reference: Barto, Sutton and Anderson, *Neuronlike Adaptive Elements That Can Solve Difficult
/// > Learning Control Problems*, IEEE Transactions on Systems, Man and Cybernetics 13(5), 1983;
/// > constants and Euler steps as in Gymnasium 1.4, `cartpole.py`.
public struct CartPole: Environment {
  /// Cart and pole, in metres, metres a second, radians and radians a second.
  public struct State: Hashable, Sendable {
    /// Where the cart stands.
    public var position: Double
    /// How fast the cart moves.
    public var velocity: Double
    /// How far the pole leans, positive to the right.
    public var angle: Double
    /// How fast the pole turns.
    public var angularVelocity: Double

    /// Combines the four.
    public init(position: Double, velocity: Double, angle: Double, angularVelocity: Double) {
      self.position = position
      self.velocity = velocity
      self.angle = angle
      self.angularVelocity = angularVelocity
    }
  }

  public let name = "CartPole-v1"
  public let stepLimit: Int? = 500
  public let actionSpace = Space.discrete(count: 2)
  public let observationSpace = Space.box(
    low: [-4.8, -.infinity, -2 * angleLimit, -.infinity],
    high: [4.8, .infinity, 2 * angleLimit, .infinity])
  public var state = State(position: 0, velocity: 0, angle: 0, angularVelocity: 0)

  private static let angleLimit = Float(12 * 2 * Double.pi / 360)

  /// Stands upright in the middle, until it is reset.
  public init() {}

  public mutating func reset(_ random: inout RandomStream) {
    state.position = random.uniform(-0.05, 0.05)
    state.velocity = random.uniform(-0.05, 0.05)
    state.angle = random.uniform(-0.05, 0.05)
    state.angularVelocity = random.uniform(-0.05, 0.05)
  }

  public mutating func step(_ action: Int, _ random: inout RandomStream) -> StepOutcome {
    precondition(action == 0 || action == 1, "a push to the left (0) or to the right (1)")
    let (gravity, poleMass, totalMass, halfLength, duration) = (9.8, 0.1, 1.1, 0.5, 0.02)
    let massLength = poleMass * halfLength
    let force = action == 1 ? 10.0 : -10.0
    let (cosine, sine) = (cos(state.angle), sin(state.angle))
    let turning = state.angularVelocity * state.angularVelocity
    let push = (force + massLength * turning * sine) / totalMass
    let angularAcceleration =
      (gravity * sine - cosine * push)
      / (halfLength * (4.0 / 3.0 - poleMass * (cosine * cosine) / totalMass))
    let acceleration = push - massLength * angularAcceleration * cosine / totalMass
    state.position += duration * state.velocity
    state.velocity += duration * acceleration
    state.angle += duration * state.angularVelocity
    state.angularVelocity += duration * angularAcceleration
    let angleLimit = 12 * 2 * Double.pi / 360
    let hasFailed = abs(state.position) > 2.4 || abs(state.angle) > angleLimit
    return StepOutcome(reward: 1, isTerminal: hasFailed)
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    observation[1] = Float(state.velocity)
    observation[2] = Float(state.angle)
    observation[3] = Float(state.angularVelocity)
  }
}
