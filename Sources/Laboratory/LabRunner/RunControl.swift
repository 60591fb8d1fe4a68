// How a run is stopped from outside.

import Synchronization

/// A switch that a signal handler may throw while a run goes on.
///
/// It can only go further: from running over finishing to aborting.
public final class RunControl: Sendable {
  private let stage = Atomic<UInt8>(0)

  /// Makes a switch that lets the run go on.
  public init() {}

  /// How far the switch is thrown.
  public enum Stage: UInt8, Hashable, Sendable {
    /// The run goes on.
    case run
    /// The trials that run are finished, and no other is begun.
    case finishRunning
    /// The trials that run are stopped at once.
    case abort
  }

  /// How far the switch is thrown now.
  public var current: Stage { Stage(rawValue: stage.load(ordering: .relaxed)) ?? .abort }

  /// Lets the trials that run end, and no other begin.
  public func finishRunning() { stage.max(Stage.finishRunning.rawValue, ordering: .relaxed) }

  /// Stops the trials that run.
  public func abort() { stage.store(Stage.abort.rawValue, ordering: .relaxed) }

  /// Throws the switch one step further; for a handler of SIGINT, in which it is safe to call.
  public func interrupt() {
    if current == .run { finishRunning() } else { abort() }
  }
}
