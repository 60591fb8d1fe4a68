// Between what networks give and what environments take.

public import LabCore

/// The actions of a box, which policies choose between -1 and 1.
public struct ActionBox: Hashable, Sendable {
  /// The middle of each dimension.
  public let middles: [Float]
  /// Half the width of each dimension.
  public let halves: [Float]

  /// Takes the bounds of a space.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for a discrete space or an
  ///   infinite bound.
  public init(_ space: Space) throws(LearningError) {
    guard case .box(let low, let high) = space,
      zip(low, high).allSatisfy({ $0.isFinite && $1.isFinite && $0 < $1 })
    else {
      throw .badSetting(name: "the action space", value: "\(space)", expected: "a bounded box")
    }
    middles = zip(low, high).map { ($0 + $1) / 2 }
    halves = zip(low, high).map { ($1 - $0) / 2 }
  }

  init(middles: [Float], halves: [Float]) {
    self.middles = middles
    self.halves = halves
  }

  /// How many dimensions it has.
  public var width: Int { middles.count }

  /// The environment's action for one between -1 and 1.
  public func scaled(_ action: [Float]) -> [Float] {
    action.indices.map { middles[$0] + halves[$0] * action[$0] }
  }

  /// An action of which all are equally likely, between -1 and 1.
  public func random(_ random: inout RandomStream) -> [Float] {
    middles.map { _ in Float(random.uniform(-1, 1)) }
  }
}
