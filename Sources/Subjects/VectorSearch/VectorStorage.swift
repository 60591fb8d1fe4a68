// In which form an index keeps its vectors.

/// The form of the components in memory and on disk.
public enum VectorStorage: String, Hashable, Sendable, CaseIterable {
  /// Single precision, as given.
  case float32 = "f32"
  /// Half precision: half the memory, with a relative error of at most 2^−11 a component from
  /// 2^−14 on; components beyond 65,504 are refused, except for the cosine, which makes them small.
  case float16 = "f16"
  /// One byte a component with a step of its own for each row, and the given components beside it,
  /// by which the nearest rows are ranked again.
  case int8
}
