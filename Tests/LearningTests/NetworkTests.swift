import Glibc
import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `an optimiser` {
  /// The rules as their papers write them, in double precision.
  private struct Plain {
    var values: [Double]
    var means: [Double]
    var squares: [Double]
    var steps = 0

    init(_ values: [Float]) {
      self.values = values.map(Double.init)
      means = values.map { _ in 0 }
      squares = means
    }

    mutating func adam(_ gradients: [Double], rate: Double, decay: Double) {
      steps += 1
      for index in values.indices {
        means[index] = 0.9 * means[index] + 0.1 * gradients[index]
        squares[index] = 0.999 * squares[index] + 0.001 * gradients[index] * gradients[index]
        let mean = means[index] / (1 - pow(0.9, Double(steps)))
        let square = squares[index] / (1 - pow(0.999, Double(steps)))
        values[index] -= rate * decay * values[index]
        values[index] -= rate * mean / (square.squareRoot() + 1e-8)
      }
    }

    mutating func rootMeanSquare(_ gradients: [Double], rate: Double) {
      for index in values.indices {
        squares[index] = 0.99 * squares[index] + 0.01 * gradients[index] * gradients[index]
        values[index] -= rate * gradients[index] / (squares[index].squareRoot() + 1e-5)
      }
    }
  }

  @Test(arguments: [0, 0.1])
  func `follows Adam, and AdamW where weights decay`(decay: Double) {
    var random = Seed(1).stream()
    let parameter = Parameter(rows: 3, columns: 7, .normal(deviation: 1), &random)
    var plain = Plain(parameter.elements)
    var optimiser = Optimiser([parameter], .adam(weightDecay: decay), rate: 0.01)
    for _ in 0..<200 {
      let gradients = (0..<21).map { _ in Float(random.standardNormal()) }
      for index in 0..<21 { parameter.gradients.base[index] = gradients[index] }
      optimiser.step()
      plain.adam(gradients.map(Double.init), rate: 0.01, decay: decay)
    }
    let furthest = zip(parameter.elements, plain.values).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(furthest < 1e-5)
  }

  @Test func `follows RMSprop`() {
    var random = Seed(2).stream()
    let parameter = Parameter(rows: 1, columns: 33, .normal(deviation: 1), &random)
    var plain = Plain(parameter.elements)
    var optimiser = Optimiser([parameter], .rootMeanSquare(epsilon: 1e-5), rate: 7e-4)
    for _ in 0..<200 {
      let gradients = (0..<33).map { _ in Float(random.standardNormal()) }
      for index in 0..<33 { parameter.gradients.base[index] = gradients[index] }
      optimiser.step()
      plain.rootMeanSquare(gradients.map(Double.init), rate: 7e-4)
    }
    let furthest = zip(parameter.elements, plain.values).map { abs(Double($0) - $1) }.max() ?? 1
    #expect(furthest < 1e-5)
  }

  @Test(arguments: [nil, 0.5] as [Double?])
  func `says when gradients are no finite numbers`(limit: Double?) {
    let parameters = [Parameter(rows: 1, columns: 3), Parameter(rows: 1, columns: 1)]
    var optimiser = Optimiser(parameters, .adam(), rate: 0.1, gradientNormLimit: limit)
    for (gradient, isSound) in [(1 as Float, true), (.nan, false), (.infinity, false)] {
      parameters[1].gradients.fill(gradient)
      #expect(optimiser.step() == isSound, "\(gradient)")
    }
  }

  @Test func `shortens gradients that are too long, over all parameters together`() {
    let parameters = [Parameter(rows: 1, columns: 1), Parameter(rows: 1, columns: 1)]
    func moved(by first: Float, _ second: Float, limit: Double?) -> [Float] {
      for parameter in parameters { parameter.values.fill(0) }
      parameters[0].gradients.fill(first)
      parameters[1].gradients.fill(second)
      var optimiser = Optimiser(
        parameters, .rootMeanSquare(squareDecay: 1, epsilon: 1), rate: 1,
        gradientNormLimit: limit)
      optimiser.step()
      return parameters.map { $0.elements[0] }
    }
    #expect(moved(by: 3, 4, limit: nil) == [-3, -4])
    #expect(moved(by: 3, 4, limit: 10) == [-3, -4])
    let short = moved(by: 3, 4, limit: 0.5)
    #expect(abs(short[0] + 0.3) < 1e-6 && abs(short[1] + 0.4) < 1e-6)
  }
}

