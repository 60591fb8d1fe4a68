// Runs on an emulated link that are made again when packets were late.
import Emulation
import Glibc

/// How often a run is made until the machine kept the link's times.
enum Punctuality {
  /// How long the thread rests before each further attempt, in seconds: what keeps a machine busy
  /// lasts.
  private static let rests: [UInt32] = [0, 1, 3, 6, 10]

  /// Runs something on an emulated link again when packets were late, whatever else came of it.
  ///
  /// - Parameter rest: Is called before each further attempt with a number of seconds.
  /// - Returns: The result and how many attempts it took.
  /// - Throws: What the function throws; after the last attempt also that packets were late.
  static func punctually<Value>(
    rest: (UInt32) -> Void = { _ = sleep($0) }, _ body: () throws -> Value
  ) throws -> (value: Value, attempts: Int) {
    for (attempt, seconds) in rests.enumerated() {
      do { return (try body(), attempt + 1) } catch EmulationError.late { rest(seconds) }
    }
    return (try body(), rests.count + 1)
  }
}
