import Glibc
import LabCore
import Testing

@testable import LinearAlgebra

@Suite struct `functions of elements` {
  private static let points =
    (-1000...1000).map { Float($0) / 100 } + [-85, -30, -0.62, 0.63, -1e-6, 1e-20, 30, 85]

  private func exact(_ function: ElementFunction, _ x: Double) -> Double {
    switch function {
    case .hyperbolicTangent: tanh(x)
    case .rectifier: max(x, 0)
    case .gaussianErrorUnit: 0.5 * x * erfc(-x / 2.0.squareRoot())
    case .exponential: exp(x)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .square: x * x
    }
  }

  @Test(arguments: ElementFunction.allCases, InstructionLevel.supported)
  func `are those of double precision`(function: ElementFunction, level: InstructionLevel) {
    let values = Matrix(rows: 1, columns: Self.points.count, Self.points)
    let results = Matrix(rows: 1, columns: Self.points.count)
    function.apply(to: values.view, into: results.view, level: level)
    for (point, result) in zip(Self.points, results.elements) {
      let expected = exact(function, Double(point))
      // The error function behind GELU has an absolute error, so far out it is not relative.
      let scale = function == .gaussianErrorUnit ? abs(Double(point)) : abs(expected)
      #expect(abs(Double(result) - expected) <= 4e-7 * scale + 1e-37, "\(point)")
    }
  }

  @Test(arguments: ElementFunction.allCases, InstructionLevel.supported)
  func `add slopes that differences confirm`(function: ElementFunction, level: InstructionLevel) {
    let points = Self.points.filter { abs($0) < 9 && abs($0) > 1e-3 }
    let values = Matrix(rows: 1, columns: points.count, points)
    let results = Matrix(rows: 1, columns: points.count)
    let given = Matrix(
      rows: 1, columns: points.count, points.indices.map { Float($0 % 7) - 3 })
    let gradients = Matrix(
      rows: 1, columns: points.count, [Float](repeating: 0.5, count: points.count))
    function.apply(to: values.view, into: results.view, level: level)
    function.addGradients(
      of: (results.view, given.view), to: (values.view, gradients.view), level: level)
    for index in points.indices {
      let (x, h) = (Double(points[index]), 1e-5)
      let slope = (exact(function, x + h) - exact(function, x - h)) / (2 * h)
      let expected = 0.5 + slope * Double(given[0, index])
      #expect(abs(Double(gradients[0, index]) - expected) < 2e-6 * (1 + abs(expected)), "\(x)")
    }
  }

  @Test(arguments: ElementFunction.allCases, InstructionLevel.supported)
  func `leave what is no number as it is, and change nothing beside it`(
    function: ElementFunction, level: InstructionLevel
  ) {
    // 37 numbers are two whole vectors and a part of one.
    let whole = (0..<37).map { Float($0) / 4 - 4 }
    let places = [0, 5, 16, 31, 36]
    let holed = whole.indices.map { places.contains($0) ? Float.nan : whole[$0] }
    let values = Matrix(rows: 1, columns: 37, holed)
    let results = Matrix(rows: 1, columns: 37)
    function.apply(to: values.view, into: results.view, level: level)
    let wholeValues = Matrix(rows: 1, columns: 37, whole)
    let others = Matrix(rows: 1, columns: 37)
    function.apply(to: wholeValues.view, into: others.view, level: level)
    for index in whole.indices {
      if places.contains(index) {
        #expect(results[0, index].isNaN, "\(index)")
      } else {
        #expect(results[0, index].bitPattern == others[0, index].bitPattern, "\(index)")
      }
    }
  }

  @Test(arguments: InstructionLevel.supported)
  func `of the rectifier give zero without a sign for zero with one`(level: InstructionLevel) {
    let values = Matrix(rows: 1, columns: 4, [-0.0, 0, -3, 2])
    let results = Matrix(rows: 1, columns: 4)
    ElementFunction.rectifier.apply(to: values.view, into: results.view, level: level)
    #expect(results.elements.map(\.bitPattern) == [0, 0, 0, Float(2).bitPattern])
  }

