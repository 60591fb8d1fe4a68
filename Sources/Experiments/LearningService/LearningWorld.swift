// The environments by name, for experiments and the command line.

import LabCore
public import Learning

/// An environment by the name under which Gymnasium, or this laboratory, knows it.
public enum LearningWorld: String, Hashable, Sendable, CaseIterable {
  /// A pole on a cart that is pushed to the left or right.
  case cartPole = "CartPole-v1"
  /// Two links that swing, moved at the joint between them.
  case acrobot = "Acrobot-v1"
  /// A pendulum to be swung up and held.
  case pendulum = "Pendulum-v1"
  /// `MountainCarContinuous`.
  case mountainCar = "MountainCarContinuous-v0"
  /// `FrozenLake` of sixteen fields.
  case frozenLake = "FrozenLake-v1"
  /// `FrozenLake` of 64 fields, for 200 steps.
  case largeFrozenLake = "FrozenLake8x8-v1"
  /// A passenger to be fetched and brought through a small town.
  case taxi = "Taxi-v4"
  /// A way along an abyss.
  case cliffWalking = "CliffWalking-v1"
  /// `TestSelection` as a table.
  case testSelection = "TestSelection"

  /// What is to be done in a world, whatever its types are.
  public protocol Visitor {
    /// What comes of it.
    associatedtype Outcome
    /// Visits a world of a few actions.
    func visit<World: Environment>(choosing world: World) throws -> Outcome
    where World.Action == Int, World.State: KeptState
    /// Visits a world whose actions lie in a box.
    func visit<World: Environment>(moving world: World) throws -> Outcome
    where World.Action == [Float], World.State: KeptState
  }

  /// Lets a visitor see the environment.
  public func accept<Guest: Visitor>(_ visitor: Guest) throws -> Guest.Outcome {
    if let table { return try visitor.visit(choosing: table) }
    switch self {
    case .acrobot: return try visitor.visit(choosing: Acrobot())
    case .pendulum: return try visitor.visit(moving: Pendulum())
    case .mountainCar: return try visitor.visit(moving: MountainCarContinuous())
    default: return try visitor.visit(choosing: CartPole())
    }
  }

  /// The environment with all its chances, where it is a table; that of selecting tests is of ten
  /// tests, which are always the same.
  public var table: TabularEnvironment? {
    switch self {
    case .frozenLake: FrozenLake.small()
    case .largeFrozenLake: FrozenLake.large()
    case .taxi: Taxi.environment()
    case .cliffWalking: CliffWalking.environment()
    case .testSelection: TestSelection(count: 10, seed: Seed(10)).tabular
    case .cartPole, .acrobot, .pendulum, .mountainCar: nil
    }
  }
}
