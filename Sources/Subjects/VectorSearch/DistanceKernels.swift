// The distance kernels of this processor.

import CDistance

/// A set of kernels for one instruction set.
///
/// All sets add in the same lanes and the same order; those with fused multiplication differ from
/// the portable one in the last bits, and sums of int8 codes are equal on all.
struct DistanceKernels: @unchecked Sendable {  // The pointer leads to a constant of the program.
  private let set: UnsafePointer<cdistance_kernels>

  /// The sets that this processor can run; the best is the last.
  static let available: [DistanceKernels] = (0..<cdistance_set_count()).compactMap { place in
    cdistance_set(place).map { DistanceKernels(set: $0) }
  }

  /// The best set that this processor can run.
  static let best: DistanceKernels = {
    guard let best = available.last else { preconditionFailure("every processor has kernels") }
    return best
  }()

  /// The name of the instruction set.
  var name: String { String(cString: set.pointee.name) }

  /// The kernel for a metric and a form of rows.
  func kernel(_ metric: VectorMetric, _ storage: VectorStorage) -> cdistance_kernel {
    let isSquare = metric == .squaredEuclidean
    return switch storage {
    case .float32: isSquare ? set.pointee.square_float32 : set.pointee.product_float32
    case .float16: isSquare ? set.pointee.square_float16 : set.pointee.product_float16
    case .int8: set.pointee.codes_int8
    }
  }

  /// Turns blocks of 16 float16 numbers into single precision.
  func widen(_ halves: UnsafeRawPointer, blocks: Int, into floats: UnsafeMutablePointer<Float>) {
    set.pointee.widen_float16(halves, blocks, floats)
  }
}

/// Which kernels searches use on this processor; exact counts compare only between equal ones.
public var distanceKernelName: String { DistanceKernels.best.name }