  @Test(arguments: ElementFunction.allCases)
  func `give the same bits with AVX2 and with AVX-512`(function: ElementFunction) {
    let values = Matrix(rows: 1, columns: Self.points.count, Self.points)
    let results = InstructionLevel.supported.filter { $0 > .baseline }.map { level in
      let results = Matrix(rows: 1, columns: Self.points.count)
      function.apply(to: values.view, into: results.view, level: level)
      let gradients = Matrix(rows: 1, columns: Self.points.count)
      function.addGradients(
        of: (results.view, values.view), to: (values.view, gradients.view), level: level)
      return results.elements + gradients.elements
    }
    #expect(results.allSatisfy { $0 == results.first })
  }
}

@Suite struct `functions of rows for training` {
  private static let shapes = [(1, 1), (3, 15), (2, 16), (5, 33), (4, 130)]

  @Test(arguments: InstructionLevel.supported, shapes)
  func `a logarithmic softmax is that of double precision`(
    level: InstructionLevel, shape: (rows: Int, columns: Int)
  ) {
    var stream = RandomStream(seed: Seed(41))
    let values = Matrix(rows: shape.rows, columns: shape.columns, from: &stream)
    values.view.base[0] = 60
    let results = Matrix(rows: shape.rows, columns: shape.columns)
    RowFunctions.logSoftmax(values.view, into: results.view, level: level)
    for row in 0..<shape.rows {
      let numbers = (0..<shape.columns).map { Double(values[row, $0]) }
      let sum = log(numbers.reduce(0) { $0 + exp($1) })
      for column in 0..<shape.columns {
        #expect(abs(Double(results[row, column]) - (numbers[column] - sum)) < 6e-6)
      }
    }
  }

  @Test(arguments: InstructionLevel.supported, 0..<3)
  func `a logarithmic softmax has no number where its row has one that is none`(
    level: InstructionLevel, place: Int
  ) {
    var numbers: [Float] = [1, 2, 3, 1, 2, 3]
    numbers[place] = .nan
    let values = Matrix(rows: 2, columns: 3, numbers)
    let results = Matrix(rows: 2, columns: 3)
    RowFunctions.logSoftmax(values.view, into: results.view, level: level)
    #expect(results.elements.prefix(3).allSatisfy { $0.isNaN })
    #expect(results.elements.suffix(3).allSatisfy { $0.isFinite })
  }

  @Test(arguments: InstructionLevel.supported)
  func `sums and squares are those of double precision`(level: InstructionLevel) {
    var stream = RandomStream(seed: Seed(42))
    let values = Matrix(rows: 37, columns: 21, from: &stream)
    let sums = Matrix(rows: 1, columns: 21, [Float](repeating: 1, count: 21))
    RowFunctions.addColumnSums(of: values.view, to: sums.view, level: level)
    for column in 0..<21 {
      let expected = (0..<37).reduce(1.0) { $0 + Double(values[$1, column]) }
      #expect(abs(Double(sums[0, column]) - expected) < 1e-5)
    }
    let squares = values.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(Double(RowFunctions.sumOfSquares(values.view, level: level)) - squares) < 1e-3)
  }

  @Test(arguments: InstructionLevel.supported)
  func `an approach goes its share of the way`(level: InstructionLevel) {
    let values = Matrix(rows: 1, columns: 19, (0..<19).map(Float.init))
    let aims = Matrix(rows: 1, columns: 19, [Float](repeating: 8, count: 19))
    RowFunctions.approach(values.view, towards: aims.view, by: 0.25, level: level)
    #expect(values.elements == (0..<19).map { 0.75 * Float($0) + 2 })
  }

  @Test func `products take either factor transposed and may keep what was there`() throws {
    var stream = RandomStream(seed: Seed(43))
    let left = Matrix(rows: 7, columns: 5, from: &stream)
    let right = Matrix(rows: 7, columns: 3, from: &stream)
    let out = Matrix(rows: 5, columns: 3, [Float](repeating: 2, count: 15))
    try OpenBLAS.open().product(
      .transposed(left.view), .plain(right.view), into: out.view, scale: 3, keeping: 0.5)
    for row in 0..<5 {
      for column in 0..<3 {
        let sum = (0..<7).reduce(0.0) {
          $0 + Double(left[$1, row]) * Double(right[$1, column])
        }
        #expect(abs(Double(out[row, column]) - (3 * sum + 1)) < 1e-5)
      }
    }
  }
}
