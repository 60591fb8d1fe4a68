import Glibc
import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `the learner Decision Transformer` {
  /// The starts from which it goes a shortest way, when it is told how long that is.
  private func solved(_ graph: ShortestPathGraph, by learner: borrowing DecisionTransformer)
    -> Set<Int>
  {
    var found: Set<Int> = []
    for start in graph.starts {
      let distance = graph.distances[start] ?? 0
      if graph.steps(from: start, promised: distance, by: learner) == distance {
        found.insert(start)
      }
    }
    return found
  }

  private var small: DecisionTransformerSettings {
    var settings = DecisionTransformerSettings()
    (settings.width, settings.blocks, settings.heads) = (32, 1, 1)
    (settings.context, settings.updates) = (3, 1_000)
    settings.learningRate = 0.02
    return settings
  }

  @Test func `makes shortest ways of random walks, which cloning does not`() throws {
    let blas = try OpenBLAS.open()
    var (starts, solved, known, solvedKnown, blind) = (0, 0, 0, 0, 0)
    for seed in [1, 2, 3, 4, 5] as [UInt64] {
      var random = Seed(seed).stream()
      let graph = try ShortestPathGraph(&random)
      let walks = graph.walks(1_000, &random)
      let buffer = try graph.trajectories(of: walks)
      let shown = graph.starts(shownBy: walks)
      for isReturnBlind in [false, true] {
        var settings = small
        settings.isReturnBlind = isReturnBlind
        // Cloning has nothing more to learn after a few.
        if isReturnBlind { settings.updates = 300 }
        var learner = try DecisionTransformer(
          observationWidth: 20, actionCount: 20, settings, seed: Seed(seed), blas)
        try learner.train(on: buffer, updates: .max)
        let found = self.solved(graph, by: learner)
        if isReturnBlind {
          blind += found.count
        } else {
          solved += found.count
          solvedKnown += found.intersection(shown).count
        }
      }
      (starts, known) = (starts + graph.starts.count, known + shown.count)
    }
    #expect(Double(solvedKnown) >= 0.95 * Double(known), "\(solvedKnown) of \(known)")
    #expect(Double(solved - blind) >= 0.3 * Double(starts), "\(solved), \(blind) of \(starts)")
  }

  @Test func `goes on after an interruption as if there had been none`() throws {
    let blas = try OpenBLAS.open()
    var random = Seed(1).stream()
    let graph = try ShortestPathGraph(&random)
    let buffer = try graph.trajectories(of: graph.walks(1_000, &random))
    var settings = small
    settings.updates = 20
    func new(_ seed: UInt64) throws -> DecisionTransformer {
      try DecisionTransformer(
        observationWidth: 20, actionCount: 20, settings, seed: Seed(seed), blas)
    }
    var whole = try new(1)
    try whole.train(on: buffer, updates: 20)
    var first = try new(1)
    try first.train(on: buffer, updates: 13)
    var second = try new(2)
    try second.restore(
      Checkpoint(first.checkpoint.encoded, path: "it", algorithm: "decision-transformer"))
    try second.train(on: buffer, updates: .max)
    #expect(second.fingerprint == whole.fingerprint && second.updates == 20)
    var other = try new(2)
    try other.train(on: buffer, updates: 20)
    #expect(other.fingerprint != whole.fingerprint)
    settings.width = 16
    var narrow = try new(1)
    #expect(throws: LearningError.self) { try narrow.restore(whole.checkpoint) }
  }

  @Test func `adds up what follows, also behind a limit, and nothing behind the end`()
    throws
  {
    func toGo(expecting behind: Double) throws -> [Float] {
      try Trajectory(
        observations: [[1], [2], [3]], actions: [0, 1, 0], rewards: [1, 2, 4], expecting: behind
      ).returnsToGo
    }
    #expect(try toGo(expecting: 0) == [7, 6, 4])
    #expect(try toGo(expecting: 10) == [17, 16, 14])
    var history = DecisionHistory(aimingAt: 7, seeing: [1])
    history.append(0, earning: 1, seeing: [2])
    history.append(1, earning: 2, seeing: [3])
    #expect(history.toGo == [7, 6, 4])
  }

  @Test func `draws every step of its trajectories alike`() throws {
    var buffer = TrajectoryBuffer()
    for count in [1, 4, 3] {
      buffer.append(
        try Trajectory(
          observations: Array(repeating: [0], count: count),
          actions: Array(repeating: 0, count: count), rewards: Array(repeating: 1, count: count)))
    }
    #expect(buffer.steps == 8 && buffer.bestReturn == 4)
    var random = Seed(3).stream()
    var counts: [[Int]] = [[0], [0, 0, 0, 0], [0, 0, 0]]
    for _ in 0..<8_000 {
      let (trajectory, first) = buffer.draw(&random)
      counts[trajectory][first] += 1
    }
    // Four standard deviations of a count.
    #expect(counts.joined().allSatisfy { abs($0 - 1_000) < 120 }, "\(counts)")
  }

  @Test func `refuses what does not fit, and says when it runs away`() throws {
    let blas = try OpenBLAS.open()
    #expect(throws: LearningError.self) {
      try Trajectory(observations: [], actions: [], rewards: [])
    }
    #expect(throws: LearningError.self) {
      try Trajectory(observations: [[1]], actions: [0], rewards: [.nan])
    }
    var settings = small
    settings.heads = 5
    #expect(throws: LearningError.self) {
      _ = try DecisionTransformer(
        observationWidth: 1, actionCount: 2, settings, seed: Seed(1), blas)
    }
    var learner = try DecisionTransformer(
      observationWidth: 1, actionCount: 2, small, seed: Seed(1), blas)
    #expect(throws: LearningError.self) { try learner.train(on: TrajectoryBuffer(), updates: 1) }
    for (seen, action) in [([1, 2], 0), ([1], 2)] as [([Float], Int)] {
      var buffer = TrajectoryBuffer()
      buffer.append(try Trajectory(observations: [seen], actions: [action], rewards: [1]))
      #expect(throws: LearningError.self) { try learner.train(on: buffer, updates: 1) }
    }
    var buffer = TrajectoryBuffer()
    buffer.append(try Trajectory(observations: [[.nan]], actions: [0], rewards: [1]))
    #expect(throws: LearningError.diverged(what: "the loss", step: 1, seed: 1)) {
      try learner.train(on: buffer, updates: 5)
    }
  }
}
