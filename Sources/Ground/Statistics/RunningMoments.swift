/// The count, mean and variance of a stream of numbers, kept without storing them.
///
/// - Complexity: Constant time and space for each number.
/// > Source: Welford, *Note on a Method for Calculating Corrected Sums of Squares and Products*,
/// > Technometrics 4(3), 1962; merging after Chan, Golub and LeVeque, The American Statistician
/// > 37(3), 1983.
public struct RunningMoments: Hashable, Sendable {
  /// How many numbers were added.
  public private(set) var count = 0
  /// The arithmetic mean; 0 before the first number.
  public private(set) var mean = 0.0
  /// The sum of squared distances from the mean.
  public private(set) var squaredDistances = 0.0

  /// Starts with no numbers.
  public init() {}

  /// Adds every number of a sequence.
  public init(of numbers: some Sequence<Double>) {
    for number in numbers { add(number) }
  }

  /// Adds one number.
  public mutating func add(_ number: Double) {
    count += 1
    let before = number - mean
    mean += before / Double(count)
    squaredDistances += before * (number - mean)
  }

  /// Adds all numbers that another stream has seen.
  public mutating func merge(_ other: RunningMoments) {
    guard other.count > 0 else { return }
    let total = count + other.count
    let distance = other.mean - mean
    let share = Double(other.count) / Double(total)
    squaredDistances += other.squaredDistances + distance * distance * Double(count) * share
    mean += distance * share
    count = total
  }

  /// The unbiased variance, which divides by n − 1; `nil` for fewer than two numbers.
  public var variance: Double? { count > 1 ? squaredDistances / Double(count - 1) : nil }
  /// The square root of ``variance``.
  public var standardDeviation: Double? { variance.map { $0.squareRoot() } }
  /// The variance of the numbers as a whole population, which divides by n; 0 for no numbers.
  public var populationVariance: Double { count > 0 ? squaredDistances / Double(count) : 0 }
}
