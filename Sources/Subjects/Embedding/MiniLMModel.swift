// The weights of all-MiniLM-L6-v2, ready to multiply with.

import LinearAlgebra

/// The shape of the model.
enum MiniLMShape {
  static let layers = 6
  static let heads = 12
  static let width = 384
  static let headWidth = width / heads
  static let hiddenWidth = 1536
  static let pieces = 30_522
  static let positions = 512
  static let normEpsilon: Float = 1e-12
}

/// The weights of one layer.
///
/// Unchecked, as nothing writes to the weights once they are loaded.
final class MiniLMLayer: @unchecked Sendable {
  /// The three projections beside one another: queries, keys, values.
  let projections: PackedMatrix
  let projectionBias: Matrix
  let attentionOutput: PackedMatrix
  let attentionBias: UnsafeMatrixView
  let attentionNorm: RowFunctions.Normalisation
  let intermediate: PackedMatrix
  let intermediateBias: UnsafeMatrixView
  let output: PackedMatrix
  let outputBias: UnsafeMatrixView
  let outputNorm: RowFunctions.Normalisation

  init(_ file: TensorFile, number: Int) throws(EmbeddingError) {
    let (width, hidden) = (MiniLMShape.width, MiniLMShape.hiddenWidth)
    let name = "encoder.layer.\(number)"
    var parts: [UnsafeMatrixView] = []
    let bias = Matrix(rows: 1, columns: 3 * width)
    for (index, part) in ["query", "key", "value"].enumerated() {
      let place = "\(name).attention.self.\(part)"
      parts.append(try file.tensor("\(place).weight", shape: [width, width]))
      let numbers = try file.tensor("\(place).bias", shape: [width])
      (bias.view.base + index * width).update(from: numbers.base, count: width)
    }
    projections = PackedMatrix(transposing: parts)
    projectionBias = bias
    func layer(
      _ part: String, _ outputs: Int, _ inputs: Int
    ) throws(EmbeddingError) -> (PackedMatrix, UnsafeMatrixView) {
      let weights = try file.tensor("\(name).\(part).dense.weight", shape: [outputs, inputs])
      let bias = try file.tensor("\(name).\(part).dense.bias", shape: [outputs])
      return (PackedMatrix(transposing: [weights]), bias)
    }
    (attentionOutput, attentionBias) = try layer("attention.output", width, width)
    (intermediate, intermediateBias) = try layer("intermediate", hidden, width)
    (output, outputBias) = try layer("output", width, hidden)
    attentionNorm = try .init(file, "\(name).attention.output.LayerNorm")
    outputNorm = try .init(file, "\(name).output.LayerNorm")
  }
}

/// All weights of the model.
///
/// The products' weights are copies in the layout of products; tables of embeddings stay in the
/// mapped file. Unchecked, as nothing writes to the weights once they are loaded.
final class MiniLMModel: @unchecked Sendable {
  let words: UnsafeMatrixView
  let positions: UnsafeMatrixView
  /// What every token gets, as there is one kind of sentence.
  let tokenType: UnsafeMatrixView
  let embeddingNorm: RowFunctions.Normalisation
  let layers: [MiniLMLayer]
  /// Keeps the mapped memory alive.
  private let file: MappedFile

  /// Takes the weights out of a tensor file.
  ///
  /// - Throws: ``EmbeddingError/badTensorFile(path:reason:)``.
  init(_ mapped: MappedFile) throws(EmbeddingError) {
    file = mapped
    let tensors = try TensorFile(mapped)
    let width = MiniLMShape.width
    words = try tensors.tensor(
      "embeddings.word_embeddings.weight", shape: [MiniLMShape.pieces, width])
    positions = try tensors.tensor(
      "embeddings.position_embeddings.weight", shape: [MiniLMShape.positions, width])
    let types = try tensors.tensor("embeddings.token_type_embeddings.weight", shape: [2, width])
    tokenType = types.rows(0..<1)
    embeddingNorm = try .init(tensors, "embeddings.LayerNorm")
    var layers: [MiniLMLayer] = []
    for number in 0..<MiniLMShape.layers {
      layers.append(try MiniLMLayer(tensors, number: number))
    }
    self.layers = layers
  }
}

extension RowFunctions.Normalisation {
  /// Reads gain and shift.
  fileprivate init(_ file: TensorFile, _ name: String) throws(EmbeddingError) {
    self.init(
      gain: try file.tensor("\(name).weight", shape: [MiniLMShape.width]),
      shift: try file.tensor("\(name).bias", shape: [MiniLMShape.width]),
      epsilon: MiniLMShape.normEpsilon)
  }
}
