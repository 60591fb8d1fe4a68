// Operations on each number alone.

public import LinearAlgebra

/// result = f(input), for a function of one number.
struct MapOperation: Operation {
  let function: ElementFunction
  let input: Tensor
  let result: Tensor

  init(_ function: ElementFunction, _ input: Tensor) {
    self.function = function
    self.input = input
    result = input.alike()
  }

  func forward() { function.apply(to: input.values, into: result.values) }

  func backward() {
    function.addGradients(
      of: (result.values, result.gradients), to: (input.values, input.gradients))
  }
}

/// result = scale · input + shift.
struct ScaleOperation: Operation {
  let input: Tensor
  let scale: Float
  let shift: Float
  let result: Tensor

  init(_ input: Tensor, scale: Float, shift: Float) {
    self.input = input
    self.scale = scale
    self.shift = shift
    result = input.alike()
  }

  func forward() {
    let (from, to) = (input.values.base, result.values.base)
    for index in 0..<input.values.count { to[index] = scale * from[index] + shift }
  }

  func backward() {
    let (to, from) = (input.gradients.base, result.gradients.base)
    for index in 0..<input.values.count { to[index] += scale * from[index] }
  }
}

/// Bounds that may change from run to run.
public final class Limits {
  /// The least and the greatest number that passes as it is.
  public var bounds: ClosedRange<Float>

  /// Begins with bounds.
  public init(_ bounds: ClosedRange<Float>) { self.bounds = bounds }
}

/// result = input, held within bounds; where a bound holds it, no gradient passes.
struct ClampOperation: Operation {
  let input: Tensor
  let limits: Limits
  let result: Tensor

  init(_ input: Tensor, _ limits: Limits) {
    self.input = input
    self.limits = limits
    result = input.alike()
  }

  func forward() {
    let (from, to, bounds) = (input.values.base, result.values.base, limits.bounds)
    for index in 0..<input.values.count {
      to[index] = min(max(from[index], bounds.lowerBound), bounds.upperBound)
    }
  }

  func backward() {
    let (values, to, from) = (input.values.base, input.gradients.base, result.gradients.base)
    let bounds = limits.bounds
    for index in 0..<input.values.count where bounds.contains(values[index]) {
      to[index] += from[index]
    }
  }
}

/// result = left ∘ right, number by number.
struct PairOperation: Operation {
  enum Kind: Hashable, CaseIterable { case sum, difference, product, minimum }

  let kind: Kind
  let left, right: Tensor
  let result: Tensor

  init(_ kind: Kind, _ left: Tensor, _ right: Tensor) {
    precondition(
      left.rows == right.rows && left.columns == right.columns, "two tensors of one shape")
    self.kind = kind
    self.left = left
    self.right = right
    result = left.graph.tensor(
      rows: left.rows, columns: left.columns,
      needsGradient: left.needsGradient || right.needsGradient)
  }

  func forward() {
    let (one, other, to) = (left.values.base, right.values.base, result.values.base)
    let count = result.values.count
    switch kind {
    case .sum: for index in 0..<count { to[index] = one[index] + other[index] }
    case .difference: for index in 0..<count { to[index] = one[index] - other[index] }
    case .product: for index in 0..<count { to[index] = one[index] * other[index] }
    case .minimum:
      for index in 0..<count {
        // Of a number and none, none is the minimum, whichever side it stands on.
        to[index] = other[index].isNaN ? other[index] : min(one[index], other[index])
      }
    }
  }

  func backward() {
    if left.needsGradient { pass(to: left, other: right, isLeft: true) }
    if right.needsGradient { pass(to: right, other: left, isLeft: false) }
  }

  /// Of two equal numbers, the left one counts as the minimum.
  private func pass(to side: Tensor, other: Tensor, isLeft: Bool) {
    let (to, from) = (side.gradients.base, result.gradients.base)
    let (own, others) = (side.values.base, other.values.base)
    let count = result.values.count
    switch kind {
    case .sum: for index in 0..<count { to[index] += from[index] }
    case .difference:
      let sign: Float = isLeft ? 1 : -1
      for index in 0..<count { to[index] += sign * from[index] }
    case .product: for index in 0..<count { to[index] += from[index] * others[index] }
    case .minimum:
      for index in 0..<count
      where own[index] < others[index] || (isLeft && own[index] == others[index]) {
        to[index] += from[index]
      }
    }
  }
}

extension Tensor {
  /// A tensor of the same shape for what an operation makes of this one.
  func alike() -> Tensor {
    graph.tensor(rows: rows, columns: columns, needsGradient: needsGradient)
  }

  /// A function of each number.
  public func mapped(_ function: ElementFunction) -> Tensor {
    graph.record(MapOperation(function, self))
  }

  /// The square of each number.
  public var squared: Tensor { mapped(.square) }
  /// e to the power of each number.
  public var exponential: Tensor { mapped(.exponential) }

  /// Each number held within bounds; no gradient passes where a bound holds it.
  public func clamped(to bounds: ClosedRange<Float>) -> Tensor {
    clamped(to: Limits(bounds))
  }

  /// Each number held within bounds that may change from run to run.
  public func clamped(to limits: Limits) -> Tensor {
    graph.record(ClampOperation(self, limits))
  }

  /// The smaller number of two tensors of one shape, place by place.
  public static func minimum(_ left: Tensor, _ right: Tensor) -> Tensor {
    left.graph.record(PairOperation(.minimum, left, right))
  }

  /// The sum of two tensors of one shape.
  public static func + (left: Tensor, right: Tensor) -> Tensor {
    left.graph.record(PairOperation(.sum, left, right))
  }

  /// The difference of two tensors of one shape.
  public static func - (left: Tensor, right: Tensor) -> Tensor {
    left.graph.record(PairOperation(.difference, left, right))
  }

  /// The product of two tensors of one shape, number by number.
  public static func * (left: Tensor, right: Tensor) -> Tensor {
    left.graph.record(PairOperation(.product, left, right))
  }

  /// A multiple.
  public static func * (scale: Float, tensor: Tensor) -> Tensor {
    tensor.graph.record(ScaleOperation(tensor, scale: scale, shift: 0))
  }

  /// Each number with another added.
  public static func + (tensor: Tensor, shift: Float) -> Tensor {
    tensor.graph.record(ScaleOperation(tensor, scale: 1, shift: shift))
  }

  /// Each number with its sign turned.
  public static prefix func - (tensor: Tensor) -> Tensor { -1 * tensor }
}
