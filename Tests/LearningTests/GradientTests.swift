import LabCore
import LinearAlgebra
import Testing

@testable import Learning

/// A small computation that ends in one number.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let build: @Sendable (inout Trial) -> Tensor

  init(_ name: String, _ build: @escaping @Sendable (inout Trial) -> Tensor) {
    testDescription = name
    self.build = build
  }
}

/// What a computation is made from: drawn inputs and parameters, whose gradients are compared.
struct Trial {
  let graph: Graph
  var random: RandomStream
  var leaves: [(values: UnsafeMatrixView, gradients: UnsafeMatrixView, leaf: AnyObject)] = []

  mutating func input(_ rows: Int, _ columns: Int, scale: Double = 1) -> Tensor {
    let tensor = graph.input(rows: rows, columns: columns, isWatched: true)
    tensor.set((0..<rows * columns).map { _ in Float(scale * random.standardNormal()) })
    leaves.append((tensor.values, tensor.gradients, tensor))
    return tensor
  }

  mutating func fixed(_ rows: Int, _ columns: Int) -> Tensor {
    let tensor = graph.input(rows: rows, columns: columns)
    tensor.set((0..<rows * columns).map { _ in Float(random.standardNormal()) })
    return tensor
  }

  mutating func parameter(_ rows: Int, _ columns: Int) -> Parameter {
    let parameter = Parameter(rows: rows, columns: columns, .normal(deviation: 0.7), &random)
    watch([parameter])
    return parameter
  }

  mutating func watch(_ parameters: [Parameter]) {
    leaves += parameters.map { ($0.values, $0.gradients, $0) }
  }

  mutating func choices(_ count: Int, below bound: Int) -> Choices {
    let choices = Choices(count: count)
    choices.indices = (0..<count).map { _ in Int32(random.below(bound)) }
    return choices
  }

  /// The largest deviation of a gradient from the twin's difference, against the greatest gradient
  /// of its leaf.
  func worstDeviation(_ loss: Tensor) throws -> Double {
    graph.forward()
    for leaf in leaves where leaf.leaf is Parameter { leaf.gradients.fill(0) }
    graph.backward(from: loss)
    let twin = DoubleTwin(graph)
    let exact = try twin.number(of: loss)
    var worst = abs(Double(loss.number) - exact) / (1 + abs(exact))
    let step = 1e-5
    for leaf in leaves {
      let count = leaf.values.count
      var greatest = 1e-3
      var furthest = 0.0
      // Every seventh number of a large leaf speaks for the rest.
      for index in stride(from: 0, to: count, by: count > 60 ? 7 : 1) {
        let above = try twin.number(of: loss, moving: leaf.leaf, at: index, by: step)
        let below = try twin.number(of: loss, moving: leaf.leaf, at: index, by: -step)
        let difference = (above - below) / (2 * step)
        greatest = max(greatest, abs(difference))
        furthest = max(furthest, abs(difference - Double(leaf.gradients.base[index])))
      }
      worst = max(worst, furthest / greatest)
    }
    return worst
  }
}

