// Which instructions the kernels use: part of what an exact figure depends on.

import CLinearAlgebra

/// A set of processor instructions for which the kernels are compiled.
///
/// The two higher levels give the same bits; the baseline rounds products before it adds them.
public enum InstructionLevel: CInt, Comparable, CaseIterable, Sendable {
  /// What the compiler's target has.
  case baseline
  /// AVX2 with fused multiply-add.
  case avx2
  /// AVX-512 F, BW, DQ, VL and CD.
  case avx512

  /// The highest that this processor and its operating system support.
  public static let best = InstructionLevel(rawValue: fleetlab_cpu_level()) ?? .baseline

  /// The levels that may be asked for here, lowest first.
  public static var supported: [InstructionLevel] { allCases.filter { $0 <= best } }

  /// A short name for records, as in `avx512`.
  public var name: String { "\(self)" }

  /// A level is less than those that have its instructions and more.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The type of core that OpenBLAS is told, or nothing when its own choice is as good.
  ///
  /// OpenBLAS knows processors by family and model and gives one that is newer than itself the
  /// kernels of an old one, so instructions decide instead.
  var coreType: String? {
    switch self {
    case .baseline: nil
    case .avx2: "HASWELL"
    case .avx512: "SKYLAKEX"
    }
  }
}
