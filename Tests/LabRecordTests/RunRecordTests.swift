// Records on disk.

import FoundationEssentials
import Glibc
import LabCore
import Testing

@testable import LabManifest
@testable import LabRecord

/// A folder that is gone after the test.
struct ScratchFolder: ~Copyable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/fleetlab-record-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil, "no folder can be made in \(folder)")
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  func make(_ name: String) -> String {
    mkdir("\(path)/\(name)", 0o777)
    return "\(path)/\(name)"
  }

  func write(_ text: String, to name: String) {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    var text = text
    text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try RecordFile.read("\(path)/\(name)", limit: 1 << 20), as: UTF8.self)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
      }
      closedir(folder)
    }
    Glibc.remove(path)
  }
}

@Suite struct `Run record` {
  static let share = MetricDescription("share", .sampled, unit: "1", .higher, "A share, \"so\".")
  static let print = MetricDescription("print", .exact, unit: "hash", .neutral, "A hash.")

  static func record(size: RunSize = .standard, draw: Double = 0.5) -> RunRecord {
    let description = ExperimentDescription(
      name: "toy", summary: "A toy.", version: 3, arms: [ArmDescription("one", "The only one.")],
      parameters: [], metrics: [share, print])
    let manifest = Manifest(
      path: "Experiments/toy.yaml", id: "toy", title: "Toy", question: "Why?",
      experiment: description, tags: [], size: size, seed: .max, repetitions: 1, arms: ["one"],
      measures: [share, print], criteria: [], figures: [], limits: .init(), data: [])
    let cells = ["00000000000000aa", "00000000000000bb"]
    let run = RunDescription(
      run: "toy-1", experiment: .init(manifest),
      manifest: .init(path: manifest.path, digest: "d"), data: [.init(path: "x.csv", digest: "e")],
      size: size, seed: .max,
      code: .init(commit: "c", packages: [.init(name: "p", version: "1.0")]),
      host: .init(
        cpuModel: "m", cores: 2, memoryBytes: 1, kernel: "k", loadBefore: 0.5, loadAfter: 1),
      exactness: ["cpu_level": "x86-64-v3"], start: "2001-01-01T00:00:00Z",
      end: "2001-01-01T00:00:01Z", trials: ["ok": 1, "failed": 1])
    func row(
      _ cell: String, _ metric: MetricDescription, _ value: MeasuredValue?, step: Int? = nil
    ) -> Measurement {
      Measurement(
        experiment: "toy", cell: cell, arm: "one", repetition: 0, seed: "00000000000000ff",
        metric: metric, step: step, value: value, status: value == nil ? .failed : .ok)
    }
    var timed = row(cells[0], share, .number(2), step: nil)
    (timed.block, timed.order) = (0, 1)
    return RunRecord(
      run: run,
      cells: [
        RecordedCell(id: cells[0], coordinates: [.init(key: "loss", value: "1%")]),
        RecordedCell(
          id: cells[1], control: "holds", controls: cells[0],
          coordinates: [.init(key: "loss", value: "2%"), .init(key: "size", value: "64B")]),
      ],
      measurements: [
        row(cells[0], share, .number(draw), step: 0), row(cells[0], share, .integer(1), step: 1),
        row(cells[0], print, .hash(7)), row(cells[1], share, nil), row(cells[1], print, nil),
      ],
      observations: [timed],
      timings: [
        TrialTiming(
          cell: cells[0], arm: "one", repetition: 0, cpuSeconds: 0.25, wallSeconds: 0.5,
          peakBytes: 4096, status: .ok, error: nil),
        TrialTiming(
          cell: cells[1], arm: "one", repetition: 0, cpuSeconds: nil, wallSeconds: 1,
          peakBytes: nil, status: .failed, error: "it broke, \"badly\"\nreplay: fleetlab replay"),
      ])
  }

  /// Publishes a record in a scratch folder.
  func publish(_ record: RunRecord, in folder: borrowing ScratchFolder) throws -> String {
    let staged = folder.make("staged")
    try record.stage(in: staged)
    try RunRecord.publish(staged: staged, to: "\(folder.path)/toy")
    return "\(folder.path)/toy"
  }

  func problem(loading folder: String) -> RecordError? {
    do throws(RecordError) {
      _ = try RunRecord.load(folder: folder)
      return nil
    } catch { return error }
  }

