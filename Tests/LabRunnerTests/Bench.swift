// Folders, programs and runs that several suites need.

import FoundationEssentials
import Glibc
import Journal
import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

/// A results folder that is gone after the test, and the fixture program to fill it with.
struct Bench: ~Copyable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/fleetlab-runner-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil, "no folder can be made in \(folder)")
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { FolderTree.remove(path) }

  /// The fixture program, which lies beside the program of the tests.
  static var program: String {
    guard let real = realpath("/proc/self/exe", nil) else { return "TrialWorker" }
    defer { free(real) }
    let path = String(cString: real)
    let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
    return "\(folder)TrialWorker"
  }

  static let registry = ExperimentRegistry([FixtureExperiment.self])

  /// Runs a plan of the fixture from this process.
  @discardableResult
  func run(
    _ text: String, size: RunSize = .smoke, seed: UInt64 = 7, jobs: Int = 2, resume: Bool = false,
    rerun: Rerun = .all, shard: String? = nil, failFast: Bool = false,
    code: RunDescription.Code = .init(),
    exactness: [String: String] = [:], overrides: [String] = [], control: RunControl = RunControl(),
    worker: WorkerCommand = WorkerCommand(executable: Bench.program),
    observe: @escaping (RunEvent) -> Void = { _ in }
  ) throws -> RunOutcome {
    try Runner(experiments: Self.registry, control: control, observe: observe).run(
      RunRequest(
        plan: try FixturePlan(text, size: size, seed: seed).plan(), frozenManifest: text,
        results: path, worker: worker, jobs: jobs, resume: resume,
        rerun: rerun, shard: shard.flatMap { Shard($0) }, failFast: failFast, overrides: overrides,
        code: code, exactness: exactness))
  }

  /// The error of a run that must fail.
  func error(_ body: () throws -> Void) -> RunError? {
    do {
      try body()
      return nil
    } catch { return error as? RunError }
  }

  /// Starts a run in a process of its own.
  func start(_ text: String, _ words: [String] = [], input: CInt? = nil) throws -> RunProcess {
    try RunProcess(Self.program, ["run", path, text] + words, input: input)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try RecordFile.read("\(path)/\(name)", limit: 1 << 24), as: UTF8.self)
  }

  func write(_ text: String, to name: String) throws {
    try AtomicFile.write(text, to: "\(path)/\(name)")
  }

  var measurements: String {
    get throws { try read("fixture/measurements.csv") }
  }

  var record: RunRecord {
    get throws { try RunRecord.load(folder: "\(path)/fixture") }
  }

  /// The work folders of unfinished runs.
  var unfinished: [String] {
    FolderTree.names(in: "\(path)/.work").filter { !$0.hasSuffix(".lock") }
  }
}

/// A run in a process of its own, which tells a point for each thing that happens.
final class RunProcess {
  private let process: ChildProcess
  private let pipe: Pipe
  private(set) var output: [UInt8] = []

  init(_ program: String, _ arguments: [String], input: CInt? = nil) throws {
    pipe = try Pipe()
    process = try ChildProcess(program, arguments, input: input, output: pipe.writing)
    pipe.closeWriting()
  }

  deinit {
    process.kill()
    pipe.closeReading()
  }

  /// Waits until the process has told so much, or has ended.
  func wait(for count: Int) {
    while output.count < count, case .bytes(let bytes) = Descriptor.read(pipe.reading) {
      output += bytes
    }
  }

  /// Stops the process without warning.
  func kill() { process.kill() }

  /// Waits for the end.
  func end() -> String {
    wait(for: .max)
    process.wait()
    return process.ending
  }

  var text: String { String(decoding: output, as: UTF8.self) }
}