@Suite struct `a network` {
  @Test func `gives the minimum of a number and none as none, from either side`() throws {
    let graph = Graph(try OpenBLAS.open())
    let (left, right) = (graph.input(rows: 1, columns: 3), graph.input(rows: 1, columns: 3))
    let least = Tensor.minimum(left, right)
    left.set([.nan, 1, 1])
    right.set([1, .nan, 2])
    graph.forward()
    #expect(least.elements[0].isNaN && least.elements[1].isNaN && least.elements[2] == 1)
  }

  @Test func `begins with rows or columns at right angles and of the length asked for`() {
    var random = Seed(3).stream()
    for (rows, columns) in [(5, 20), (20, 5), (8, 8)] {
      let parameter = Parameter(rows: rows, columns: columns, .orthogonal(gain: 0.5), &random)
      let numbers = parameter.elements
      let isWide = columns >= rows
      let count = isWide ? rows : columns
      func number(_ vector: Int, _ place: Int) -> Double {
        Double(isWide ? numbers[vector * columns + place] : numbers[place * columns + vector])
      }
      for one in 0..<count {
        for other in 0..<count {
          let product = (0..<max(rows, columns)).reduce(0.0) {
            $0 + number(one, $1) * number(other, $1)
          }
          #expect(abs(product - (one == other ? 0.25 : 0)) < 1e-6)
        }
      }
    }
  }

  @Test func `begins within the bounds that its widths set`() {
    var random = Seed(4).stream()
    let layer = Linear(inputs: 25, outputs: 400, &random)
    for parameter in layer.parameters {
      let greatest = parameter.elements.map(abs).max() ?? 0
      #expect(greatest <= 0.2 && greatest > 0.19)
    }
  }

  @Test func `is followed by its slow copy`() {
    var random = Seed(5).stream()
    let network = MultilayerPerceptron(widths: [2, 3, 1], activation: .rectifier, &random)
    let target = MultilayerPerceptron(widths: [2, 3, 1], activation: .rectifier, &random)
    let before = target.parameters.flatMap(\.elements)
    target.parameters.approach(network.parameters, by: 0.25)
    let expected = zip(before, network.parameters.flatMap(\.elements)).map {
      $0 + ($1 - $0) * 0.25
    }
    let found = target.parameters.flatMap(\.elements)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    target.parameters.copy(from: network.parameters)
    #expect(target.parameters.fingerprint == network.parameters.fingerprint)
  }

  @Test func `learns the exclusive or`() throws {
    var random = Seed(6).stream()
    let network = MultilayerPerceptron(
      widths: [2, 16, 2], activation: .hyperbolicTangent, &random)
    let graph = Graph(try OpenBLAS.open())
    let input = graph.input(rows: 4, columns: 2)
    let answers = Choices(count: 4)
    input.set([0, 0, 0, 1, 1, 0, 1, 1])
    answers.indices = [0, 1, 1, 0]
    let loss = -network(input).logSoftmax.picked(by: answers).mean
    var optimiser = Optimiser(network.parameters, .adam(), rate: 0.02)
    graph.forward()
    let before = loss.number
    for _ in 0..<400 {
      graph.forward()
      graph.backward(from: loss)
      optimiser.step()
    }
    #expect(before > 0.5 && loss.number < 0.02)
  }
}

@Suite struct `a checkpoint` {
  /// A network in training, which keeps and restores itself.
  private struct Learner {
    let network: MultilayerPerceptron
    let graph: Graph
    let input: Tensor
    let loss: Tensor
    var optimiser: Optimiser
    var random: RandomStream

    init(seed: UInt64) throws {
      random = Seed(seed).stream()
      network = MultilayerPerceptron(widths: [3, 16, 1], activation: .rectifier, &random)
      graph = Graph(try OpenBLAS.open())
      input = graph.input(rows: 8, columns: 3)
      loss = network(input).squared.mean
      optimiser = Optimiser(network.parameters, .adam(), rate: 1e-2)
    }

    mutating func train(_ steps: Int) {
      for _ in 0..<steps {
        input.set((0..<24).map { _ in Float(random.standardNormal()) })
        graph.forward()
        graph.backward(from: loss)
        optimiser.step()
      }
    }

