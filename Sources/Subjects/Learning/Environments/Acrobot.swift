// The two links that swing up.

import Glibc
public import LabCore

/// Acrobot-v1: two links hang from a fixed joint, and a torque of -1, 0 or 1 (actions 0, 1, 2)
/// between them swings the tip above the line one link's length above the fixed joint.
///
/// Each step costs 1, the last one nothing. The episode is cut off after 500 steps and counts as
/// solved from a mean of -100.
/// > Reference: Sutton, *Generalization in Reinforcement Learning*, NIPS 8, 1996; the equations of
/// > Sutton and Barto's book and one Runge-Kutta step of fourth order, as in Gymnasium 1.4,
/// > `acrobot.py`.
public struct Acrobot: Environment {
  /// The angles of both joints and how fast they turn, in radians and radians a second.
  public struct State: Hashable, Sendable {
    /// How far the first link leans from hanging down.
    public var first: Double
    /// How far the second link leans from the first.
    public var second: Double
    /// How fast the first joint turns.
    public var firstVelocity: Double
    /// How fast the second joint turns.
    public var secondVelocity: Double

    /// Combines the four.
    public init(first: Double, second: Double, firstVelocity: Double, secondVelocity: Double) {
      self.first = first
      self.second = second
      self.firstVelocity = firstVelocity
      self.secondVelocity = secondVelocity
    }

    /// The state after moving along a rate of change for some seconds.
    func moved(_ seconds: Double, along rate: State) -> State {
      State(
        first: first + seconds * rate.first, second: second + seconds * rate.second,
        firstVelocity: firstVelocity + seconds * rate.firstVelocity,
        secondVelocity: secondVelocity + seconds * rate.secondVelocity)
    }
  }

  public let name = "Acrobot-v1"
  public let stepLimit: Int? = 500
  public let actionSpace = Space.discrete(count: 3)
  public let observationSpace = Space.box(
    low: [-1, -1, -1, -1, -4 * .pi, -9 * .pi], high: [1, 1, 1, 1, 4 * .pi, 9 * .pi])
  public var state = State(first: 0, second: 0, firstVelocity: 0, secondVelocity: 0)

  /// Hangs at rest, until it is reset.
  public init() {}

  public mutating func reset(_ random: inout RandomStream) {
    func draw() -> Double { Double(Float(random.uniform(-0.1, 0.1))) }
    state.first = draw()
    state.second = draw()
    state.firstVelocity = draw()
    state.secondVelocity = draw()
  }

  public mutating func step(_ action: Int, _ random: inout RandomStream) -> StepOutcome {
    precondition((0..<3).contains(action), "a torque of -1 (0), 0 (1) or 1 (2)")
    let torque = Double(action - 1)
    let seconds = 0.2
    let start = Self.rate(of: state, torque)
    let middle = Self.rate(of: state.moved(seconds / 2, along: start), torque)
    let middleAgain = Self.rate(of: state.moved(seconds / 2, along: middle), torque)
    let end = Self.rate(of: state.moved(seconds, along: middleAgain), torque)
    state =
      state.moved(seconds / 6, along: start).moved(seconds / 3, along: middle)
      .moved(seconds / 3, along: middleAgain).moved(seconds / 6, along: end)
    state.first = Self.wrapped(state.first)
    state.second = Self.wrapped(state.second)
    state.firstVelocity = min(max(state.firstVelocity, -4 * .pi), 4 * .pi)
    state.secondVelocity = min(max(state.secondVelocity, -9 * .pi), 9 * .pi)
    let isUp = -cos(state.first) - cos(state.second + state.first) > 1
    return StepOutcome(reward: isUp ? 0 : -1, isTerminal: isUp)
  }

  /// How fast a state changes, with links of length and mass 1 whose centres lie in their middle
  /// and whose moments of inertia are 1.
  private static func rate(of state: State, _ torque: Double) -> State {
    let gravity = 9.8
    let (cosine, sine) = (cos(state.second), sin(state.second))
    let (turning, bending) = (state.firstVelocity, state.secondVelocity)
    let inertia = 0.25 + (1 + 0.25 + cosine) + 2
    let coupling = 0.25 + 0.5 * cosine + 1
    let secondPull = 0.5 * gravity * cos(state.first + state.second - .pi / 2)
    let firstPull =
      -0.5 * (bending * bending) * sine - bending * turning * sine
      + 1.5 * gravity * cos(state.first - .pi / 2) + secondPull
    let secondAcceleration =
      (torque + coupling / inertia * firstPull - 0.5 * (turning * turning) * sine - secondPull)
      / (1.25 - coupling * coupling / inertia)
    return State(
      first: turning, second: bending,
      firstVelocity: -(coupling * secondAcceleration + firstPull) / inertia,
      secondVelocity: secondAcceleration)
  }

  /// The same angle from -π to π.
  ///
  /// Few turns are taken off one by one, as Gymnasium does, which rounds as it does.
  private static func wrapped(_ angle: Double) -> Double {
    guard abs(angle) < 1_000 else { return angle.remainder(dividingBy: 2 * .pi) }
    var angle = angle
    while angle > .pi { angle -= 2 * .pi }
    while angle < -.pi { angle += 2 * .pi }
    return angle
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(cos(state.first))
    observation[1] = Float(sin(state.first))
    observation[2] = Float(cos(state.second))
    observation[3] = Float(sin(state.second))
    observation[4] = Float(state.firstVelocity)
    observation[5] = Float(state.secondVelocity)
  }
}
