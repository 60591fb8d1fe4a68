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
    case .atLeastPlus(let offset, let arm): "≥ \(arm) \(Self.signed(offset, unit: unit))"
    case .atMostPlus(let offset, let arm): "≤ \(arm) \(Self.signed(offset, unit: unit))"
    case .withinTimes(let share, let arm): "1 ± \(FigureText.number(share)) × \(arm)"
    }
  }

  private static func signed(_ offset: Double, unit: String) -> String {
    "\(offset < 0 ? "−" : "+") \(FigureText.quantity(abs(offset), unit: unit))"
  }
}

extension Criterion.Statistic {
  /// The statistic in a word or two.
  public var text: String {
    switch self {
    case .mean: "mean"
    case .median: "median"
    case .interquartileMean: "interquartile mean"
    case .share: "share"
    case .minimum: "smallest"
    case .maximum: "largest"
    case .quantile(let share): "\(FigureText.number(share * 100)) % quantile"
    }
  }
}
