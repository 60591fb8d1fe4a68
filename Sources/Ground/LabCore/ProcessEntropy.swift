// Whether a process may speak with others, or draws its keys from a seed.
import Synchronization

/// What the one source of keys of this process is, decided once.
///
/// A process whose keys follow from a seed must never open a socket, as whoever knows the seed
/// knows the keys; and one that has opened a socket must not change to a seed any more.
public enum ProcessEntropy {
  private enum State {
    static let (undecided, seeded, system): (UInt8, UInt8, UInt8) = (0, 1, 2)
  }

  private static let state = Atomic<UInt8>(State.undecided)

  /// Decides for a seed; the caller then seeds what draws keys.
  ///
  /// - Returns: Whether the decision was made just now; not so when it was made before, for either.
  public static func decideForSeed() -> Bool {
    state.compareExchange(
      expected: State.undecided, desired: State.seeded, ordering: .sequentiallyConsistent
    ).exchanged
  }

  /// Decides for the operating system, before a socket is opened.
  ///
  /// - Returns: Whether sockets may be opened; not so where keys follow from a seed.
  public static func decideForSystem() -> Bool {
    let (_, original) = state.compareExchange(
      expected: State.undecided, desired: State.system, ordering: .sequentiallyConsistent)
    return original != State.seeded
  }

  /// Whether the keys of this process follow from a seed.
  public static var isSeeded: Bool { state.load(ordering: .sequentiallyConsistent) == State.seeded }
}
