// `fleetlab vectors` on good and on bad files, seen from the shell.

import ArrayFiles
import FoundationEssentials
import LabCore
import Testing

@Suite struct `Vectors verb` {
  /// Distinct rows around the unit circle, and one more number.
  private static func rows(_ count: Int, _ dimensions: Int = 3) -> [[Float]] {
    var stream = Seed(5).child(count).stream()
    return (0..<count).map { _ in
      (0..<dimensions).map { _ in Float(stream.unit() * 2 - 1) }
    }
  }

  private func write(_ rows: [[Float]], _ name: String, at desk: borrowing Desk) throws -> String {
    let path = "\(desk.path)/\(name)"
    try VectorFile.write(rows, to: path)
    return path
  }

  private func build(
    _ base: String, at desk: borrowing Desk, _ more: String...
  ) throws -> Desk.Ending {
    try Desk.call(["vectors", "build", "--base", base, "--index", "\(desk.path)/I"] + more)
  }

  private func search(
    _ queries: String, at desk: borrowing Desk, _ more: String...
  ) throws -> Desk.Ending {
    try Desk.call(["vectors", "search", "--index", "\(desk.path)/I", "--queries", queries] + more)
  }

  @Test(arguments: ["cosine", "inner-product", "l2"], ["f32", "f16", "int8"])
  func `an index is built, searched, described, checked`(metric: String, storage: String) throws {
    let desk = try Desk()
    let base = try write(Self.rows(60), "B.npy", at: desk)
    let queries = try write(Self.rows(7), "Q.fvecs", at: desk)
    let built = try build(base, at: desk, "--metric", metric, "--storage", storage)
    #expect((built.code, built.output) == (0, ""), "\(built.errors)")
    let truth = "\(desk.path)/T.npy"
    #expect(try search(queries, at: desk, "--k", "5", "--exact", "--out", truth).code == 0)
    let found = try search(
      queries, at: desk, "--k", "5", "--search-breadth", "60", "--truth", truth, "--format", "csv",
      "--out", "\(desk.path)/ids.ivecs")
    #expect(found.code == 0, "\(found.errors)")
    for line in ["queries,7", "recall,1.0000", "CPU us/query,", "distance evaluations/query,"] {
      #expect(found.output.contains(line), "\(found.output)")
    }
    let rows = try VectorFile.readWholeRows("\(desk.path)/ids.ivecs", limit: 1 << 20)
    #expect(rows.count == 7 && rows.allSatisfy { Set($0).count == 5 })
    let info = try Desk.call(["vectors", "info", "--index", "\(desk.path)/I", "--format", "csv"])
    #expect(info.code == 0)
    for line in ["vectors,60", "dimensions,3", "metric,\(metric)", "storage,\(storage)"] {
      #expect(info.output.contains(line), "\(info.output)")
    }
    let verified = try Desk.call(["vectors", "verify", "--index", "\(desk.path)/I"])
    #expect(verified.code == 0 && verified.errors.contains("60 vectors, all as written"))
  }

  @Test func `a bench shows scan and graph in every storage`() throws {
    let desk = try Desk()
    let bench = try Desk.call([
      "vectors", "bench", "--base", try write(Self.rows(40), "B.npy", at: desk),
      "--queries", try write(Self.rows(3), "Q.npy", at: desk), "--search-breadth", "10", "40",
      "--rounds", "1", "--k", "3", "--format", "csv",
    ])
    #expect(bench.code == 0, "\(bench.errors)")
    let lines = bench.output.split(separator: "\n")
    #expect(lines.count == 1 + 3 * 3)
    #expect(lines.count { $0.hasPrefix("scan,") } == 3)
    #expect(lines[1].hasSuffix(",40,1.0000"))
  }

  @Test(arguments: [
    ([Float.nan, 0, 0], "cosine"), ([Float.infinity, 0, 0], "cosine"),
    ([Float(0), 0, 0], "cosine"),
    ([Float.nan, 0, 0], "l2"), ([-Float.infinity, 0, 0], "inner-product"),
  ])
  func `a vector that nothing is near to is refused, in the base and among the queries`(
    vector: [Float], metric: String
  ) throws {
    let desk = try Desk()
    let good = try write(Self.rows(20), "B.npy", at: desk)
    let bad = try write(Self.rows(4) + [vector], "bad.npy", at: desk)
    #expect(try build(good, at: desk, "--metric", metric).code == 0)
    let before = try Data(contentsOf: URL(filePath: "\(desk.path)/I"))
    let refused = try build(bad, at: desk, "--metric", metric)
    #expect(refused.code == 2 && refused.errors.contains("expected"), "\(refused.errors)")
    #expect(try Data(contentsOf: URL(filePath: "\(desk.path)/I")) == before)
    let asked = try search(bad, at: desk)
    #expect(asked.code == 2 && asked.errors.contains("expected"), "\(asked.errors)")
  }

