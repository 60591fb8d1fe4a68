// An index whose saving is killed.

import Experiments
import Glibc
import LabCore
import Testing
import VectorSearch

@testable import LabRunner

@Suite struct `A killed save of an index` {
  private static let kills = 100

  /// Reads what a program says until it has said so many lines, or ends.
  private static func wait(for lines: Int, from descriptor: CInt) {
    var (seen, byte) = (0, UInt8(0))
    while seen < lines, read(descriptor, &byte, 1) == 1 {
      seen += byte == UInt8(ascii: "\n") ? 1 : 0
    }
  }

  /// Passes some time that a number decides.
  private static func work(_ rounds: Int) -> UInt64 {
    var stream = Seed(UInt64(rounds)).stream()
    return (0..<rounds).reduce(0) { sum, _ in sum &+ stream.next() }
  }

  /// Starts to save, kills that in the middle, and says whether a half-written file was left.
  private static func killOnce(_ path: String, in folder: String, after rounds: Int) throws -> Bool
  {
    var ends: [CInt] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    let process = try ChildProcess(
      Desk.program, ["index-saver", "--index", path], output: ends[1])
    close(ends[1])
    wait(for: 1, from: ends[0])
    #expect(work(rounds) != 1)
    process.kill()
    return access("\(folder)/.index.new", F_OK) == 0
  }

  @Test func `never loses the old file`() throws {
    let desk = try Desk()
    let path = "\(desk.path)/index"
    #expect(try Desk.call(["index-saver", "--index", path, "--new", "--saves", "1"]).code == 0)
    var stream = Seed(72).stream()
    var interrupted = 0
    let (here, there) = (IndexSaver.vector(0), IndexSaver.vector(IndexSaver.count))
    for _ in 0..<Self.kills {
      let wasHalf = try Self.killOnce(path, in: desk.path, after: stream.below(60_000))
      interrupted += wasHalf ? 1 : 0
      try HNSWIndex.verify(path)
      let index = try HNSWIndex(mapping: path)
      #expect(index.count == IndexSaver.count)
      let distances = try [here, there].map {
        try #require(try index.search($0, neighbours: 1).neighbours.first).distance
      }
      // The vector that moves stands at exactly one of its places.
      #expect(distances.count { $0 == 0 } == 1, "\(distances)")
    }
    #expect(interrupted > 0, "no kill came while the file was written")
    // A last save finds what a killed one left, and goes over it.
    #expect(try Desk.call(["index-saver", "--index", path, "--saves", "1"]).code == 0)
    #expect(access("\(desk.path)/.index.new", F_OK) != 0)
  }
}
