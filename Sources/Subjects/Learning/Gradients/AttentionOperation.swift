// Causal self-attention.

import LinearAlgebra

/// result = for each head, softmax(queries · keysᵀ / √width) · values, where no token sees a later
/// one of its sequence.
///
/// The input holds queries, keys and values side by side; each is as wide as the result, head after
/// head. Rows are tokens, sequence after sequence. What follows a sequence's end within its rows is
/// seen by nobody before it, so short sequences are filled up behind and their rest is left out of
/// the loss.
/// > Reference: Vaswani et al., *Attention Is All You Need*, 2017, section 3.2.
struct AttentionOperation: Operation {
  let input: Tensor
  let heads, length: Int
  let result: Tensor
  /// For each sequence and head in turn, the shares of attention: length × length.
  private let shares: Tensor
  private let scratch: Tensor

  init(_ input: Tensor, heads: Int, length: Int) {
    precondition(
      heads > 0 && length > 0 && input.columns % (3 * heads) == 0 && input.rows % length == 0,
      "queries, keys and values for each head, in whole sequences")
    self.input = input
    self.heads = heads
    self.length = length
    let graph = input.graph
    result = graph.tensor(
      rows: input.rows, columns: input.columns / 3, needsGradient: input.needsGradient)
    shares = graph.tensor(rows: input.rows * heads, columns: length, needsGradient: false)
    scratch = graph.tensor(rows: length, columns: length, needsGradient: false)
  }

  private var width: Int { result.columns / heads }
  private var scale: Float { 1 / Float(width).squareRoot() }

  func forward() {
    let blas = input.graph.blas
    eachHead { sequence, head, shares in
      let values = input.values
      blas.product(
        .plain(part(0, of: values, sequence, head)),
        .transposed(part(1, of: values, sequence, head)), into: shares)
      for token in 0..<length {
        // What a token must not see weighs nothing.
        let row = shares.rows(token..<(token + 1))
        RowFunctions.softmax(row.region(rows: 0..<1, columns: 0..<(token + 1)), scale: scale)
        for later in (token + 1)..<max(length, token + 1) { row.base[later] = 0 }
      }
      blas.product(
        .plain(shares), .plain(part(2, of: values, sequence, head)),
        into: part(0, of: result.values, sequence, head))
    }
  }

  func backward() {
    let blas = input.graph.blas
    let (values, gradients) = (input.values, input.gradients)
    eachHead { sequence, head, shares in
      let given = part(0, of: result.gradients, sequence, head)
      blas.product(
        .transposed(shares), .plain(given), into: part(2, of: gradients, sequence, head),
        keeping: 1)
      blas.product(
        .plain(given), .transposed(part(2, of: values, sequence, head)), into: scratch.values)
      RowFunctions.softmaxGradients(of: shares, inPlace: scratch.values, scale: scale)
      blas.product(
        .plain(scratch.values), .plain(part(1, of: values, sequence, head)),
        into: part(0, of: gradients, sequence, head), keeping: 1)
      blas.product(
        .transposed(scratch.values), .plain(part(0, of: values, sequence, head)),
        into: part(1, of: gradients, sequence, head), keeping: 1)
    }
  }

  private func eachHead(_ body: (_ sequence: Int, _ head: Int, _ shares: UnsafeMatrixView) -> Void)
  {
    for sequence in 0..<(input.rows / length) {
      for head in 0..<heads {
        let first = (sequence * heads + head) * length
        body(sequence, head, shares.values.rows(first..<(first + length)))
      }
    }
  }

  /// Queries (0), keys (1) or values (2) of a head in a sequence, or its part of the result (0).
  private func part(
    _ kind: Int, of whole: UnsafeMatrixView, _ sequence: Int, _ head: Int
  ) -> UnsafeMatrixView {
    let first = kind * result.columns + head * width
    return whole.region(
      rows: (sequence * length)..<((sequence + 1) * length), columns: first..<(first + width))
  }
}

extension Tensor {
  /// Causal self-attention over sequences of tokens; see Vaswani et al., 2017.
  ///
  /// - Precondition: The columns are queries, keys and values for each head; the rows are whole
  ///   sequences.
  public func attended(heads: Int, length: Int) -> Tensor {
    graph.record(AttentionOperation(self, heads: heads, length: length))
  }
}
