// The language of `where`: comparisons of settings with values, joined by and, or, not,
// parentheses.

/// A condition that a point of a sweep must meet.
///
///     condition  = conjunction { "or" conjunction }
///     conjunction = negation { "and" negation }
///     negation   = "not" negation | "(" condition ")" | comparison
///     comparison = setting ("==" | "!=" | "<" | "<=" | ">" | ">=") (value | setting)
///
/// A setting is a swept key or a parameter. Values are written as everywhere in the manifest; those
/// with spaces stand in single quotes. `==` and `!=` compare what values mean (1kB == 1000B); the
/// others compare numbers of one unit.
indirect enum SweepCondition {
  /// Compares two operands.
  case comparison(Operand, Comparison, Operand)
  /// Holds when both do.
  case and(SweepCondition, SweepCondition)
  /// Holds when one does.
  case or(SweepCondition, SweepCondition)
  /// Holds when the other does not.
  case not(SweepCondition)

  /// One side of a comparison.
  enum Operand {
    /// The value of a swept key: its slot in a point.
    case swept(Int)
    /// The same in every point.
    case fixed(Comparable)
  }

  /// What is compared: the text of equal values, and the amount of those that have an order.
  struct Comparable {
    let text: String
    let quantity: Quantity?

    init(_ text: String) {
      self.text = text
      quantity = Quantity(text)
    }
  }

  /// How two operands are compared.
  enum Comparison: String, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case equal = "=="
    case unequal = "!="
    case below = "<"
    case above = ">"
  }

  /// Whether a point meets the condition.
  func holds(for point: [Comparable]) -> Bool {
    switch self {
    case .and(let left, let right): left.holds(for: point) && right.holds(for: point)
    case .or(let left, let right): left.holds(for: point) || right.holds(for: point)
    case .not(let condition): !condition.holds(for: point)
    case .comparison(let left, let comparison, let right):
      Self.compare(left.value(in: point), comparison, right.value(in: point))
    }
  }

  private static func compare(
    _ left: Comparable, _ comparison: Comparison, _ right: Comparable
  ) -> Bool {
    switch comparison {
    case .equal: return left.text == right.text
    case .unequal: return left.text != right.text
    case .atMost, .atLeast, .below, .above: break
    }
    // The reader has made sure that all values have an order.
    guard let low = left.quantity?.amount, let high = right.quantity?.amount else { return false }
    switch comparison {
    case .atMost: return low <= high
    case .atLeast: return low >= high
    case .below: return low < high
    default: return low > high
    }
  }
}

extension SweepCondition.Operand {
  func value(in point: [SweepCondition.Comparable]) -> SweepCondition.Comparable {
    switch self {
    case .swept(let slot): point[slot]
    case .fixed(let value): value
    }
  }
}
