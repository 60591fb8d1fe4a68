/// The step-down adjustment of several p-values that keeps the chance of any false rejection.
///
/// > Source: Holm, *A Simple Sequentially Rejective Multiple Test Procedure*, Scandinavian Journal
/// > of Statistics 6(2), 1979.
public enum Holm {
  /// The adjusted p-values, in the order of the given ones.
  ///
  /// A hypothesis is rejected at a level when its adjusted value is at most that level. No values
  /// give no values.
  /// - Throws: ``StatisticsError/outOfRange(argument:value:expected:)`` for a value outside 0 to 1.
  /// - Complexity: O(n log n).
  public static func adjusted(_ pValues: [Double]) throws(StatisticsError) -> [Double] {
    for value in pValues { try requireProbability(value) }
    let ascending = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in ascending.enumerated() {
      largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
