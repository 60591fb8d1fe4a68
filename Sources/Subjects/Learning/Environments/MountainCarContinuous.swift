// The car that is too weak for the mountain.

import Glibc
public import LabCore

/// MountainCarContinuous-v0: a car in a valley swings up to the flag on the right by a force
/// between -1 and 1.
///
/// A step costs a tenth of the square of the action as it was given; reaching the flag at 0.45
/// earns 100 and terminates. The episode is cut off after 999 steps and counts as solved from a
/// mean of 90.
/// - Determinism: As in Gymnasium, an episode begins in double precision and goes on in single.
/// > Reference: Moore, *Efficient Memory-based Learning for Robot Control*, 1990; constants as in
/// > Gymnasium 1.4, `continuous_mountain_car.py`.
public struct MountainCarContinuous: Environment {
  /// Position and velocity, in the units of the valley.
  public struct State: Hashable, Sendable {
    /// Where the car stands, from -1.2 to 0.6.
    public var position: Double
    /// How far it moves in a step, at most 0.07.
    public var velocity: Double
    /// Whether both have been rounded to single precision, as every step does.
    public var isSinglePrecision: Bool

    /// Combines the three.
    public init(position: Double, velocity: Double, isSinglePrecision: Bool) {
      self.position = position
      self.velocity = velocity
      self.isSinglePrecision = isSinglePrecision
    }
  }

  public let name = "MountainCarContinuous-v0"
  public let stepLimit: Int? = 999
  public let actionSpace = Space.box(-1...1, dimensions: 1)
  public let observationSpace = Space.box(low: [-1.2, -0.07], high: [0.6, 0.07])
  public var state = State(position: -0.5, velocity: 0, isSinglePrecision: false)

  /// Stands near the bottom, until it is reset.
  public init() {}

  public mutating func reset(_ random: inout RandomStream) {
    state = State(position: random.uniform(-0.6, -0.4), velocity: 0, isSinglePrecision: false)
  }

  /// Drives for one step.
  ///
  /// - Parameter action: The force, which is cut off at its bounds; its cost is not.
  public mutating func step(_ action: [Float], _ random: inout RandomStream) -> StepOutcome {
    precondition(action.count == 1, "one force")
    let isAtGoal: Bool
    if state.isSinglePrecision {
      isAtGoal = drive(action[0], from: Float(state.position), Float(state.velocity))
    } else {
      isAtGoal = drive(action[0], from: state.position, state.velocity)
    }
    let cost = Double(action[0]) * Double(action[0]) * 0.1
    return StepOutcome(reward: (isAtGoal ? 100 : 0) - cost, isTerminal: isAtGoal)
  }

  /// Moves the car and says whether it is at the flag, in the precision of the state.
  private mutating func drive<Number: BinaryFloatingPoint>(
    _ action: Float, from position: Number, _ velocity: Number
  ) -> Bool {
    let slope = 0.0025 * cos(Double(3 * position))
    // A force within the bounds acts in single precision, one that is cut off in double.
    let push: Number =
      abs(action) <= 1
      ? Number(action * 0.0015 - Float(slope))
      : Number((action < 0 ? -0.0015 : 0.0015) - slope)
    var velocity = velocity + push
    velocity = min(max(velocity, Number(-0.07)), Number(0.07))
    var position = position + velocity
    position = min(max(position, Number(-1.2)), Number(0.6))
    if position == Number(-1.2), velocity < 0 { velocity = 0 }
    state = State(
      position: Double(Float(position)), velocity: Double(Float(velocity)), isSinglePrecision: true)
    return position >= Number(0.45) && velocity >= 0
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = Float(state.position)
    observation[1] = Float(state.velocity)
  }
}