@Suite struct `a gradient` {
  static let cases: [GradientCase] =
    ElementFunction.allCases.map { function in
      GradientCase("\(function)") { trial in
        (trial.input(3, 7).mapped(function) * trial.fixed(3, 7)).sum
      }
    } + [
      GradientCase("a multiple with a shift") { trial in
        ((-3 * trial.input(2, 5) + 0.5) * trial.fixed(2, 5)).sum
      },
      GradientCase("clamping") { trial in
        (trial.input(4, 9).clamped(to: -0.5...0.7) * trial.fixed(4, 9)).sum
      },
      GradientCase("sums, differences, products and minima") { trial in
        let (one, other) = (trial.input(3, 5), trial.input(3, 5))
        return (Tensor.minimum(one * other, one + other) - one * one).mean
      },
      GradientCase("row sums and weighted sums") { trial in
        let sums = trial.input(6, 3).squared.rowSums
        return sums.sum(weightedBy: trial.fixed(6, 1)) + sums.mean
      },
      GradientCase("a linear layer") { trial in
        let layer = Linear(inputs: 5, outputs: 18, &trial.random)
        trial.watch(layer.parameters)
        return (layer(trial.input(7, 5)) * trial.fixed(7, 18)).sum
      },
      GradientCase("a layer norm") { trial in
        let norm = LayerNorm(width: 19)
        trial.watch(norm.parameters)
        for index in 0..<19 {
          norm.gains.values.base[index] = Float(trial.random.standardNormal())
          norm.shifts.values.base[index] = Float(trial.random.standardNormal())
        }
        return (norm(trial.input(4, 19)) * trial.fixed(4, 19)).sum
      },
      GradientCase("a logarithmic softmax, picked from") { trial in
        let chances = trial.input(5, 17, scale: 3).logSoftmax
        return chances.picked(by: trial.choices(5, below: 17)).sum + 0.1 * chances.entropies.sum
      },
      GradientCase("causal attention") { trial in
        let states = trial.input(2 * 6, 3 * 8, scale: 2)
        return (states.attended(heads: 2, length: 6) * trial.fixed(12, 8)).sum
      },
      GradientCase("a lookup in a table") { trial in
        let table = trial.parameter(4, 6)
        let found = trial.graph.lookup(trial.choices(9, below: 4), in: table)
        return (found.squared * trial.fixed(9, 6)).sum
      },
      GradientCase("rows and columns that are moved about") { trial in
        let (one, other) = (trial.input(4, 3), trial.input(4, 3))
        let joined = Tensor.joined(one.squared, other, one).columns(2..<7)
        let woven = Tensor.interleaved(one, other, one * other).everyRow(from: 2, step: 3)
        return joined.squared.sum + (woven * trial.fixed(4, 3)).sum
      },
      GradientCase("a repeated row") { trial in
        let row = trial.parameter(1, 4)
        return (trial.graph.repeated(row, rows: 5).exponential * trial.input(5, 4)).sum
      },
      GradientCase("a normal density") { trial in
        let row = trial.parameter(1, 3)
        let deviations = trial.graph.repeated(row, rows: 6)
        return Tensor.gaussianLogProbabilities(
          of: trial.input(6, 3), means: trial.input(6, 3), logDeviations: deviations
        ).mean
      },
      GradientCase("a squashed normal density") { trial in
        let policy = SquashedGaussian(
          means: trial.input(6, 3), logDeviations: trial.input(6, 3, scale: 0.5),
          noise: trial.fixed(6, 3))
        return (policy.actions * trial.fixed(6, 3)).sum + policy.logProbabilities.mean
      },
      GradientCase("a critic through which an actor learns") { trial in
        let actor = MultilayerPerceptron(
          widths: [3, 20, 2], activation: .rectifier, &trial.random)
        let critic = MultilayerPerceptron(
          widths: [5, 20, 20, 1], activation: .rectifier, &trial.random)
        trial.watch(actor.parameters)
        let observations = trial.fixed(9, 3)
        let actions = actor(observations).mapped(.hyperbolicTangent)
        return -critic(Tensor.joined(observations, actions), isTrained: false).mean
      },
      GradientCase("a clipped surrogate") { trial in
        let policy = MultilayerPerceptron(
          widths: [4, 16, 3], activation: .hyperbolicTangent, start: .orthogonal(lastGain: 1),
          &trial.random)
        trial.watch(policy.parameters)
        let chosen = policy(trial.fixed(8, 4)).logSoftmax
          .picked(by: trial.choices(8, below: 3))
        let ratio = (chosen - trial.fixed(8, 1)).exponential
        let advantages = trial.fixed(8, 1)
        return -Tensor.minimum(
          ratio * advantages, ratio.clamped(to: 0.8...1.2) * advantages
        ).mean
      },
      GradientCase("a block of a transformer") { trial in
        let (width, length) = (8, 5)
        let (before, between) = (LayerNorm(width: width), LayerNorm(width: width))
        let projections = Linear(inputs: width, outputs: 3 * width, &trial.random)
        let output = Linear(inputs: width, outputs: width, &trial.random)
        let wide = Linear(inputs: width, outputs: 4 * width, &trial.random)
        let narrow = Linear(inputs: 4 * width, outputs: width, &trial.random)
        trial.watch(before.parameters + projections.parameters + wide.parameters)
        let start = trial.input(3 * length, width)
        let middle =
          start + output(projections(before(start)).attended(heads: 2, length: length))
        let end = middle + narrow(wide(between(middle)).mapped(.gaussianErrorUnit))
        return (end * trial.fixed(3 * length, width)).sum
      },
    ]

