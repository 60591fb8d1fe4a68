// The one door to the GNU Scientific Library: its aborting error handler is off behind it.
import CGSL

/// Calls the GNU Scientific Library without its habit of ending the process on an error.
///
/// By default the library calls `abort` when an argument is out of its domain. The handler is
/// turned off once, before the first call; from then on such a call returns NaN, which becomes an
/// error here.
enum GSL {
  private static let handlerIsOff: Bool = {
    gsl_set_error_handler_off()
    return true
  }()

  /// The number that a function of the library returns.
  ///
  /// - Throws: ``StatisticsError/gsl(_:)`` when the function returns NaN, its sign of failure.
  static func value(
    _ function: StaticString, _ call: () -> Double
  ) throws(StatisticsError) -> Double {
    precondition(handlerIsOff)
    let result = call()
    guard !result.isNaN else { throw .gsl(GSLFailure(function: "\(function)")) }
    return result
  }

  /// The chance that a standard normal variable is at most `x`.
  static func normalCumulative(_ x: Double) throws(StatisticsError) -> Double {
    try value("gsl_cdf_ugaussian_P") { gsl_cdf_ugaussian_P(x) }
  }

  /// The chance that a standard normal variable is above `x`.
  static func normalExceedance(_ x: Double) throws(StatisticsError) -> Double {
    try value("gsl_cdf_ugaussian_Q") { gsl_cdf_ugaussian_Q(x) }
  }

  /// The point below which a standard normal variable falls with a chance.
  static func normalQuantile(_ probability: Double) throws(StatisticsError) -> Double {
    try value("gsl_cdf_ugaussian_Pinv") { gsl_cdf_ugaussian_Pinv(probability) }
  }

  /// The value that a chi-square variable does not exceed with a chance.
  static func chiSquareQuantile(
    _ probability: Double, degreesOfFreedom: Double
  ) throws(StatisticsError) -> Double {
    try value("gsl_cdf_chisq_Pinv") { gsl_cdf_chisq_Pinv(probability, degreesOfFreedom) }
  }

  /// The chance that a ratio of two independent variance estimates is above `x`.
  static func varianceRatioExceedance(
    _ x: Double, degreesOfFreedom: (above: Double, below: Double)
  ) throws(StatisticsError) -> Double {
    try value("gsl_cdf_fdist_Q") {
      gsl_cdf_fdist_Q(x, degreesOfFreedom.above, degreesOfFreedom.below)
    }
  }
}