  @Test func `other dimensions and no neighbours are refused, too many neighbours give all`() throws
  {
    let desk = try Desk()
    let base = try write(Self.rows(20), "B.npy", at: desk)
    #expect(try build(base, at: desk).code == 0)
    let wide = try search(try write(Self.rows(2, 4), "W.npy", at: desk), at: desk)
    #expect(wide.code == 2 && wide.errors.contains("4"), "\(wide.errors)")
    for count in ["0", "-1"] {
      let none = try search(base, at: desk, "--k=\(count)")
      #expect(none.code == 2 || none.code == 64)
      #expect(none.errors.contains("expected"), "\(none.errors)")
    }
    let all = "\(desk.path)/all.npy"
    #expect(try search(base, at: desk, "--k", "99", "--out", all).code == 0)
    #expect(try VectorFile.readWholeRows(all, limit: 1 << 20).allSatisfy { $0.count == 20 })
  }

  @Test func `equal vectors are all found, and no vectors make no index`() throws {
    let desk = try Desk()
    let equal = try write([[Float]](repeating: [1, 2, 3], count: 500), "E.npy", at: desk)
    #expect(try build(equal, at: desk).code == 0)
    let ids = "\(desk.path)/ids.npy"
    let one = try write([[3, 2, 1]], "Q.npy", at: desk)
    #expect(try search(one, at: desk, "--k", "10", "--out", ids).code == 0)
    #expect(try VectorFile.readWholeRows(ids, limit: 1 << 20).map { Set($0).count } == [10])
    let empty = try build(try write([], "N.npy", at: desk), at: desk)
    #expect(empty.code == 2 && empty.errors.contains("at least one vector was expected"))
  }

  @Test func `an index that was cut, changed or is of another time is never searched`() throws {
    let desk = try Desk()
    let base = try write(Self.rows(300, 16), "B.npy", at: desk)
    #expect(try build(base, at: desk).code == 0)
    let file = URL(filePath: "\(desk.path)/I")
    let good = try Data(contentsOf: file)
    var damaged = [
      Data(), Data(good.prefix(7)), Data(good.prefix(good.count / 2)), Data(good.dropLast()),
      Data(repeating: 0, count: good.count), Data(good.reversed()),
    ]
    // The first eight bytes name the form, the next ones its version and the byte order.
    for place in [0, 8, 9, 11, 12, 15, 40, good.count / 2, good.count - 1] {
      var changed = good
      changed[place] ^= 0x10
      damaged.append(changed)
    }
    for (number, bytes) in damaged.enumerated() {
      try bytes.write(to: file)
      let verified = try Desk.call(["vectors", "verify", "--index", file.path])
      #expect(verified.code == 2, "case \(number)")
      #expect(verified.errors.contains("expected"), "case \(number): \(verified.errors)")
      let searched = try search(base, at: desk, "--exact")
      // What is behind the rows is no part of an answer; nothing else may be read.
      #expect(searched.code == 2 || number == damaged.count - 1, "case \(number)")
    }
    try good.write(to: file)
    #expect(try search(base, at: desk).code == 0)
  }

  @Test func `files of vectors that lie about themselves are refused`() throws {
    let desk = try Desk()
    let path = try write(Self.rows(4), "B.npy", at: desk)
    let good = try Data(contentsOf: URL(filePath: path))
    func lie(_ old: String, _ new: String) throws -> Data {
      var bytes = Array(good)
      bytes.replaceSubrange(try #require(bytes.firstRange(of: Array(old.utf8))), with: new.utf8)
      return Data(bytes)
    }
    let huge = try lie("(4, 3), }        ", "(4000000000, 3), ")
    for bytes in [
      huge, try lie("<f4", ">f4"), try lie("False", "True "), Data(good.dropLast()),
      Data("no array".utf8),
    ] {
      try bytes.write(to: URL(filePath: path))
      let refused = try build(path, at: desk)
      #expect(refused.code == 2 && refused.errors.contains("expected"), "\(refused.errors)")
    }
    let missing = try build("\(desk.path)/nowhere.npy", at: desk)
    #expect(missing.code == 2 && missing.errors.contains("nowhere.npy: error: "))
    #expect(try build(desk.path, at: desk).code == 2)
    #expect(!FileManager.default.fileExists(atPath: "\(desk.path)/I"))
  }
}
