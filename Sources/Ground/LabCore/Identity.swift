/// One node of a world: a small number that serves as an index, counted from 0.
public struct NodeID: Hashable, Sendable, BitwiseCopyable, Comparable {
  /// The index of the node among the nodes of its world.
  public let index: UInt32

  /// Names the node at an index.
  @inlinable public init(_ index: Int) { self.index = UInt32(index) }

  @inlinable public static func < (left: NodeID, right: NodeID) -> Bool {
    left.index < right.index
  }
}

extension NodeID: CustomStringConvertible {
  /// The node as timelines and errors write it: `n3`.
  public var description: String { "n\(index)" }
}

/// The name of one storage request, chosen by the Instance that makes it.
///
/// The world hands it back with the outcome. It says nothing of order: outcomes of different
/// tickets may arrive in any order that the storage allows.
public struct Ticket: Hashable, Sendable, BitwiseCopyable {
  /// The number that the Instance chose.
  public let number: UInt64

  /// Names a request by a number that the Instance has not in use.
  @inlinable public init(_ number: UInt64) { self.number = number }
}
