import Foundation
import LabCore
import Synchronization
import Testing

@testable import Embedding

@Suite(.enabled(if: InstalledModel.isThere, "\(InstalledModel.reason)"))
struct `the encoder MiniLM` {
  private static let bound = 2e-5

  private func furthest(_ encodings: Encodings, _ vectors: [ReferenceFixtures.Vector]) -> Double {
    vectors.indices.map { text in
      zip(encodings[text], vectors[text].vector).map { abs(Double($0) - $1) }.max() ?? .infinity
    }
    .max() ?? .infinity
  }

  @Test func `gives the vectors of the reference`() throws {
    let vectors = try ReferenceFixtures.vectors()
    #expect(vectors.count == 14)
    let encodings = try InstalledModel.encoder.get().encode(vectors.map(\.text))
    let distance = furthest(encodings, vectors)
    #expect(distance <= Self.bound)
    // A bound that the vectors of other texts met would hold nothing.
    #expect(furthest(encodings, vectors.reversed()) > Self.bound)
  }

  @Test func `gives a text the same bits in any company and on any number of threads`() throws {
    let encoder = try InstalledModel.encoder.get()
    let texts = ["one", "", "func test() { #expect(true) }", "日本 and more", "a b c d e f g h i j"]
    let alone = texts.map { Array(encoder.encode([$0])[0]) }
    let together = encoder.encode(texts)
    let backwards = encoder.encode(texts.reversed() + texts, threads: 2) { _ in }
    for (index, vector) in alone.enumerated() {
      #expect(Array(together[index]) == vector, "\(texts[index])")
      #expect(Array(backwards[texts.count - 1 - index]) == vector, "\(texts[index])")
      #expect(Array(backwards[texts.count + index]) == vector, "\(texts[index])")
    }
  }

  @Test func `tells its progress and gives nothing for nothing`() throws {
    let encoder = try InstalledModel.encoder.get()
    let told = Mutex<[Int]>([])
    let encodings = encoder.encode(["a", "b", "c"], threads: 2) { done in
      told.withLock { $0.append(done) }
    }
    #expect(encodings.count == 3)
    #expect(told.withLock { $0.last } == 3)
    #expect(encoder.encode([]).count == 0)
  }

  @Test func `names its weights and its kernels`() throws {
    let encoder = try InstalledModel.encoder.get()
    #expect(encoder.identity == "all-MiniLM-L6-v2:53aa51172d14")
    #expect(encoder.kernels.contains("+"))
  }
}

@Suite struct `groups of texts` {
  @Test func `hold every text once and fit a pass`() {
    var stream = RandomStream(seed: Seed(41))
    let tokens = (0..<300).map { _ in
      [Int32](repeating: 0, count: Int.random(in: 2...256, using: &stream))
    }
    let groups = MiniLMEncoder.groups(of: tokens)
    #expect(groups.flatMap { $0 }.sorted() == Array(0..<300))
    for group in groups {
      #expect(group.reduce(0) { $0 + tokens[$1].count } <= 256)
      #expect(!group.isEmpty)
    }
  }
}
