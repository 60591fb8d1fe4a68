// The transformer that reads episodes as sentences.

import LabCore
import LinearAlgebra

/// Tokens of returns, observations and actions, blocks of causal attention, and a number for each
/// action.
public struct DecisionNetwork {
  /// How many numbers are seen.
  public let observationWidth: Int
  /// How many actions there are.
  public let actionCount: Int
  private let returns, observations, head: Linear
  private let actions, times: Parameter
  private let first, last: LayerNorm
  private let blocks: [Block]
  private let heads: Int

  /// Attention and two layers, each behind a norm and beside a way past it.
  private struct Block {
    let before, between: LayerNorm
    let projections, output, wide, narrow: Linear

    init(width: Int, _ random: inout RandomStream) {
      before = LayerNorm(width: width)
      between = LayerNorm(width: width)
      projections = Linear(inputs: width, outputs: 3 * width, &random)
      output = Linear(inputs: width, outputs: width, &random)
      wide = Linear(inputs: width, outputs: 4 * width, &random)
      narrow = Linear(inputs: 4 * width, outputs: width, &random)
    }

    var parameters: [Parameter] {
      before.parameters + between.parameters + projections.parameters + output.parameters
        + wide.parameters + narrow.parameters
    }

    func callAsFunction(
      _ tokens: Tensor, heads: Int, length: Int, isTrained: Bool
    ) -> Tensor {
      let seen = projections(before(tokens, isTrained: isTrained), isTrained: isTrained)
        .attended(heads: heads, length: length)
      let middle = tokens + output(seen, isTrained: isTrained)
      let thought = wide(between(middle, isTrained: isTrained), isTrained: isTrained)
        .mapped(.gaussianErrorUnit)
      return middle + narrow(thought, isTrained: isTrained)
    }
  }

  init(
    observationWidth: Int, actionCount: Int, _ settings: DecisionTransformerSettings,
    _ random: inout RandomStream
  ) {
    self.observationWidth = observationWidth
    self.actionCount = actionCount
    heads = settings.heads
    let width = settings.width
    returns = Linear(inputs: 1, outputs: width, &random)
    observations = Linear(inputs: observationWidth, outputs: width, &random)
    actions = Parameter(rows: actionCount, columns: width, .normal(deviation: 0.2), &random)
    times = Parameter(rows: settings.context, columns: width, .normal(deviation: 0.2), &random)
    first = LayerNorm(width: width)
    var blocks: [Block] = []
    for _ in 0..<settings.blocks { blocks.append(Block(width: width, &random)) }
    self.blocks = blocks
    last = LayerNorm(width: width)
    head = Linear(inputs: width, outputs: actionCount, &random)
  }

  /// What is trained.
  public var parameters: [Parameter] {
    returns.parameters + observations.parameters + [actions, times] + first.parameters
      + blocks.flatMap(\.parameters) + last.parameters + head.parameters
  }

  /// Records the network for sentences: a row of log-chances of actions for each step.
  func callAsFunction(
    returns toGo: Tensor, observations seen: Tensor, actions done: Choices, times: Choices,
    isTrained: Bool
  ) -> Tensor {
    let graph = seen.graph
    let time = graph.lookup(times, in: self.times, isTrained: isTrained)
    var tokens = first(
      Tensor.interleaved(
        returns(toGo, isTrained: isTrained) + time, observations(seen, isTrained: isTrained) + time,
        graph.lookup(done, in: actions, isTrained: isTrained) + time),
      isTrained: isTrained)
    for block in blocks {
      tokens = block(tokens, heads: heads, length: 3 * self.times.rows, isTrained: isTrained)
    }
    // The second token of each step is what was seen, behind which the action is foretold.
    return head(
      last(tokens.everyRow(from: 1, step: 3), isTrained: isTrained), isTrained: isTrained
    ).logSoftmax
  }
}

/// The network recorded for a number of sentences, and where their words go.
struct DecisionSentences {
  let graph: Graph
  let logProbabilities: Tensor
  /// What was done in each step.
  let answers: Choices
  private let toGo, seen: Tensor
  private let settings: DecisionTransformerSettings

  init(
    _ network: DecisionNetwork, _ settings: DecisionTransformerSettings, sentences: Int,
    isTrained: Bool, _ blas: OpenBLAS
  ) {
    let rows = sentences * settings.context
    self.settings = settings
    graph = Graph(blas)
    toGo = graph.input(rows: rows, columns: 1)
    seen = graph.input(rows: rows, columns: network.observationWidth)
    answers = Choices(count: rows)
    let times = Choices(count: rows)
    times.indices = (0..<rows).map { Int32($0 % settings.context) }
    logProbabilities = network(
      returns: toGo, observations: seen, actions: answers, times: times,
      isTrained: isTrained)
  }

  /// Writes a step at its place in a sentence.
  ///
  /// - Precondition: Both exist, and what was seen is as wide as observations are.
  func write(
    toGo number: Float, seen numbers: [Float], action: Int, place: Int, sentence: Int = 0
  ) {
    let row = sentence * settings.context + place
    precondition(
      numbers.count == seen.columns && place < settings.context && row < seen.rows,
      "a step of the network's width")
    toGo.values.base[row] = settings.isReturnBlind ? 0 : number / Float(settings.returnScale)
    for (column, number) in numbers.enumerated() {
      seen.values.base[row * seen.columns + column] = number
    }
    answers.indices[row] = Int32(action)
  }
}
