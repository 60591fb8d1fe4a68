import FoundationEssentials
import LabRecord
import Testing

@testable import LabGate
@testable import LabManifest

@Suite struct BaselineTests {
  private func damage(_ change: (inout [UInt8]) -> Void) throws -> BaselineError? {
    var bytes = Array(try GateRecord().baseline().text.utf8)
    change(&bytes)
    do throws(BaselineError) {
      _ = try Baseline.decode(bytes, path: "b.json")
      return nil
    } catch { return error }
  }

  private func replace(_ part: String, _ other: String) throws -> BaselineError? {
    try damage { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      bytes = Array(text.replacing(part, with: other).utf8)
    }
  }

  @Test func `a baseline reads back as it was and is written the same bytes`() throws {
    let baseline = try GateRecord().baseline(reason: "the \"first\" one")
    let read = try Baseline.decode(Array(baseline.text.utf8), path: "b.json")
    #expect(read == baseline)
    #expect(read.text == baseline.text)
    #expect(read.entries.first?.reason == "the \"first\" one")
    #expect(read.entries.first?.run == "run-1")
  }

  @Test func `a baseline that was changed by hand is refused`() throws {
    let error = try replace("\"count\": 20", "\"count\": 19")
    guard case .damaged(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("checksum"))
    #expect("\(error.map { "\($0)" } ?? "")".contains("restore it from version control"))
  }

  @Test func `a wrong checksum is refused`() throws {
    let error = try replace("\"sha256\": \"", "\"sha256\": \"0")
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `zeros, half a file and an empty one are refused`() throws {
    for change in [
      { (bytes: inout [UInt8]) in bytes = [UInt8](repeating: 0, count: bytes.count) },
      { (bytes: inout [UInt8]) in bytes.removeLast(bytes.count / 2) },
      { (bytes: inout [UInt8]) in bytes = [] },
    ] {
      let error = try damage(change)
      guard case .damaged = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func `a newer format is refused by its number`() throws {
    let error = try replace("\"format\": 1", "\"format\": 2")
    #expect(error == .newer(path: "b.json", format: 2))
  }

  @Test func `any single changed byte is refused`() throws {
    let bytes = Array(try GateRecord(repetitions: 2).baseline().text.utf8)
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(throws: BaselineError.self, "byte \(place)") {
        _ = try Baseline.decode(damaged, path: "b.json")
      }
    }
  }

  @Test func `the nearest class of machine is found, and a damaged file is not passed over`() throws
  {
    let scratch = try BaselineScratch()
    let folder = BaselineFolder(baselines: scratch.path, experiment: "trial")
    #expect(try folder.nearest(size: .smoke, exactness: GateRecord.keys) == nil)
    for (toolchain, architecture) in [("Swift 6.3", "arm64"), ("Swift 5", "riscv")] {
      var run = GateRecord()
      run.exactness = ["toolchain": toolchain, "architecture": architecture]
      _ = try BaselineUpdate(
        old: nil, record: run.record, policy: GatePolicy(), only: nil, reason: nil
      ).write(into: folder)
    }
    let nearest = try folder.nearest(size: .smoke, exactness: GateRecord.keys)
    #expect(nearest?.exactness["architecture"] == "arm64")
    #expect(nearest?.differences(to: GateRecord.keys) == ["architecture is x86_64, was arm64"])
    #expect(try folder.nearest(size: .full, exactness: GateRecord.keys) == nil)
    let path = try #require(try folder.files().first)
    try Data(count: 100).write(to: URL(filePath: path))
    #expect(throws: BaselineError.self) {
      try folder.nearest(size: .smoke, exactness: GateRecord.keys)
    }
  }

  @Test func `a file of another class of machine under a borrowed name is refused`() throws {
    let scratch = try BaselineScratch()
    let folder = BaselineFolder(baselines: scratch.path, experiment: "trial")
    let path = try BaselineUpdate(
      old: nil, record: GateRecord().record, policy: GatePolicy(), only: nil, reason: nil
    ).write(into: folder)
    try FileManager.default.moveItem(atPath: path, toPath: "\(folder.path)/smoke-01234567.json")
    #expect(throws: BaselineError.self) {
      try folder.nearest(size: .smoke, exactness: GateRecord.keys)
    }
  }
}