  private func trial(_ seed: UInt64) throws -> Trial {
    Trial(graph: Graph(try OpenBLAS.open()), random: Seed(seed).stream())
  }

  @Test(arguments: cases, [1, 2, 3] as [UInt64])
  func `is what differences in double precision say`(_ gradient: GradientCase, seed: UInt64) throws
  {
    var trial = try trial(seed)
    let loss = gradient.build(&trial)
    #expect(try trial.worstDeviation(loss) < 2e-5)
  }

  @Test func `that is a thousandth too large is found out`() throws {
    var trial = try trial(4)
    let input = trial.input(3, 4)
    let loss = trial.graph.record(WrongOperation(input.squared)).mean
    #expect(try trial.worstDeviation(loss) > 5e-4)
  }

  @Test func `stops where it is cut off, and at what is not trained`() throws {
    var trial = try trial(5)
    let layer = Linear(inputs: 3, outputs: 2, &trial.random)
    let input = trial.input(4, 3)
    let loss = (layer(input, isTrained: false) * layer(input.detached)).mean
    trial.graph.forward()
    trial.graph.backward(from: loss)
    let onlyDetached = layer.weights.gradients
    let untrained = Linear(inputs: 3, outputs: 2, &trial.random)
    let other = untrained(input, isTrained: false).mean
    trial.graph.forward()
    trial.graph.backward(from: other)
    #expect((0..<6).contains { onlyDetached.base[$0] != 0 })
    #expect((0..<6).allSatisfy { untrained.weights.gradients.base[$0] == 0 })
    #expect((0..<12).contains { input.gradients.base[$0] != 0 })
    #expect(!input.detached.needsGradient)
  }

  @Test func `gathers over passes until an optimiser takes it`() throws {
    var trial = try trial(6)
    let layer = Linear(inputs: 3, outputs: 2, &trial.random)
    let loss = layer(trial.fixed(4, 3)).squared.mean
    trial.graph.forward()
    trial.graph.backward(from: loss)
    let once = (0..<6).map { layer.weights.gradients.base[$0] }
    trial.graph.backward(from: loss)
    #expect((0..<6).allSatisfy { layer.weights.gradients.base[$0] == 2 * once[$0] })
    var optimiser = Optimiser(layer.parameters, .adam(), rate: 0.1)
    optimiser.step()
    #expect((0..<6).allSatisfy { layer.weights.gradients.base[$0] == 0 })
  }

  @Test func `is the same bits on any number of threads`() async throws {
    let blas = try OpenBLAS.open()
    @Sendable func run() -> UInt64 {
      var random = Seed(7).stream()
      let network = MultilayerPerceptron(
        widths: [6, 64, 64, 3], activation: .hyperbolicTangent, &random)
      let graph = Graph(blas)
      let input = graph.input(rows: 32, columns: 6)
      let loss = network(input).squared.mean
      var optimiser = Optimiser(network.parameters, .adam(), rate: 1e-2)
      for _ in 0..<50 {
        input.set((0..<192).map { _ in Float(random.standardNormal()) })
        graph.forward()
        graph.backward(from: loss)
        optimiser.step()
      }
      return network.parameters.fingerprint
    }
    let alone = run()
    let together = await withTaskGroup(of: UInt64.self) { group in
      for _ in 0..<6 { group.addTask { run() } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together.count == 6 && together.allSatisfy { $0 == alone })
  }
}
