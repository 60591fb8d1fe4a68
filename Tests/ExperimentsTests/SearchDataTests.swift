// Folders of vectors with queries, and the laws and samples that they are made by.
import ArrayFiles
import Foundation
import LabCore
import LabManifest
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Search data` {
  /// A folder that is gone after the test.
  private struct Place: ~Copyable {
    let path: String

    init() throws {
      let folder = FileManager.default.temporaryDirectory.path
      var template = Array("\(folder)/fleetlab-data-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil, "no folder can be made in \(folder)")
      path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a small folder and returns its path.
    func data(_ name: String = "small", rows: Int = 20, seed: UInt64 = 3) throws -> String {
      let vectors = SyntheticVectors(isClustered: true, dimensions: 8, seed: Seed(seed))
      let folder = "\(path)/deep/\(name)"
      try SearchData.write(
        base: vectors.base(rows), queries: vectors.queries(5), .init(.clustered, seed: seed),
        dimensions: 8, to: folder)
      return folder
    }
  }

  @Test func `what was written is read, and the same seed gives the same bytes`() throws {
    let place = try Place()
    let folder = try place.data()
    let data = try SearchData(folder: folder)
    #expect(data.about.origin == .init(.clustered, seed: 3))
    #expect((data.about.rows, data.about.dimensions, data.about.queries) == (20, 8, 5))
    #expect(data.baseRows().count == 20 && data.baseRows(3) == Array(data.baseRows()[..<3]))
    #expect(data.queryRows().flatMap { $0 } == data.queries)
    #expect(data.baseRows(1_000).count == 20)
    let about = try Data(contentsOf: URL(filePath: "\(folder)/about.json"))
    let again = try Data(contentsOf: URL(filePath: "\(try place.data("again"))/about.json"))
    let other = try Data(
      contentsOf: URL(filePath: "\(try place.data("other", seed: 4))/about.json"))
    #expect(about == again)
    #expect(about != other)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/deep").count == 3)
  }

  @Test func `a folder that is not there is told with the script that makes it`() throws {
    let error = #expect(throws: SearchDataError.self) {
      try SearchData(folder: ".build/search-data/clustered-10x4-nowhere")
    }
    #expect(try #require(error).description.contains("Scripts/search-data clustered-10x4-nowhere"))
  }

  @Test func `a byte that was changed is found, in either file`() throws {
    let place = try Place()
    let folder = try place.data()
    for name in ["base.npy", "queries.npy"] {
      let file = URL(filePath: "\(folder)/\(name)")
      let good = try Data(contentsOf: file)
      var bad = good
      bad[bad.count - 1] ^= 1
      try bad.write(to: file)
      let error = #expect(throws: SearchDataError.self) { try SearchData(folder: folder) }
      guard case .otherDigest? = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      try good.write(to: file)
    }
    #expect(throws: Never.self) { try SearchData(folder: folder) }
  }

  @Test(arguments: [
    ("\"rows\": 20", "\"rows\": 21"), ("\"rows\": 20", "\"rows\": -1"),
    ("\"fleetlab\": 1", "\"fleetlab\": 2"), ("\"kind\"", "\"sort\""), ("clustered", "clusters"),
    ("{", "["),
  ])
  func `an about file that says something else is refused`(old: String, new: String) throws {
    let place = try Place()
    let folder = try place.data()
    let file = URL(filePath: "\(folder)/about.json")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    try #require(text.contains(old))
    try Data(text.replacing(old, with: new).utf8).write(to: file)
    let error = #expect(throws: SearchDataError.self) { try SearchData(folder: folder) }
    guard case .malformed? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `what stands there already is never replaced`() throws {
    let place = try Place()
    let folder = try place.data()
    #expect(throws: SearchDataError.occupied(path: folder)) { try place.data(seed: 9) }
    #expect(try SearchData(folder: folder).about.origin.seed == 3)
  }
}

@Suite struct `Vector experiments` {
  private enum Probe: VectorExperiment {
    static let description = ExperimentDescription(
      name: "probe", summary: "Reads nothing.", version: 1, arms: [ArmDescription("probe", "One.")],
      parameters: [
        ParameterDescription("data", .text(choices: []), default: .text("there"), "A folder.")
      ],
      metrics: [MetricDescription("rows", .exact, unit: "1", .neutral, "Rows.")])

    static func run(_ trial: Trial, into recorder: inout Recorder) throws {}
  }

  @Test func `folders that are missing are told once, with the script, and kernels are keys`()
    throws
  {
    let text = """
      fleetlab: 1
      title: Trial
      question: Is it there?
      experiment: probe
      sweep: {grid: {data: [., nowhere-1x1, nowhere-2x1]}}
      """
    let plan = try ManifestLoader(experiments: [Probe.description]).plan(
      text: text, path: "probe.yaml")
    // Through the type that runners know it by.
    let experiment: any Experiment.Type = Probe.self
    let missing = experiment.missing(for: plan)
    #expect(missing.count == 2)
    #expect(missing.first?.contains("./Scripts/search-data nowhere-1x1") == true)
    #expect(experiment.exactness == SearchKernels.distance)
    #expect(experiment.exactness["distance_kernels"]?.isEmpty == false)
  }
}

@Suite struct `Synthetic vectors` {
  @Test(arguments: [true, false])
  func `vectors have length 1, and a smaller base begins a larger one`(isClustered: Bool) {
    let vectors = SyntheticVectors(isClustered: isClustered, dimensions: 48, seed: Seed(7))
    let base = vectors.base(50)
    #expect(vectors.base(20) == Array(base[..<(20 * 48)]))
    #expect(vectors.queries(5) == Array(vectors.queries(9)[..<(5 * 48)]))
    #expect(Array(base[..<48]) != Array(vectors.queries(1)))
    for row in 0..<50 {
      let square = base[(row * 48)..<((row + 1) * 48)].reduce(0.0) { $0 + Double($1 * $1) }
      #expect(abs(square - 1) < 1e-5)
    }
  }

  /// The cosine of each vector of a law to its nearest other, averaged.
  private func nearness(isClustered: Bool) -> Double {
    let (dimensions, count) = (64, 400)
    let base = SyntheticVectors(isClustered: isClustered, dimensions: dimensions, seed: Seed(1))
      .base(count)
    func product(_ left: Int, _ right: Int) -> Float {
      var sum: Float = 0
      for place in 0..<dimensions {
        sum += base[left * dimensions + place] * base[right * dimensions + place]
      }
      return sum
    }
    let nearest = (0..<count).map { row in
      (0..<count).filter { $0 != row }.map { product(row, $0) }.max() ?? 0
    }
    return nearest.reduce(0.0) { $0 + Double($1) } / Double(count)
  }

  @Test func `clustered vectors have near neighbours, Gaussian ones have none`() {
    let (clustered, gaussian) = (nearness(isClustered: true), nearness(isClustered: false))
    #expect(clustered > 0.5, "\(clustered)")
    #expect(gaussian < 0.45, "\(gaussian)")
  }

  @Test func `fewer dimensions than the subspace has are enough`() {
    let vectors = SyntheticVectors(isClustered: true, dimensions: 2, seed: Seed(7))
    #expect(vectors.base(3).allSatisfy { $0.isFinite })
  }
}

@Suite struct `Text samples` {
  private let texts = (0..<40).map { "text \($0 % 30)" }

  @Test func `queries are held out, equal texts count once, and smaller bases begin larger ones`()
    throws
  {
    let small = try TextSample(of: texts, rows: 5, queries: 4, seed: Seed(2))
    let large = try TextSample(of: texts, rows: 26, queries: 4, seed: Seed(2))
    #expect(small.queries == large.queries)
    #expect(Array(large.base[..<5]) == small.base)
    #expect(Set(large.base).isDisjoint(with: large.queries))
    #expect(Set(large.base + large.queries).count == 30)
    #expect(small.digest == large.digest)
    #expect(try TextSample(of: texts, rows: 5, queries: 4, seed: Seed(3)).base != small.base)
    let fewer = try TextSample(of: Array(texts.dropFirst(11)), rows: 5, queries: 4, seed: Seed(2))
    #expect(fewer.digest != small.digest)
  }

  @Test func `too few texts are refused with both counts`() {
    #expect(throws: SearchDataError.tooFewTexts(found: 30, needed: 31)) {
      try TextSample(of: texts, rows: 27, queries: 4, seed: Seed(2))
    }
  }
}
