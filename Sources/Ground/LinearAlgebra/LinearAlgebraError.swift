// What can go wrong before the first product.

/// Why no BLAS is there to multiply with.
public enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// The library cannot be opened: the name that was asked for, and the loader's reason. Show it;
  /// it says what to install.
  case missingLibrary(name: String, reason: String)
  /// The library lacks a function of OpenBLAS, so it is another BLAS: its name and the function.
  case otherLibrary(name: String, function: String)

  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .missingLibrary(let name, let reason):
      "the library '\(name)' cannot be opened (\(reason)); OpenBLAS was expected; "
        + "run ./Scripts/setup or install libopenblas0-pthread"
    case .otherLibrary(let name, let function):
      "the library '\(name)' has no function '\(function)'; OpenBLAS was expected; "
        + "name OpenBLAS, not another BLAS"
    }
  }
}
