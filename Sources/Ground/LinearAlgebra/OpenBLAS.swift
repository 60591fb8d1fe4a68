// The general product of matrices, by OpenBLAS.

import CLinearAlgebra
import Glibc

/// OpenBLAS, opened once for the process with the kernels that suit the processor, on one thread.
///
/// It is opened at run time and its functions are taken from the library itself, for two reasons:
/// its kernels are chosen when it is loaded, so the choice must come first; and other libraries
/// (the GNU Scientific Library's own BLAS) export the same names, of which the linker takes any.
/// Parallel work calls it from several threads; it makes none.
public struct OpenBLAS: Sendable {
  /// The file that serves the products.
  public let path: String
  /// The name of its kernels, as in `SkylakeX`: an exact figure depends on it.
  public let kernelName: String
  /// Its version and how it was built, in its own words.
  public let configuration: String

  private let multiply: Multiply

  private typealias Multiply =
    @convention(c) (
      _ order: CInt, _ transposeLeft: CInt, _ transposeRight: CInt, _ rows: CInt, _ columns: CInt,
      _ depth: CInt, _ scale: Float, _ left: UnsafePointer<Float>, _ leftStride: CInt,
      _ right: UnsafePointer<Float>, _ rightStride: CInt, _ keep: Float,
      _ out: UnsafeMutablePointer<Float>, _ outStride: CInt
    ) -> Void
  private typealias Text = @convention(c) () -> UnsafePointer<CChar>?
  private typealias SetThreads = @convention(c) (CInt) -> Void

  /// How the right-hand matrix of a product stands in memory.
  public enum Right: Sendable {
    /// As it is multiplied.
    case plain
    /// With rows and columns exchanged.
    case transposed
  }

  /// OpenBLAS, loaded by the first call.
  ///
  /// The first call changes the environment of the process for the moment of loading, so it comes
  /// before threads that read or change it. The variable `OPENBLAS_CORETYPE`, where it is set, wins
  /// over the choice by instructions.
  /// - Throws: ``LinearAlgebraError``.
  public static func open() throws(LinearAlgebraError) -> OpenBLAS { try shared.get() }

  private static let shared = Result { () throws(LinearAlgebraError) in
    try OpenBLAS(library: "libopenblas.so.0", coreType: InstructionLevel.best.coreType)
  }

  /// Loads a library and checks that it is OpenBLAS.
  init(library name: String, coreType: String?) throws(LinearAlgebraError) {
    let handle = withEnvironment(
      ["OPENBLAS_CORETYPE": getenv("OPENBLAS_CORETYPE") == nil ? coreType : nil]
        .merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
    ) { dlopen(name, RTLD_NOW | RTLD_LOCAL) }
    guard let handle else {
      let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
      throw .missingLibrary(name: name, reason: reason)
    }
    func function<Signature>(
      _ function: String, _: Signature.Type
    ) throws(LinearAlgebraError) -> Signature {
      guard let address = dlsym(handle, function) else {
        throw .otherLibrary(name: name, function: function)
      }
      return unsafeBitCast(address, to: Signature.self)
    }
    kernelName = text(try function("openblas_get_corename", Text.self)())
    configuration = text(try function("openblas_get_config", Text.self)())
    try function("openblas_set_num_threads", SetThreads.self)(1)
    multiply = try function("cblas_sgemm", Multiply.self)
    path = text(fleetlab_file_of(unsafeBitCast(multiply, to: UnsafeRawPointer.self)))
  }

  /// A matrix as it goes into a product.
  public struct Factor {
    let view: UnsafeMatrixView
    let isTransposed: Bool

    /// The matrix as it stands in memory.
    public static func plain(_ view: UnsafeMatrixView) -> Factor {
      Factor(view: view, isTransposed: false)
    }

    /// The matrix with rows and columns exchanged.
    public static func transposed(_ view: UnsafeMatrixView) -> Factor {
      Factor(view: view, isTransposed: true)
    }

    var rows: Int { isTransposed ? view.columns : view.rows }
    var columns: Int { isTransposed ? view.rows : view.columns }
  }

  /// out = scale · left · right.
  ///
  /// - Precondition: The shapes fit, and `out` overlaps neither factor.
  /// - Complexity: O(rows · columns · depth).
  /// - Determinism: The bits depend on the factors, their shapes and ``kernelName``; the last bits
  ///   of a row may depend on how many rows there are.
  public func product(
    _ left: UnsafeMatrixView, _ right: UnsafeMatrixView, _ form: Right = .plain,
    into out: UnsafeMatrixView, scale: Float = 1
  ) {
    product(
      .plain(left), form == .plain ? .plain(right) : .transposed(right), into: out, scale: scale)
  }

  /// out = scale · left · right + kept · out.
  ///
  /// - Parameter kept: How much stays of what `out` held; with 0 it need hold no numbers.
  /// - Precondition: The shapes fit, and `out` overlaps neither factor.
  /// - Complexity: O(rows · columns · depth).
  /// - Determinism: As that of a product of two plain matrices.
  public func product(
    _ left: Factor, _ right: Factor, into out: UnsafeMatrixView, scale: Float = 1,
    keeping kept: Float = 0
  ) {
    precondition(
      left.columns == right.rows && left.rows == out.rows && out.columns == right.columns,
      "a product of matrices whose shapes do not fit")
    guard out.rows > 0, out.columns > 0 else { return }
    let (rowMajor, plain, transposed): (CInt, CInt, CInt) = (101, 111, 112)
    multiply(
      rowMajor, left.isTransposed ? transposed : plain, right.isTransposed ? transposed : plain,
      CInt(out.rows), CInt(out.columns), CInt(left.columns), scale, left.view.base,
      CInt(max(left.view.stride, 1)), right.view.base, CInt(max(right.view.stride, 1)), kept,
      out.base, CInt(out.stride))
  }

  /// The product of two matrices.
  ///
  /// - Precondition: The shapes fit.
  public func product(
    _ left: borrowing Matrix, _ right: borrowing Matrix, _ form: Right = .plain
  ) -> Matrix {
    let out = Matrix(
      rows: left.rows, columns: form == .plain ? right.columns : right.rows)
    product(left.view, right.view, form, into: out.view)
    return out
  }
}

/// Runs the body while variables of the environment are set; those without a value stay.
private func withEnvironment<Outcome>(
  _ variables: [String: String?], _ body: () -> Outcome
) -> Outcome {
  let changes = variables.compactMapValues { $0 }
  let before = changes.keys.map { name in (name, getenv(name).map { String(cString: $0) }) }
  for (name, value) in changes { setenv(name, value, 1) }
  defer {
    for (name, value) in before {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
  }
  return body()
}

/// A text of the library, without the spaces at its end.
private func text(_ characters: UnsafePointer<CChar>?) -> String {
  guard let characters else { return "" }
  let text = String(cString: characters)
  let last = text.lastIndex { $0 != " " }
  return last.map { String(text[...$0]) } ?? ""
}
