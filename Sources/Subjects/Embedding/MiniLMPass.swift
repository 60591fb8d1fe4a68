// The forward pass: from tokens to a vector for each text.

import LinearAlgebra

/// Runs the model on groups of texts, in memory that it keeps from group to group.
///
/// The tokens of a group stand one below the other without padding. Products with weights, norms
/// and GELU take all rows at once and compute each row alone; attention takes one text at a time.
/// So a text's vector does not depend on the texts beside it, to the bit. Unchecked, as a pass
/// belongs to one thread at a time.
/// > Reference: Vaswani et al., *Attention Is All You Need*, 2017, section 3; Devlin et al.,
/// > *BERT*, 2019; Wang et al., *MiniLM*, 2020; Reimers and Gurevych, *Sentence-BERT*, 2019, for
/// > the mean over tokens.
final class MiniLMPass: @unchecked Sendable {
  /// The most tokens of a group.
  let tokensMax: Int
  private let model: MiniLMModel
  private let blas: OpenBLAS
  private let states: Matrix
  private let sums: Matrix
  private let projections: Matrix
  private let context: Matrix
  private let hidden: Matrix
  private let scores: Matrix

  init(_ model: MiniLMModel, _ blas: OpenBLAS, tokensMax: Int) {
    self.model = model
    self.blas = blas
    self.tokensMax = tokensMax
    let width = MiniLMShape.width
    states = Matrix(rows: tokensMax, columns: width)
    sums = Matrix(rows: tokensMax, columns: width)
    projections = Matrix(rows: tokensMax, columns: 3 * width)
    context = Matrix(rows: tokensMax, columns: width)
    hidden = Matrix(rows: tokensMax, columns: MiniLMShape.hiddenWidth)
    scores = Matrix(rows: tokensMax, columns: tokensMax)
  }

  /// Encodes a group: hands over each text's vector of length 1.
  ///
  /// - Precondition: No text is empty, all tokens are pieces of the model, no text has more than
  ///   its positions, and all together are at most ``tokensMax``.
  func run(_ texts: [[Int32]], _ deliver: (_ text: Int, _ vector: UnsafeMatrixView) -> Void) {
    let ends = texts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    let rows = ends.last ?? 0
    precondition(rows <= tokensMax, "a group that fits")
    let places = zip(ends, ends.dropFirst()).map { $0..<$1 }
    for (tokens, place) in zip(texts, places) { embed(tokens, at: place) }
    for layer in model.layers { apply(layer, rows: rows, texts: places) }
    for (text, place) in places.enumerated() {
      let mean = context.view.rows(0..<1)
      RowFunctions.columnMeans(of: states.view.rows(place), into: mean)
      Self.normaliseLength(mean)
      deliver(text, mean)
    }
  }

  /// Word, position and type of each token, summed and normalised.
  private func embed(_ tokens: [Int32], at place: Range<Int>) {
    let width = MiniLMShape.width
    for (row, token) in zip(place, tokens) {
      precondition(token >= 0 && token < MiniLMShape.pieces, "a piece that the model has")
      (states.view.base + row * width)
        .update(from: model.words.base + Int(token) * width, count: width)
    }
    RowFunctions.normalise(
      states.view.rows(place), adding: model.tokenType,
      and: model.positions.rows(0..<place.count), by: model.embeddingNorm)
  }

  /// One layer: attention and two products, each followed by the sum with what went in and a norm.
  private func apply(_ layer: MiniLMLayer, rows: Int, texts: [Range<Int>]) {
    let states = states.view.rows(0..<rows)
    let sums = sums.view.rows(0..<rows)
    let projections = projections.view.rows(0..<rows)
    let hidden = hidden.view.rows(0..<rows)
    layer.projections.product(states, into: projections)
    RowFunctions.addBias(layer.projectionBias.view, to: projections)
    for text in texts { attend(projections.rows(text), into: context.view.rows(text)) }
    layer.attentionOutput.product(context.view.rows(0..<rows), into: sums)
    RowFunctions.normalise(
      sums, adding: layer.attentionBias, and: states, by: layer.attentionNorm)
    layer.intermediate.product(sums, into: hidden)
    RowFunctions.addBiasAndApplyGELU(layer.intermediateBias, to: hidden)
    layer.output.product(hidden, into: states)
    RowFunctions.normalise(states, adding: layer.outputBias, and: sums, by: layer.outputNorm)
  }

  /// Every head of one text: softmax(queries · keysᵀ / √width) · values.
  private func attend(_ projections: UnsafeMatrixView, into context: UnsafeMatrixView) {
    let (count, width) = (projections.rows, MiniLMShape.headWidth)
    let scores = scores.view.region(rows: 0..<count, columns: 0..<count)
    let scale = 1 / Float(width).squareRoot()
    for head in 0..<MiniLMShape.heads {
      func part(_ kind: Int) -> UnsafeMatrixView {
        let first = kind * MiniLMShape.width + head * width
        return projections.region(rows: 0..<count, columns: first..<(first + width))
      }
      blas.product(part(0), part(1), .transposed, into: scores)
      RowFunctions.softmax(scores, scale: scale)
      blas.product(
        scores, part(2),
        into: context.region(rows: 0..<count, columns: (head * width)..<((head + 1) * width)))
    }
  }

  /// Divides a vector by its length, unless it has none.
  private static func normaliseLength(_ vector: UnsafeMatrixView) {
    let numbers = UnsafeMutableBufferPointer(start: vector.base, count: vector.columns)
    let squares = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }
    let factor = Float(1 / max(squares.squareRoot(), 1e-12))
    for index in numbers.indices { numbers[index] *= factor }
  }
}