    var checkpoint: Checkpoint {
      var checkpoint = Checkpoint(algorithm: "trial")
      checkpoint.keep("network", network.parameters)
      checkpoint.keep("optimiser", optimiser)
      checkpoint.keep("random", random)
      return checkpoint
    }

    mutating func restore(_ checkpoint: Checkpoint) throws {
      try checkpoint.restore("network", to: network.parameters)
      try checkpoint.restore("optimiser", to: &optimiser)
      random = try checkpoint.random("random")
    }
  }

  private let path =
    "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp")"
    + "/checkpoint-\(getpid()).fleetlearn"

  @Test func `lets training go on as if it had not been interrupted`() throws {
    var whole = try Learner(seed: 1)
    whole.train(40)
    var first = try Learner(seed: 1)
    first.train(25)
    try first.checkpoint.write(to: path)
    defer { unlink(path) }
    var second = try Learner(seed: 2)
    try second.restore(try Checkpoint(contentsOf: path, algorithm: "trial"))
    second.train(15)
    #expect(second.network.parameters.fingerprint == whole.network.parameters.fingerprint)
    // Without the moments it would not be the same.
    var forgetful = try Learner(seed: 2)
    let kept = try Checkpoint(contentsOf: path, algorithm: "trial")
    try kept.restore("network", to: forgetful.network.parameters)
    forgetful.random = try kept.random("random")
    forgetful.train(15)
    #expect(forgetful.network.parameters.fingerprint != whole.network.parameters.fingerprint)
  }

  @Test func `is not written when it could not be read, and the old file stays`() throws {
    let path = self.path + "-small"
    let kept = try Learner(seed: 5).checkpoint
    #expect(kept.size == ByteCount(kept.encoded.count))
    try kept.write(to: path)
    defer { unlink(path) }
    var larger = kept
    larger.keep("more", words: [1])
    let size = ByteCount(kept.size.bytes + 8 + 4 + 8)
    #expect(throws: LearningError.tooLarge(path: path, size: size, limit: kept.size)) {
      try larger.write(to: path, limit: kept.size)
    }
    #expect(try Checkpoint(contentsOf: path) == kept)
    try larger.write(to: path, limit: size)
    #expect(try Checkpoint(contentsOf: path) == larger)
  }

  @Test func `believes no count to which nothing counts up`() throws {
    var kept = try Learner(seed: 6).checkpoint
    kept.keep("optimiser.steps", words: [UInt64(Int.max), 0])
    var learner = try Learner(seed: 6)
    #expect(throws: LearningError.self) { try learner.restore(kept) }
    kept.keep("optimiser.steps", words: [1 << 53, Double(1e-2).bitPattern])
    try learner.restore(kept)
    learner.train(1)
    #expect(learner.optimiser.steps == 1 << 53 + 1)
  }

  @Test func `is refused when it is cut off or any byte has changed`() throws {
    let bytes = try Learner(seed: 3).checkpoint.encoded
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: LearningError.self) {
        try Checkpoint(bytes.slice(0..<length), path: "it", algorithm: "trial")
      }
    }
    for place in stride(from: 0, to: bytes.count, by: 5) {
      var changed = bytes.array
      changed[place] ^= 0x10
      #expect(throws: LearningError.self, "byte \(place)") {
        try Checkpoint(Bytes(changed), path: "it", algorithm: "trial")
      }
    }
    #expect(throws: LearningError.self) {
      try Checkpoint(Bytes(bytes.array + [0]), path: "it", algorithm: "trial")
    }
    #expect(try Checkpoint(bytes, path: "it", algorithm: "trial") == Learner(seed: 3).checkpoint)
  }

  @Test func `says what it is when it is of something else`() throws {
    let kept = try Learner(seed: 4).checkpoint
    #expect(
      throws: LearningError.otherAlgorithm(path: "it", found: "trial", expected: "PPO")
    ) { try Checkpoint(kept.encoded, path: "it", algorithm: "PPO") }
    let other = Parameter(rows: 2, columns: 2)
    #expect(
      throws: LearningError.otherContent(
        part: "network", found: "81 numbers", expected: "4 numbers")
    ) { try kept.restore("network", to: [other]) }
    #expect(throws: LearningError.self) { try kept.words("nothing") }
    #expect(throws: LearningError.self) {
      try Checkpoint(contentsOf: path + "-missing", algorithm: "")
    }
    #expect(other.elements == [0, 0, 0, 0])
  }
}
