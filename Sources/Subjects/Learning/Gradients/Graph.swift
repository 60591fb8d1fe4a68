// The computation that is recorded once and run many times.

public import LinearAlgebra

/// A computation with its gradients: operations on tensors, recorded once, run again and again.
///
/// Recording allocates all memory and fixes all shapes; ``forward()`` and ``backward(from:)`` only
/// run down and up the list of operations and allocate nothing. It holds one thread at a time; what
/// runs in parallel has a graph of its own.
///
///     let graph = Graph(blas)
///     let observations = graph.input(rows: 64, columns: 4)
///     let targets = graph.input(rows: 64, columns: 1)
///     let loss = (critic(observations) - targets).squared.mean
///     …
///     graph.forward()
///     graph.backward(from: loss)
///
/// - Determinism: Values and gradients depend on inputs, parameters and kernels alone, not on
///   threads, for every sum has one order.
public final class Graph {
  let blas: OpenBLAS
  private(set) var operations: [any Operation] = []
  private var tensors: [Tensor] = []

  /// Begins a record.
  public init(_ blas: OpenBLAS) { self.blas = blas }

  /// A place for numbers from outside.
  ///
  /// - Parameter isWatched: Whether the derivative of the loss by them is wanted.
  public func input(rows: Int, columns: Int, isWatched: Bool = false) -> Tensor {
    tensor(rows: rows, columns: columns, needsGradient: isWatched)
  }

  /// A tensor for what an operation makes.
  func tensor(rows: Int, columns: Int, needsGradient: Bool) -> Tensor {
    let tensor = Tensor(self, rows: rows, columns: columns, needsGradient: needsGradient)
    tensors.append(tensor)
    return tensor
  }

  /// Adds an operation to the end of the list and gives what it makes.
  func record(_ operation: some Operation) -> Tensor {
    operations.append(operation)
    return operation.result
  }

  /// Computes every tensor from inputs and parameters.
  public func forward() { for operation in operations { operation.forward() } }

  /// Adds the derivative of a loss to the gradients of all trained parameters.
  ///
  /// - Precondition: The loss is one number, and was computed by ``forward()``.
  public func backward(from loss: Tensor) {
    precondition(loss.rows == 1 && loss.columns == 1, "a loss of one number")
    for tensor in tensors where tensor.needsGradient { tensor.gradients.fill(0) }
    loss.gradients.base[0] = 1
    for operation in operations.reversed() where operation.result.needsGradient {
      operation.backward()
    }
  }
}

/// One step of a computation, which knows how gradients pass through it.
protocol Operation {
  /// What it makes.
  var result: Tensor { get }
  /// Computes the result from what it takes.
  func forward()
  /// Adds to the gradients of what it takes what the gradient of the result means for them.
  func backward()
}
