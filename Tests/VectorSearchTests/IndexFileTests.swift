import Foundation
import LabCore
import Testing

@testable import VectorSearch

/// A folder that goes with the value.
private final class Folder {
  let path: String

  init() throws {
    let name = "vectors-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appending(path: name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
  }
}

@Suite struct `Index files` {
  private static let rows = Vectors.clustered(400, dimensions: 20, seed: 41)
  private static let queries = Vectors.uniform(15, dimensions: 20, seed: 42)
  private static let configuration = HNSWConfiguration(connectivity: 5, buildBreadth: 30)

  private func built(
    _ storage: VectorStorage, metric: VectorMetric = .cosine, keys: [UInt64]? = nil
  ) throws -> HNSWIndex {
    let index = try HNSWIndex(
      dimensions: 20, metric: metric, storage: storage, configuration: Self.configuration)
    try index.build(Self.rows, keys: keys)
    return index
  }

  private func results(_ index: HNSWIndex) throws -> [SearchResult] {
    try Self.queries.map { try index.search($0, neighbours: 7) }
  }

  @Test(arguments: VectorStorage.allCases, VectorMetric.allCases)
  func `what was saved is found again, mapped and loaded`(
    storage: VectorStorage, metric: VectorMetric
  ) throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    let keys = storage == .float16 ? (0..<400 as Range<UInt64>).map { $0 * 3 + 1000 } : nil
    let index = try built(storage, metric: metric, keys: keys)
    let expected = try results(index)
    try index.save(to: path)
    #expect(try results(index) == expected)
    let mapped = try HNSWIndex(mapping: path)
    #expect(mapped.count == 400 && mapped.metric == metric && mapped.storage == storage)
    #expect(mapped.configuration == Self.configuration)
    #expect(try results(mapped) == expected)
    let loaded = try HNSWIndex(loading: path)
    #expect(try results(loaded) == expected)
    #expect(loaded.graph.allLinks == index.graph.allLinks)
    try HNSWIndex.verify(path)
    // What was loaded can be changed, and what it becomes can be saved over the mapped file.
    try loaded.remove(key: keys?[3] ?? 3)
    try loaded.insert(Self.queries[0], key: 77_777)
    try loaded.save(to: path)
    #expect(try results(mapped) == expected)
    let again = try HNSWIndex(mapping: path)
    #expect(try again.search(Self.queries[0], neighbours: 1).neighbours.map(\.key) == [77_777])
    #expect(throws: VectorError.readOnly) { try again.remove(key: 77_777) }
    #expect(throws: IndexFileError.self) { try again.save(to: path) }
  }

  @Test func `one index is one sequence of bytes`() throws {
    let folder = try Folder()
    try built(.int8).save(to: "\(folder.path)/one")
    try built(.int8).save(to: "\(folder.path)/other")
    #expect(try folder.bytes("one") == folder.bytes("other"))
  }

  @Test func `an empty index can be saved and opened`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    try HNSWIndex(dimensions: 3, metric: .squaredEuclidean).save(to: path)
    let index = try HNSWIndex(loading: path)
    #expect(index.count == 0)
    try index.insert([1, 2, 3], key: 4)
    #expect(try index.search([1, 2, 3], neighbours: 2).neighbours.map(\.key) == [4])
    #expect(try HNSWIndex(mapping: path).search([1, 2, 3], neighbours: 2).neighbours.isEmpty)
  }

  @Test(arguments: VectorStorage.allCases)
  func `a flipped byte is found by verify, and no search believes it`(
    storage: VectorStorage
  ) throws {
    let folder = try Folder()
    let index = try built(storage)
    let expected = try results(index)
    try index.save(to: "\(folder.path)/index")
    let bytes = try folder.bytes("index")
    var stream = Seed(43).stream()
    var caughtBySearch = 0
    for _ in 0..<60 {
      var damaged = bytes
      damaged[stream.below(bytes.count)] ^= UInt8(1 + stream.below(255))
      try folder.write(damaged, "damaged")
      let path = "\(folder.path)/damaged"
      #expect(throws: IndexFileError.self) { try HNSWIndex.verify(path) }
      #expect(throws: IndexFileError.self) { _ = try HNSWIndex(loading: path) }
      do {
        #expect(try results(HNSWIndex(mapping: path)) == expected)
      } catch is IndexFileError { caughtBySearch += 1 }
    }
    // Searches of a small index touch nearly all of it.
    #expect(caughtBySearch > 40)
  }

  @Test func `an index that changed a thousand times can be saved and opened`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    let index = try HNSWIndex(
      dimensions: 20, metric: .cosine,
      configuration: HNSWConfiguration(connectivity: 2, buildBreadth: 10))
    try index.build(Array(Self.rows.prefix(10)))
    for round in 0..<250 as Range<UInt64> {
      for key in [2 * round % 10, (2 * round + 1) % 10] { try index.remove(key: key) }
      for key in [2 * round % 10, (2 * round + 1) % 10] {
        try index.insert(Self.rows[Int(key)], key: key)
      }
    }
    try index.save(to: path)
    try HNSWIndex.verify(path)
    #expect(try index.graph.allLinks == HNSWIndex(loading: path).graph.allLinks)
    #expect(!index.graph.hasUnusedLists)
  }

  @Test func `a header of a far larger file takes no memory`() throws {
    let folder = try Folder()
    try built(.float32).save(to: "\(folder.path)/index")
    let layout = IndexFileLayout(try HNSWIndex.header(of: "\(folder.path)/index"))
    var bytes = try folder.bytes("index")
    let rows = UInt64(VectorLimits.rows)
    withUnsafeBytes(of: rows) { bytes.replaceSubrange(56..<64, with: $0) }
    try folder.write(sealed(bytes, layout), "large")
    let before = bytes.count
    do {
      _ = try HNSWIndex(mapping: "\(folder.path)/large")
      Issue.record("a file that is too short was opened")
    } catch {
      guard case .wrongSize(let found, let expected) = error.problem else { throw error }
      #expect(found == before && expected > 1 << 36)
    }
  }

  @Test func `a file that ends early or goes on is refused`() throws {
    let folder = try Folder()
    try built(.float32).save(to: "\(folder.path)/index")
    let bytes = try folder.bytes("index")
    let lengths = [0, 1, 8, 87, 88, 4095, 4096, bytes.count / 2, bytes.count - 1]
    for length in lengths {
      try folder.write(Array(bytes.prefix(length)), "damaged")
      #expect(throws: IndexFileError.self, "\(length) bytes") {
        try HNSWIndex(mapping: "\(folder.path)/damaged")
      }
    }
    try folder.write(bytes + [0], "damaged")
    #expect(throws: IndexFileError.self) { try HNSWIndex(mapping: "\(folder.path)/damaged") }
  }

  @Test func `each kind of strange file is told apart`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    func problem(_ name: String) -> IndexFileError.Problem? {
      do {
        _ = try HNSWIndex(mapping: "\(folder.path)/\(name)")
        return nil
      } catch { return error.problem }
    }
    try built(.float32).save(to: path)
    let bytes = try folder.bytes("index")
    var other = bytes
    other.replaceSubrange(8..<12, with: bytes[8..<12].reversed())
    try folder.write(other, "other")
    #expect(problem("other") == .otherByteOrder)
    var future = bytes
    future[12] = 9
    try folder.write(future, "future")
    #expect(problem("future") == .unknownVersion(9))
    try folder.write(Array("not an index at all".utf8), "text")
    #expect(problem("text") == .notAnIndex)
    guard case .unreadable = problem("none") else {
      Issue.record("a missing file is unreadable")
      return
    }
    guard case .unreadable = problem(".") else {
      Issue.record("a folder is unreadable")
      return
    }
  }

  /// Makes all checksums of a file fit what stands there.
  private func sealed(_ bytes: [UInt8], _ layout: IndexFileLayout) -> [UInt8] {
    var bytes = bytes
    func seal(_ range: Range<Int>, at place: Int) {
      let checksum = bytes.withUnsafeBytes { PageChecks.checksum($0[range].rebased) }
      withUnsafeBytes(of: checksum) { bytes.replaceSubrange(place..<place + 4, with: $0) }
    }
    for page in 0..<layout.pageCount {
      seal(layout.range(ofPage: page).bytes, at: IndexFileHeader.size + 4 * page)
    }
    seal(IndexFileHeader.size..<layout.directoryEnd, at: 80)
    seal(0..<84, at: 84)
    return bytes
  }

  @Test func `a checksum that fits does not let links lead outside`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    let index = try built(.float32)
    try index.save(to: path)
    let bytes = try folder.bytes("index")
    let layout = IndexFileLayout(try HNSWIndex.header(of: path))
    #expect(sealed(bytes, layout) == bytes)
    let graph = index.graph
    let low = try #require((0..<400).first { graph.level($0) == 0 })
    let rowLinks = layout[.rows].offset + 17 * layout.rowLayout.stride
    let upperLinks = layout[.upperLinks].offset
    let changes: [(at: Int, link: UInt32)] = [
      (rowLinks, 400), (upperLinks, 400), (upperLinks, UInt32(low)), (40, 400),
      (layout[.marks].offset + low, 0x80), (layout[.marks].offset + low, 9),
    ]
    for change in changes {
      var changed = bytes
      withUnsafeBytes(of: change.link) {
        changed.replaceSubrange(change.at..<change.at + 4, with: $0)
      }
      try folder.write(sealed(changed, layout), "changed")
      #expect(throws: IndexFileError.self, "\(change)") {
        try HNSWIndex.verify("\(folder.path)/changed")
      }
      #expect(throws: IndexFileError.self, "\(change)") {
        let mapped = try HNSWIndex(mapping: "\(folder.path)/changed")
        for row in Self.rows { _ = try mapped.search(row, neighbours: 7) }
      }
    }
  }

  @Test func `a save that fails leaves the old file`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/index"
    try built(.float32).save(to: path)
    let bytes = try folder.bytes("index")
    #expect(throws: IndexFileError.self) {
      try built(.float32).save(to: "\(folder.path)/none/index")
    }
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/taken/inside", withIntermediateDirectories: true)
    #expect(throws: IndexFileError.self) {
      try built(.float32).save(to: "\(folder.path)/taken")
    }
    #expect(try folder.bytes("index") == bytes)
  }
}
