import LabCore
import Testing

@testable import LinearAlgebra

@Suite struct `a packed matrix` {
  @Test(
    arguments: InstructionLevel.supported,
    [
      (1, 1, 1), (7, 48, 5), (13, 96, 130), (130, 49, 257), (9, 100, 300), (0, 48, 8),
      (300, 48, 200), (3, 47, 0),
    ])
  func `multiplies like the plain sum at every level`(
    level: InstructionLevel, shape: (rows: Int, columns: Int, depth: Int)
  ) {
    var stream = RandomStream(seed: Seed(21))
    let left = Matrix(rows: shape.rows, columns: shape.depth, from: &stream)
    let weights = Matrix(rows: shape.columns, columns: shape.depth, from: &stream)
    let out = Matrix(rows: shape.rows, columns: shape.columns)
    PackedMatrix(transposing: [weights.view]).product(left.view, into: out.view, level: level)
    #expect(distance(out.elements, left.plainProduct(transposing: weights)) < 1e-4)
  }

  @Test func `gives the same bits with AVX2 and with AVX-512`() {
    var stream = RandomStream(seed: Seed(22))
    let left = Matrix(rows: 21, columns: 200, from: &stream)
    let packed = PackedMatrix(
      transposing: [Matrix(rows: 100, columns: 200, from: &stream).view])
    let results = InstructionLevel.supported.filter { $0 > .baseline }.map { level in
      let out = Matrix(rows: 21, columns: 100)
      packed.product(left.view, into: out.view, level: level)
      return out.elements
    }
    #expect(results.allSatisfy { $0 == results.first })
  }

  @Test(arguments: InstructionLevel.supported)
  func `gives a row the same bits whatever rows stand beside it`(level: InstructionLevel) {
    var stream = RandomStream(seed: Seed(23))
    let left = Matrix(rows: 150, columns: 300, from: &stream)
    let weights = Matrix(rows: 60, columns: 300, from: &stream)
    let packed = PackedMatrix(transposing: [weights.view])
    let whole = Matrix(rows: 150, columns: 60)
    packed.product(left.view, into: whole.view, level: level)
    for (first, count) in [(0, 1), (3, 2), (7, 5), (100, 50), (17, 131)] {
      let part = Matrix(rows: count, columns: 60)
      packed.product(left.view.rows(first..<first + count), into: part.view, level: level)
      let same = Array(whole.elements[first * 60..<(first + count) * 60])
      #expect(part.elements == same, "\(count) rows from \(first)")
    }
  }

  @Test func `packs several matrices as one below the other`() {
    var stream = RandomStream(seed: Seed(24))
    let left = Matrix(rows: 3, columns: 10, from: &stream)
    let first = Matrix(rows: 20, columns: 10, from: &stream)
    let second = Matrix(rows: 40, columns: 10, from: &stream)
    let both = Matrix(rows: 60, columns: 10, first.elements + second.elements)
    let out = Matrix(rows: 3, columns: 60)
    PackedMatrix(transposing: [first.view, second.view]).product(left.view, into: out.view)
    #expect(distance(out.elements, left.plainProduct(transposing: both)) < 1e-5)
  }
}
