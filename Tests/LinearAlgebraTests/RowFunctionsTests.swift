import Glibc
import LabCore
import Testing

@testable import LinearAlgebra

@Suite struct `functions of rows` {
  private static let shapes = [(1, 1), (3, 15), (2, 16), (5, 33), (4, 384)]

  @Test(arguments: InstructionLevel.supported, shapes)
  func `softmax is that of double precision`(
    level: InstructionLevel, shape: (rows: Int, columns: Int)
  ) {
    var stream = RandomStream(seed: Seed(31))
    let values = Matrix(rows: shape.rows, columns: shape.columns, from: &stream)
    let expected = (0..<shape.rows).flatMap { row in
      let powers = (0..<shape.columns).map { exp(30.0 * Double(values[row, $0])) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
    RowFunctions.softmax(values.view, scale: 30, level: level)
    #expect(distance(values.elements, expected) < 3e-6)
  }

  @Test(arguments: InstructionLevel.supported)
  func `softmax stays finite for distant numbers and leaves the gaps between rows`(
    level: InstructionLevel
  ) {
    let values = Matrix(rows: 2, columns: 20)
    values.view.base[0] = 1e30
    values.view.base[1] = -1e30
    values.view.base[17] = 7
    RowFunctions.softmax(
      values.view.region(rows: 0..<2, columns: 0..<17), scale: 1, level: level)
    #expect(values.elements.allSatisfy { $0.isFinite })
    #expect(values[0, 0] == 1 && values[0, 1] < 1e-37 && values[0, 17] == 7)
    #expect(abs(values[1, 3] - 1 / 17) < 1e-7)
  }

  @Test(arguments: InstructionLevel.supported)
  func `GELU is that of double precision over the whole range`(level: InstructionLevel) {
    let points = (-1200...1200).map { Float($0) / 100 } + [-1e4, -40, -0.0, 1e-20, 40, 1e4]
    let values = Matrix(rows: 1, columns: points.count, points)
    let bias = Matrix(
      rows: 1, columns: points.count, [Float](repeating: 0.25, count: points.count))
    RowFunctions.addBiasAndApplyGELU(bias.view, to: values.view, level: level)
    let expected = points.map { point in
      let x = Double(point + 0.25)
      return 0.5 * x * erfc(-x / 2.0.squareRoot())
    }
    let errors = zip(values.elements, expected).map { value, exact in
      abs(Double(value) - exact) / max(1, abs(exact))
    }
    #expect((errors.max() ?? 1) < 1e-6)
  }

  @Test(arguments: InstructionLevel.supported, shapes)
  func `layer norm and bias are those of double precision`(
    level: InstructionLevel, shape: (rows: Int, columns: Int)
  ) {
    var stream = RandomStream(seed: Seed(32))
    let values = Matrix(rows: shape.rows, columns: shape.columns, from: &stream)
    let residual = Matrix(rows: shape.rows, columns: shape.columns, from: &stream)
    let bias = Matrix(rows: 1, columns: shape.columns, from: &stream)
    let gain = Matrix(rows: 1, columns: shape.columns, from: &stream)
    let shift = Matrix(rows: 1, columns: shape.columns, from: &stream)
    let count = Double(shape.columns)
    let expected = (0..<shape.rows).flatMap { row -> [Double] in
      let sums = (0..<shape.columns).map {
        Double(values[row, $0]) + Double(bias[0, $0]) + Double(residual[row, $0])
      }
      let mean = sums.reduce(0, +) / count
      let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      return sums.indices.map {
        (sums[$0] - mean) / (variance + 1e-6).squareRoot() * Double(gain[0, $0])
          + Double(shift[0, $0])
      }
    }
    RowFunctions.normalise(
      values.view, adding: bias.view, and: residual.view,
      by: .init(gain: gain.view, shift: shift.view, epsilon: 1e-6), level: level)
    // A row of one number has no variance, so its rounding error is divided by 1e-3.
    #expect(distance(values.elements, expected) < (shape.columns == 1 ? 1e-3 : 1e-5))
  }

  @Test(arguments: InstructionLevel.supported, shapes)
  func `bias and means of columns are those of double precision`(
    level: InstructionLevel, shape: (rows: Int, columns: Int)
  ) {
    var stream = RandomStream(seed: Seed(33))
    let values = Matrix(rows: shape.rows, columns: shape.columns, from: &stream)
    let bias = Matrix(rows: 1, columns: shape.columns, from: &stream)
    let expected = (0..<shape.columns).map { column in
      (0..<shape.rows).reduce(0.0) { $0 + Double(values[$1, column]) } / Double(shape.rows)
        + Double(bias[0, column])
    }
    RowFunctions.addBias(bias.view, to: values.view, level: level)
    let means = Matrix(rows: 1, columns: shape.columns)
    RowFunctions.columnMeans(of: values.view, into: means.view, level: level)
    #expect(distance(means.elements, expected) < 1e-6)
  }

  @Test func `AVX2 and AVX-512 give the same bits`() {
    let results = InstructionLevel.supported.filter { $0 > .baseline }.map { level in
      var stream = RandomStream(seed: Seed(34))
      let values = Matrix(rows: 6, columns: 77, from: &stream)
      let row = Matrix(rows: 1, columns: 77, from: &stream)
      RowFunctions.addBiasAndApplyGELU(row.view, to: values.view, level: level)
      RowFunctions.normalise(
        values.view, adding: row.view, and: values.view,
        by: .init(gain: row.view, shift: row.view, epsilon: 1e-12), level: level)
      RowFunctions.softmax(values.view, scale: 3, level: level)
      return values.elements
    }
    #expect(results.allSatisfy { $0 == results.first })
  }
}
