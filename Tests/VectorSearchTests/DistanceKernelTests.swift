import CDistance
import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Distance kernels` {
  private static let dimensions = [1, 3, 15, 16, 17, 63, 64, 65, 100, 384, 1000]

  /// The distances that a kernel gives, of all rows in a shuffled list.
  private func distances(
    _ kernels: DistanceKernels, _ rows: [[Float]], _ query: [Float], _ metric: VectorMetric,
    _ storage: VectorStorage
  ) throws -> [Float] {
    let layout = RowLayout(dimensions: query.count, storage: storage, linkLimit: 0)
    let table = try VectorRows(layout: layout, metric: metric, capacity: rows.count)
    let buffer = QueryBuffer(layout: layout, metric: metric)
    for (number, row) in rows.enumerated() {
      try row.withUnsafeBufferPointer { try buffer.load($0) }
      table.write(buffer, to: number)
    }
    try query.withUnsafeBufferPointer { try buffer.load($0) }
    var stream = Seed(9).stream()
    let list = (0..<UInt32(rows.count)).shuffled(using: &stream)
    var found = [Float](repeating: .nan, count: rows.count)
    table.distances(
      kernels.kernel(metric, storage), buffer, list, count: list.count, into: &found)
    var ordered = found
    for (place, row) in list.enumerated() { ordered[Int(row)] = found[place] }
    var plain = found
    table.distances(kernels.kernel(metric, storage), buffer, nil, count: list.count, into: &plain)
    #expect(plain == ordered)
    return ordered.map(metric.published)
  }

  @Test(arguments: VectorMetric.allCases, [VectorStorage.float32, .float16])
  func `every instruction set agrees with the plain twin`(
    metric: VectorMetric, storage: VectorStorage
  ) throws {
    for dimensions in Self.dimensions {
      let rows = Vectors.uniform(23, dimensions: dimensions, seed: 3)
      let query = Vectors.uniform(1, dimensions: dimensions, seed: 4)[0]
      let scale = storage == .float16 ? 2e-3 : 2e-6
      for kernels in DistanceKernels.available {
        let found = try distances(kernels, rows, query, metric, storage)
        for (row, distance) in zip(rows, found) {
          let expected = PlainDistance.distance(row, query, metric)
          let tolerance = scale * Double(dimensions).squareRoot() * (1 + abs(expected))
          #expect(
            abs(Double(distance) - expected) <= tolerance,
            "\(kernels.name), \(dimensions) dimensions: \(distance), not \(expected)")
        }
      }
    }
  }

  @Test func `sums of codes are the same on every instruction set`() throws {
    for dimensions in Self.dimensions {
      let rows = Vectors.uniform(23, dimensions: dimensions, seed: 5)
      let query = Vectors.uniform(1, dimensions: dimensions, seed: 6)[0]
      let plain = try distances(
        DistanceKernels.available[0], rows, query, .innerProduct, .int8)
      for kernels in DistanceKernels.available {
        #expect(try distances(kernels, rows, query, .innerProduct, .int8) == plain)
      }
    }
  }

  @Test(arguments: VectorMetric.allCases)
  func `codes stay within the error that their steps allow`(metric: VectorMetric) throws {
    let rows = Vectors.uniform(50, dimensions: 200, seed: 7)
    let query = Vectors.uniform(1, dimensions: 200, seed: 8)[0]
    let found = try distances(DistanceKernels.best, rows, query, metric, .int8)
    for (row, distance) in zip(rows, found) {
      let expected = PlainDistance.distance(row, query, metric)
      // Each of 200 products is off by at most two half steps of 1/127; errors add like a walk.
      let bound = metric == .cosine ? 0.01 : 0.3
      #expect(abs(Double(distance) - expected) < bound)
    }
  }

  @Test func `codes of extreme vectors do not overflow at the largest dimension`() throws {
    let ones = [Float](repeating: 1, count: VectorLimits.dimensions)
    let minus = ones.map { -$0 }
    for kernels in DistanceKernels.available {
      let found = try distances(kernels, [ones, minus], ones, .innerProduct, .int8)
      #expect(abs(found[0] + 65536) < 8 && abs(found[1] - 65536) < 8, "\(kernels.name): \(found)")
    }
  }

  @Test func `half precision widens to what the language says, for all 65,536 numbers`() {
    let halves = (0...UInt16.max).map { $0 }
    for kernels in DistanceKernels.available {
      var floats = [Float](repeating: 0, count: halves.count)
      halves.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress {
          kernels.widen(base, blocks: halves.count / 16, into: &floats)
        }
      }
      let wrong = halves.indices.filter { place in
        let expected = Float(Float16(bitPattern: halves[place]))
        return expected.isNaN ? !floats[place].isNaN : floats[place] != expected
      }
      #expect(wrong.isEmpty, "\(kernels.name): \(wrong.prefix(5))")
    }
  }
}
