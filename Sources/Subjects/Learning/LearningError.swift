// What can go wrong in learning.

/// Why something cannot be computed, learned, saved or loaded.
public enum LearningError: Error, Hashable, Sendable {
  /// Dynamic programming did not come to rest within so many sweeps: some policy earns or loses
  /// without end. Discount, or give the model an end.
  case unbounded(sweeps: Int)
  /// A setting lies outside its range: its name, what it is, and what was expected.
  case badSetting(name: String, value: String, expected: String)
}

extension LearningError: CustomStringConvertible {
  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .unbounded(let sweeps):
      "the values do not settle within \(sweeps) sweeps; a model whose episodes end, or a discount "
        + "below 1, was expected; lower the discount"
    case .badSetting(let name, let value, let expected):
      "\(name) is \(value); \(expected) was expected; correct the setting"
    }
  }
}
