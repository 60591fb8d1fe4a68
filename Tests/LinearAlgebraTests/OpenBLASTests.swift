import Glibc
import LabCore
import Testing

@testable import LinearAlgebra

@Suite(.serialized) struct `the library OpenBLAS` {
  @Test func `serves its products itself and says with which kernels`() throws {
    let blas = try OpenBLAS.open()
    #expect(blas.path.contains("openblas"))
    #expect(blas.configuration.hasPrefix("OpenBLAS 0."))
    #expect(!blas.kernelName.isEmpty)
  }

  @Test(.enabled(if: getenv("OPENBLAS_CORETYPE") == nil))
  func `uses the kernels that the processor's instructions ask for`() throws {
    let expected = ["avx512": "skylakex", "avx2": "haswell"][InstructionLevel.best.name]
    let found = try OpenBLAS.open().kernelName.lowercased()
    #expect(expected == nil || found == expected)
  }

  @Test func `leaves the environment as it was`() throws {
    // Whoever opened it first, in whichever suite, is done with the environment now.
    let path = try OpenBLAS.open().path
    let before = getenv("OPENBLAS_NUM_THREADS").map { String(cString: $0) }
    _ = try OpenBLAS(library: path, coreType: nil)
    #expect(getenv("OPENBLAS_NUM_THREADS").map { String(cString: $0) } == before)
  }

  @Test func `refuses another BLAS that exports the same product`() {
    #expect(
      throws: LinearAlgebraError.otherLibrary(
        name: "libgslcblas.so.0", function: "openblas_get_corename")
    ) { try OpenBLAS(library: "libgslcblas.so.0", coreType: nil) }
  }

  @Test func `says what to install when it is missing`() throws {
    let error = #expect(throws: LinearAlgebraError.self) {
      try OpenBLAS(library: "libnosuchblas.so.0", coreType: nil)
    }
    let text = try #require(error?.description)
    #expect(text.contains("'libnosuchblas.so.0'") && text.contains("libopenblas0-pthread"))
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (16, 384, 48), (65, 33, 130), (2, 3, 0)])
  func `multiplies like the plain sum`(rows: Int, columns: Int, depth: Int) throws {
    var stream = RandomStream(seed: Seed(11))
    let left = Matrix(rows: rows, columns: depth, from: &stream)
    let right = Matrix(rows: columns, columns: depth, from: &stream)
    let result = try OpenBLAS.open().product(left, right, .transposed)
    #expect(distance(result.elements, left.plainProduct(transposing: right)) < 1e-4)
  }

  @Test func `multiplies parts of matrices and leaves what is around them`() throws {
    var stream = RandomStream(seed: Seed(12))
    let left = Matrix(rows: 9, columns: 20, from: &stream)
    let right = Matrix(rows: 9, columns: 20, from: &stream)
    let out = Matrix(rows: 12, columns: 12)
    try OpenBLAS.open().product(
      left.view.region(rows: 0..<9, columns: 4..<12),
      right.view.region(rows: 0..<9, columns: 12..<20), .transposed,
      into: out.view.region(rows: 1..<10, columns: 2..<11), scale: 2)
    for row in 0..<12 {
      for column in 0..<12 {
        guard (1..<10).contains(row), (2..<11).contains(column) else {
          #expect(out[row, column] == 0)
          continue
        }
        let sum = (0..<8).reduce(0.0) {
          $0 + Double(left[row - 1, 4 + $1]) * Double(right[column - 2, 12 + $1])
        }
        #expect(abs(Double(out[row, column]) - 2 * sum) < 1e-5)
      }
    }
  }
}
