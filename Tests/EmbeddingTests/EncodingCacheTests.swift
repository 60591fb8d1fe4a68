import Foundation
import LabCore
import Synchronization
import Testing

@testable import Embedding

/// An encoder that tells which texts it was asked for.
private final class CountingEncoder: TextEncoder {
  let asked = Mutex<[String]>([])
  let exactIdentity: String
  private let base = HashingEncoder(dimensions: 8)

  init(_ identity: String = "counting") { exactIdentity = identity }

  var identity: String { exactIdentity }
  var dimensions: Int { base.dimensions }

  func encode(
    _ texts: [String], threads: Int, progress: @escaping @Sendable (Int) -> Void
  ) -> Encodings {
    asked.withLock { $0 += texts }
    return base.encode(texts, threads: threads, progress: progress)
  }
}

@Suite struct `a cache of encodings` {
  private static let texts = ["one", "two", "", "one", "日本", "x\u{0}y"]

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "encodings-\(ProcessInfo.processInfo.globallyUniqueString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "a/b").path)
  }

  private func files(_ folder: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: URL(filePath: folder), includingPropertiesForKeys: nil)
  }

  @Test func `encodes nothing twice and gives what the encoder gives`() throws {
    try withFolder { folder in
      let encoder = CountingEncoder()
      let cache = EncodingCache(folder: folder)
      let (first, tally) = try cache.encode(Self.texts, by: encoder, threads: 1) { _, _ in }
      #expect(tally == .init(kept: 0, encoded: 5, damaged: 0))
      let (second, again) = try cache.encode(Self.texts + ["new"], by: encoder, threads: 1) {
        _, _ in
      }
      #expect(again == .init(kept: 6, encoded: 1, damaged: 0))
      #expect(encoder.asked.withLock { $0 } == ["one", "two", "", "日本", "x\u{0}y", "new"])
      let expected = HashingEncoder(dimensions: 8).encode(Self.texts)
      #expect(first == expected)
      #expect(Array(second.numbers.prefix(expected.numbers.count)) == expected.numbers)
    }
  }

  @Test func `keeps encoders apart`() throws {
    try withFolder { folder in
      let cache = EncodingCache(folder: folder)
      _ = try cache.encode(["a"], by: CountingEncoder("one"), threads: 1) { _, _ in }
      let (_, tally) = try cache.encode(["a"], by: CountingEncoder("two"), threads: 1) { _, _ in }
      #expect(tally.encoded == 1)
    }
  }

  @Test func `finds every flipped byte of a record and makes it anew`() throws {
    try withFolder { folder in
      let cache = EncodingCache(folder: folder)
      let (expected, _) = try cache.encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
      let file = try #require(files(folder).first)
      let whole = try Data(contentsOf: file)
      for place in 8..<whole.count {
        var flipped = whole
        flipped[place] ^= 0x10
        try flipped.write(to: file)
        let (found, tally) = try cache.encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
        #expect(found == expected && tally.encoded == 1 && tally.damaged == 1, "byte \(place)")
      }
      for length in 8..<whole.count {
        try whole.prefix(length).write(to: file)
        let (found, tally) = try cache.encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
        #expect(found == expected && tally.encoded == 1, "\(length) bytes")
      }
    }
  }

  @Test func `refuses a file of another kind and a folder that cannot be`() throws {
    try withFolder { folder in
      let cache = EncodingCache(folder: folder)
      _ = try cache.encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
      let file = try #require(files(folder).first)
      try Data("something else".utf8).write(to: file)
      #expect(throws: EmbeddingError.self) {
        try cache.encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
      }
      #expect(try Data(contentsOf: file) == Data("something else".utf8))
      #expect(throws: EmbeddingError.self) {
        try EncodingCache(folder: file.path + "/x")
          .encode(["a"], by: CountingEncoder(), threads: 1) { _, _ in }
      }
    }
  }
}

@Suite struct `the hashing encoder` {
  @Test func `gives vectors of length 1, the same ones always`() {
    let encoder = HashingEncoder()
    let encodings = encoder.encode(["", "a test of parsing", "A TEST, of parsing!", "else"])
    for text in 0..<encodings.count {
      let length = encodings[text].reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(length - 1) < 1e-5)
    }
    #expect(encodings == encoder.encode(["", "a test of parsing", "A TEST, of parsing!", "else"]))
    #expect(encodings.numbers != HashingEncoder(seed: Seed(1)).encode(["", "a", "b", "c"]).numbers)
    #expect(encoder.identity == "hashing-384:0")
  }

  @Test func `puts texts that share words near one another`() {
    let encodings = HashingEncoder().encode([
      "parse a json number", "parsing of json numbers", "raft elects a leader",
    ])
    func product(_ left: Int, _ right: Int) -> Float {
      zip(encodings[left], encodings[right]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(product(0, 1) > 0.4)
    #expect(product(0, 2) < 0.3)
  }
}

@Suite struct `lines of texts` {
  private func read(_ text: String) throws -> [String] {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "lines-\(ProcessInfo.processInfo.globallyUniqueString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(text.utf8).write(to: file)
    return try TextLines.read(file.path)
  }

  @Test func `are objects with a text, or strings`() throws {
    #expect(
      try read("{\"text\": \"a\\n\", \"x\": [1]}\n\"b\"\n{\"name\":\"n\",\"text\":\"\"}")
        == ["a\n", "b", ""])
    #expect(try read("") == [])
  }

  @Test(arguments: [("\"a\"\n{\"name\": 1}\n", 2), ("\"a\"\n\n\"b\"\n", 2), ("{\"text\": \"a", 1)])
  func `are refused with their number`(text: String, line: Int) throws {
    let error = #expect(throws: EmbeddingError.self) { try read(text) }
    guard case .badTexts(_, let found, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == line)
    #expect(try #require(error?.description).contains(":\(line):1: error: the line"))
  }

  @Test func `that are not there are said to be missing`() {
    #expect(
      throws: EmbeddingError.unreadable(path: "no-such-file", reason: "there is no such file")
    ) { try TextLines.read("no-such-file") }
  }
}
