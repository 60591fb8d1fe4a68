// The pendulum that is swung up.

import Glibc
public import LabCore

/// Pendulum-v1: a pendulum is swung up and held upright by a torque between -2 and 2.
///
/// A step costs the square of the angle from upright, a tenth of the square of the speed and a
/// thousandth of the square of the torque, all before the step. The episode never terminates; it is
/// cut off after 200 steps.
/// - Determinism: As in Gymnasium, what the torque contributes is rounded to single precision.
/// > Reference: Gymnasium 1.4, `pendulum.py`.
public struct Pendulum: Environment {
  /// Angle and speed, in radians and radians a second.
  public struct State: Hashable, Sendable {
    /// How far it leans from upright; full turns are not taken off.
    public var angle: Double
    /// How fast it turns.
    public var angularVelocity: Double

    /// Combines the two.
    public init(angle: Double, angularVelocity: Double) {
      self.angle = angle
      self.angularVelocity = angularVelocity
    }
  }

  public let name = "Pendulum-v1"
  public let stepLimit: Int? = 200
  public let actionSpace = Space.box(-2...2, dimensions: 1)
  public let observationSpace = Space.box(low: [-1, -1, -8], high: [1, 1, 8])
  public var state = State(angle: .pi, angularVelocity: 0)

  /// Hangs at rest, until it is reset.
  public init() {}

  public mutating func reset(_ random: inout RandomStream) {
    state.angle = random.uniform(-.pi, .pi)
    state.angularVelocity = random.uniform(-1, 1)
  }

  /// Turns the pendulum for a twentieth of a second.
  ///
  /// - Parameter action: The torque, which is cut off at its bounds.
  public mutating func step(_ action: [Float], _ random: inout RandomStream) -> StepOutcome {
    precondition(action.count == 1, "one torque")
    let torque = min(max(action[0], -2), 2)
    let angle = Self.wrapped(state.angle)
    let speed = state.angularVelocity
    let cost = angle * angle + 0.1 * (speed * speed) + Double(0.001 * (torque * torque))
    let acceleration = 15 * sin(state.angle) + Double(3 * torque)
    state.angularVelocity = min(max(speed + acceleration * 0.05, -8), 8)
    state.angle += state.angularVelocity * 0.05
    return StepOutcome(reward: -cost, isTerminal: false)
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(cos(state.angle))
    observation[1] = Float(sin(state.angle))
    observation[2] = Float(state.angularVelocity)
  }

  /// The same angle from -π to below π.
  private static func wrapped(_ angle: Double) -> Double {
    let turn = 2 * Double.pi
    let rest = fmod(angle + .pi, turn)
    return (rest < 0 ? rest + turn : rest) - .pi
  }
}
