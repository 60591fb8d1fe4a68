// Bars in words and signs.

public import LabManifest

extension Criterion.Bar {
  /// The bar in words and numbers, as tables show it.
  ///
  /// - Parameter unit: The unit of the criterion's metric.
  public func text(unit: String) -> String {
    switch self {
    case .atLeast(let bound): "≥ \(FigureText.quantity(bound, unit: unit))"
    case .atMost(let bound): "≤ \(FigureText.quantity(bound, unit: unit))"
    case .equals(let value): "= \(FigureText.quantity(value, unit: unit))"
    case .within(let bound): "within ± \(FigureText.quantity(bound, unit: unit))"
    case .matches(let metric, let standardErrors):
      "within \(FigureText.number(standardErrors)) standard errors of \(metric)"
    case .atLeastTimes(let factor, let arm): "≥ \(FigureText.number(factor)) × \(arm)"
    case .atMostTimes(let factor, let arm): "≤ \(FigureText.number(factor)) × \(arm)"
    case .equalsTimes(let factor, let arm): "= \(FigureText.number(factor)) × \(arm)"
    case .withinTimes(let share, let arm): "1 ± \(FigureText.number(share)) × \(arm)"
    }
  }
}

extension Criterion.Statistic {
  /// The statistic in a word or two.
  public var text: String {
    switch self {
    case .mean: "mean"
    case .median: "median"
    case .share: "share"
    case .minimum: "smallest"
    case .maximum: "largest"
    case .quantile(let share): "\(FigureText.number(share * 100)) % quantile"
    }
  }
}
