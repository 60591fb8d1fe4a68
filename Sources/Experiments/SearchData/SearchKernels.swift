// What exact figures of search and of encoding depend on, chosen by the processor when they run.

import LinearAlgebra
import VectorSearch

/// The kernels of this process, as keys of records.
public enum SearchKernels {
  /// The kernels that compute distances.
  public static let distance = ["distance_kernels": distanceKernelName]

  /// The kernels that compute encodings; OpenBLAS is loaded by the first call.
  public static let encoding = [
    "row_kernels": InstructionLevel.best.name,
    "blas_kernel": (try? OpenBLAS.open())?.kernelName ?? "none",
  ]
}
