// What an environment does with given actions.

public import LabCore
import Learning

/// The steps of one episode whose beginning and actions are given.
public struct EnvironmentTrace: Hashable, Sendable, Encodable {
  /// Where an episode begins and what is done in it.
  public struct Script: Hashable, Sendable, Decodable {
    /// The state's numbers; of a table, its number.
    var state: [Double]
    /// The actions, each as the numbers of a box or one whole number.
    var actions: [[Double]]

    private enum Key: CodingKey {
      case state, actions
    }

    /// Reads actions that are numbers or arrays of them.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      state = try container.decode([Double].self, forKey: .state)
      if let numbers = try? container.decode([Double].self, forKey: .actions) {
        actions = numbers.map { [$0] }
      } else {
        actions = try container.decode([[Double]].self, forKey: .actions)
      }
    }
  }

  /// What is seen at the start and after each step.
  public private(set) var observations: [[Float]] = []
  /// The states' numbers, likewise.
  public private(set) var states: [[Double]] = []
  /// What each step earned.
  public private(set) var rewards: [Double] = []
  /// Whether each step ended the episode by nature.
  public private(set) var terminated: [Bool] = []
  /// Whether the limit of steps cut the episode off there.
  public private(set) var truncated: [Bool] = []

  /// Carries out the actions until the episode ends.
  ///
  /// - Throws: ``EnvironmentTraceError`` for a state or an action that the environment does not
  ///   have.
  public init(_ script: Script, in world: LearningWorld, seed: Seed) throws {
    self = try world.accept(Tracer(script: script, seed: seed))
  }

  private init() {}

  private struct Tracer: LearningWorld.Visitor {
    let script: Script
    let seed: Seed

    func visit<World: Environment>(choosing world: World) throws -> EnvironmentTrace
    where World.Action == Int, World.State: KeptState {
      let count = world.actionSpace.width
      return try trace(world) { numbers in
        guard numbers.count == 1, let action = Int(exactly: numbers[0]), action >= 0,
          action < count
        else { throw EnvironmentTraceError.noAction(numbers, expected: "0 to \(count - 1)") }
        return action
      }
    }

    func visit<World: Environment>(moving world: World) throws -> EnvironmentTrace
    where World.Action == [Float], World.State: KeptState {
      let width = world.actionSpace.width
      return try trace(world) { numbers in
        guard numbers.count == width, numbers.allSatisfy({ Float($0).isFinite }) else {
          throw EnvironmentTraceError.noAction(numbers, expected: "\(width) finite numbers")
        }
        return numbers.map(Float.init)
      }
    }

    private func trace<World: Environment>(
      _ world: World, _ action: ([Double]) throws -> World.Action
    ) throws -> EnvironmentTrace where World.State: KeptState {
      // What is seen of a state is written in single precision.
      guard script.state.allSatisfy({ Float($0).isFinite }),
        let state = World.State(numbers: script.state), world.has(state)
      else { throw EnvironmentTraceError.noState(script.state, world.name) }
      var episode = Episode(world, random: seed.stream())
      episode.begin(at: state)
      var trace = EnvironmentTrace()
      trace.see(episode)
      for numbers in script.actions {
        let step = episode.step(try action(numbers))
        trace.see(episode)
        trace.rewards.append(step.reward)
        trace.terminated.append(step.isTerminated)
        trace.truncated.append(step.isTruncated)
        if step.isLast { break }
      }
      return trace
    }
  }

  private mutating func see<World: Environment>(_ episode: Episode<World>)
  where World.State: KeptState {
    observations.append(episode.environment.observation())
    states.append(episode.state.numbers)
  }
}

extension KeptState {
  /// The numbers of a state, without what is no number.
  fileprivate var numbers: [Double] {
    if let state = self as? Int { return [Double(state)] }
    return words.map(Double.init(bitPattern:))
  }

  /// The state of these numbers.
  fileprivate init?(numbers: [Double]) {
    if Self.self == Int.self {
      guard numbers.count == 1, let number = Int(exactly: numbers[0]) else { return nil }
      self.init(words: number.words)
    } else {
      self.init(words: numbers.map(\.bitPattern))
    }
  }
}

/// Why actions cannot be carried out.
public enum EnvironmentTraceError: Error, Hashable, CustomStringConvertible {
  /// The numbers are no state of the environment.
  case noState([Double], String)
  /// The numbers are no action.
  case noAction([Double], expected: String)

  public var description: String {
    switch self {
    case .noState(let numbers, let name):
      "\(numbers) is no state of \(name); its numbers in their order were expected; correct it"
    case .noAction(let numbers, let expected):
      "\(numbers) is no action; \(expected) was expected; correct it"
    }
  }
}