  @Test func `a record is read back as it was`() throws {
    let folder = try ScratchFolder()
    var expected = Self.record()
    let place = try publish(expected, in: folder)
    let found = try RunRecord.load(folder: place)
    expected.run.files = found.run.files
    #expect(found == expected)
    #expect(Set(found.run.files.keys) == Set(RecordFile.tables.map(\.rawValue)))
    #expect(found.metrics == [Self.share, Self.print])
  }

  @Test func `equal records are equal bytes`() throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(), in: folder)
    let first = try RecordFile.allCases.map { try RecordFile.read($0.path(in: place), limit: 9999) }
    _ = try publish(Self.record(), in: folder)
    let again = try RecordFile.allCases.map { try RecordFile.read($0.path(in: place), limit: 9999) }
    #expect(first == again)
  }

  @Test func `the tables look as the data dictionary says`() throws {
    let folder = try ScratchFolder()
    _ = try publish(Self.record(), in: folder)
    #expect(
      try folder.read("toy/cells.csv") == """
        cell_id,control,controls,loss,size
        00000000000000aa,,,1%,
        00000000000000bb,holds,00000000000000aa,2%,64B

        """)
    #expect(
      try folder.read("toy/measurements.csv") == """
        experiment,cell_id,arm,repetition,block,order,seed,metric,class,unit,direction,step,\
        value,status
        toy,00000000000000aa,one,0,,,00000000000000ff,share,sampled,1,higher,0,0.5,ok
        toy,00000000000000aa,one,0,,,00000000000000ff,share,sampled,1,higher,1,1,ok
        toy,00000000000000aa,one,0,,,00000000000000ff,print,exact,hash,neutral,,0000000000000007,ok
        toy,00000000000000bb,one,0,,,00000000000000ff,share,sampled,1,higher,,,failed
        toy,00000000000000bb,one,0,,,00000000000000ff,print,exact,hash,neutral,,,failed

        """)
  }

  @Test func `a smaller size never replaces the record of a larger one`() throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(size: .full), in: folder)
    for size in [RunSize.smoke, .standard] {
      #expect(throws: RecordError(path: "\(place)/run.json", .smaller(size, than: .full))) {
        try publish(Self.record(size: size, draw: 0.25), in: folder)
      }
    }
    #expect(try RunRecord.load(folder: place).measurements[0].value == .number(0.5))
    _ = try publish(Self.record(size: .full, draw: 0.25), in: folder)
    #expect(try RunRecord.load(folder: place).measurements[0].value == .number(0.25))
  }

  @Test func `a table that was changed by hand is refused`() throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(), in: folder)
    let text = try folder.read("toy/measurements.csv")
    folder.write(text.replacing("0.5", with: "0.6"), to: "toy/measurements.csv")
    #expect(
      problem(loading: place) == RecordError(path: "\(place)/measurements.csv", .changed))
  }

  @Test func `a publication that was cut off is refused until it is repeated`() throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(), in: folder)
    let staged = folder.make("staged")
    try Self.record(draw: 0.25).stage(in: staged)
    #expect(rename("\(staged)/measurements.csv", "\(place)/measurements.csv") == 0)
    #expect(problem(loading: place)?.problem == .changed)
    _ = try publish(Self.record(draw: 0.25), in: folder)
    #expect(try RunRecord.load(folder: place).measurements[0].value == .number(0.25))
  }

  @Test func `a record that is not there is an error with its path`() throws {
    let folder = try ScratchFolder()
    let error = problem(loading: folder.path)
    #expect(error?.path == "\(folder.path)/run.json")
    guard case .unreadable? = error?.problem else {
      Issue.record("a missing record is \(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    ("\"seed\"", "\"sead\"", "'seed' is missing"),
    ("\"standard\"", "\"huge\"", "'huge' is unknown"),
    ("\"cores\" : 2", "\"cores\" : \"2\"", "cores"),
    ("{", "[", "the file"),
  ])
  func `a bad description names what is wrong`(
    old: String, new: String, reason: String
  ) throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(), in: folder)
    let text = try folder.read("toy/run.json")
    folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "toy/run.json")
    guard case .badDescription(let found)? = problem(loading: place)?.problem else {
      Issue.record("\(new) was taken")
      return
    }
    #expect(found.contains(reason), "\(found)")
  }

  @Test(arguments: [
    ("9", "the record has format 9, and this is fleetlab 0.1.0, which reads formats up to 1"),
    ("9", "fleetlab 7.1 wrote it and that version or a newer one is needed"),
    ("0", "there is no format 0 of records"),
  ])
  func `a record of another format names the program that reads it`(
    format: String, reason: String
  ) throws {
    let folder = try ScratchFolder()
    let place = try publish(Self.record(), in: folder)
    let text = try folder.read("toy/run.json")
      .replacing("\"format\" : 1", with: "\"format\" : \(format)")
      .replacing("\"program\" : \"0.1.0\"", with: "\"program\" : \"7.1\"")
    folder.write(text, to: "toy/run.json")
    let error = try #require(problem(loading: place))
    guard case .otherFormat = error.problem else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains(reason), "\(error)")
    #expect(throws: error) { try RunRecord.checkReplaceable(folder: place, by: .full) }
  }

  @Test func `a record says where trials come from and how far cells repeated`() throws {
    let folder = try ScratchFolder()
    var expected = Self.record()
    var earlier = expected.run
    earlier.takenOver = .init(2, of: expected.run)
    expected.run.takenOver = .init(3, of: earlier)
    expected.run.shard = Shard(2, of: 3)
    expected.run.merged = try [.init(#require(Shard("1/3")), of: earlier)]
    expected.run.stopping = .init(
      metric: "share", relative: 0.01, confidence: 0.95,
      cells: ["00000000000000aa": .init(repetitions: 7, isReached: true)])
    let found = try RunRecord.load(folder: try publish(expected, in: folder))
    expected.run.files = found.run.files
    #expect(found == expected)
    #expect(found.run.takenOver?.earlier == ["toy-1"])
    #expect(found.run.repetitions(of: "00000000000000aa") == 7)
    #expect(found.run.repetitions(of: "00000000000000bb") == 1)
  }

  @Test(arguments: [
    (",0.5,ok", ",half,ok", "value"), (",0.5,ok", ",0.5,good", "status"),
    (",0.5,ok", ",,ok", "status"), (",0.5,ok", ",0.5,failed", "status"),
    (",share,", ",shore,", "metric"), (",sampled,", ",exact,", "class"),
    (",1,higher", ",s,higher", "unit"), (",higher,", ",lower,", "direction"),
    ("aa,one,0", "aa,one,-1", "repetition"), ("aa,one,0", "aa,one,x", "repetition"),
    ("aa,one,0", "cc,one,0", "cell_id"), ("00000000000000ff", "ff", "seed"),
    (",0,0.5", ",-1,0.5", "step"),
  ])
  func `a bad field is named with its line and column`(
    old: String, new: String, column: String
  ) throws {
    let table = Measurement.table(of: Self.record().measurements)
    let text = String(decoding: table, as: UTF8.self).replacing(old, with: new, maxReplacements: 1)
    do throws(RecordError) {
      _ = try Measurement.read(
        Array(text.utf8), path: "m.csv", metrics: [Self.share, Self.print],
        cells: ["00000000000000aa", "00000000000000bb"])
      Issue.record("\(new) was taken")
    } catch {
      #expect(error.line == 2)
      guard case .badValue(let found, _, _) = error.problem else {
        Issue.record("\(error)")
        return
      }
      #expect(found == column)
    }
  }

  @Test func `a file in place of the folder leaves a clear error`() throws {
    let folder = try ScratchFolder()
    folder.write("", to: "toy")
    let staged = folder.make("staged")
    try Self.record().stage(in: staged)
    #expect(throws: RecordError.self) {
      try RunRecord.publish(staged: staged, to: "\(folder.path)/toy")
    }
    #expect(throws: RecordError.self) { try Self.record().stage(in: "\(folder.path)/nowhere") }
  }

  @Test func `a file over its limit is not read`() throws {
    let folder = try ScratchFolder()
    folder.write("12345", to: "x")
    let path = "\(folder.path)/x"
    #expect(throws: RecordError(path: path, .tooLong(what: "the file", limit: 4))) {
      try RecordFile.read(path, limit: 4)
    }
    #expect(try RecordFile.read(path, limit: 5) == Array("12345".utf8))
  }
}
