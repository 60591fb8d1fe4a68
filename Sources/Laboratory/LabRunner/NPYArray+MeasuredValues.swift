// How the arrays that programs from outside leave become measured values.

import ArrayFiles
import LabRecord

extension NPYArray.Elements {
  /// The elements as they would stand in a table of measurements: whole numbers stay whole.
  ///
  /// - Returns: `nil` when one is NaN or infinite.
  var measuredValues: [MeasuredValue]? {
    func whole(_ numbers: [some BinaryInteger]) -> [MeasuredValue] {
      numbers.map { .integer(Int($0)) }
    }
    func real(_ numbers: [some BinaryFloatingPoint]) -> [MeasuredValue]? {
      numbers.allSatisfy(\.isFinite) ? numbers.map { .number(Double($0)) } : nil
    }
    return switch self {
    case .float32(let numbers): real(numbers)
    case .float64(let numbers): real(numbers)
    case .int32(let numbers): whole(numbers)
    case .int64(let numbers): whole(numbers)
    case .uint8(let numbers): whole(numbers)
    }
  }
}
