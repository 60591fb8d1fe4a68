// Vectors of length 1 that a seed makes.

public import LabCore
import Statistics

/// Draws vectors and queries by one of two laws.
///
/// *Gaussian*: all numbers are independent and standard normal. Distances are nearly equal, so no
/// index does well.
///
/// *Clustered*: a mixture that an index finds its way in as in embeddings of real texts, which have
/// few effective dimensions. A thousand centres are standard normal in a subspace of 32 dimensions
/// (all, when there are fewer); the centre of rank r is chosen with a weight of r^−1/2; a vector is
/// its centre, plus normal noise of .75 in the subspace, plus normal noise of .05 in every
/// dimension. The subspace is spanned by orthonormal vectors, made by Gram and Schmidt of normal
/// ones.
///
/// Vectors are then divided by their length.
/// - Determinism: The law, the dimensions and the seed fix vector i and query i, however many there
///   are, up to the last bits of the C library's logarithm and exponential.
public struct SyntheticVectors: Sendable {
  /// How many numbers a vector has.
  public let dimensions: Int
  private let seed: Seed
  private let clusters: Clusters?

  private static let centreCount = 1_000
  private static let subspaceDimensions = 32
  private static let spread = 0.75
  private static let noise = 0.05

  /// What clustered vectors are drawn around.
  private struct Clusters {
    /// Orthonormal vectors, row by row.
    var basis: [[Double]]
    /// By their rank, in coordinates of the basis.
    var centres: [[Double]]
    /// The sums of the centres' weights up to each rank.
    var weightSums: [Double]
  }

  /// Takes the parameters of a law.
  ///
  /// - Parameter isClustered: Whether the law is the clustered one.
  /// - Precondition: There is at least one dimension.
  public init(isClustered: Bool, dimensions: Int, seed: Seed) {
    precondition(dimensions >= 1, "at least one dimension")
    self.dimensions = dimensions
    self.seed = seed
    clusters = isClustered ? Self.clusters(dimensions, seed) : nil
  }

  private static func clusters(_ dimensions: Int, _ seed: Seed) -> Clusters {
    let width = min(subspaceDimensions, dimensions)
    var stream = seed.child("clusters").stream()
    var basis: [[Double]] = []
    while basis.count < width {
      var vector = (0..<dimensions).map { _ in stream.standardNormal() }
      for other in basis {
        let share = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
        for place in vector.indices { vector[place] -= share * other[place] }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 1e-6 else { continue }
      basis.append(vector.map { $0 / length })
    }
    let centres = (0..<centreCount).map { _ in (0..<width).map { _ in stream.standardNormal() } }
    var sum = 0.0
    let weightSums = (1...centreCount).map { rank in
      sum += 1 / Double(rank).squareRoot()
      return sum
    }
    return Clusters(basis: basis, centres: centres, weightSums: weightSums)
  }

  /// The first vectors, row by row.
  ///
  /// - Parameter progress: Is told how many are done.
  /// - Complexity: O(count · dimensions), of clustered ones 32 times that.
  public func base(_ count: Int, progress: (Int) -> Void = { _ in }) -> [Float] {
    rows(count, seed.child("base"), progress)
  }

  /// The first queries, row by row.
  public func queries(_ count: Int) -> [Float] { rows(count, seed.child("queries")) { _ in } }

  private func rows(_ count: Int, _ seed: Seed, _ progress: (Int) -> Void) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(count * dimensions)
    var row = [Double](repeating: 0, count: dimensions)
    for index in 0..<count {
      var stream = seed.child(index).stream()
      draw(&row, &stream)
      var square = 0.0
      for number in row { square += number * number }
      let length = square.squareRoot()
      for number in row { numbers.append(Float(number / length)) }
      if index % 1_024 == 1_023 { progress(index + 1) }
    }
    return numbers
  }

  private func draw(_ row: inout [Double], _ stream: inout RandomStream) {
    guard let clusters else {
      for place in row.indices { row[place] = stream.standardNormal() }
      return
    }
    let total = clusters.weightSums.last ?? 0
    let centre = clusters.centres[Self.place(of: stream.unit() * total, in: clusters.weightSums)]
    for place in row.indices { row[place] = Self.noise * stream.standardNormal() }
    for (coordinate, direction) in zip(centre, clusters.basis) {
      let share = coordinate + Self.spread * stream.standardNormal()
      for place in row.indices { row[place] += share * direction[place] }
    }
  }

  /// The first place whose sum is above a number that is below the last sum.
  private static func place(of number: Double, in sums: [Double]) -> Int {
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
