// A folder with manifests and records, and the built program that works on it.

import FoundationEssentials
import Glibc
import LabCore
import LabRecord
import Testing

@testable import LabRunner

/// Manifests, claims and records in a folder that is gone after the test.
struct Desk: ~Copyable {
  let path: String

  /// How a call of the program ended.
  struct Ending {
    /// What the shell would call `$?`; `nil` after a signal.
    var code: Int?
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String
  }

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/fleetlab-desk-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil, "no folder can be made in \(folder)")
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    for name in ["experiments", "results"] { mkdir("\(path)/\(name)", 0o777) }
  }

  deinit { FolderTree.remove(path) }

  var results: String { "\(path)/results" }

  /// The program, which lies beside the program of the tests.
  static var program: String {
    guard let real = realpath("/proc/self/exe", nil) else { return "fleetlab" }
    defer { free(real) }
    let path = String(cString: real)
    return "\(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex))fleetlab"
  }

  /// The document's figures in the checkout.
  static var figures: String {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/\(parts.joined(separator: "/"))/Experiments/document/document-figures.yaml"
  }

  /// Writes a manifest that asks the document for its arithmetic, and returns its path.
  ///
  /// - Parameter more: Further lines of the manifest.
  func ask(_ id: String, figures: String = Desk.figures, _ more: String = "") throws -> String {
    try write(
      """
      fleetlab: 1
      title: \(id)
      question: Do the pass rates agree?
      experiment: document-arithmetic
      parameters: {figures-file: \(figures)}
      measure: [pass_rate_gap]
      criteria:
        - id: pass-rates-agree
          text: the pass rates agree
          metric: pass_rate_gap
          bar: "== 0"
          control: {text: other rates, set: {planted: "header-pass-rate-from=60"}}
      \(more)
      """, to: "experiments/\(id).yaml")
  }

  /// Writes a claim that a manifest's criterion decides.
  func claim(by id: String) throws {
    _ = try write(
      """
      fleetlab: 1
      claims:
        - id: H1
          section: "Header"
          quote: "they agree"
          criterion: A gap of 0 points.
          experiment: \(id)
          as-written: [\(id)/pass-rates-agree]

      """, to: "experiments/claims.yaml")
  }

  /// Writes a file and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    let place = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: place))
    return place
  }

  func read(_ name: String) throws -> String {
    String(decoding: try RecordFile.read("\(path)/\(name)", limit: 1 << 24), as: UTF8.self)
  }

  /// Calls a verb on this desk's folders.
  func call(_ verb: String, _ arguments: String...) throws -> Ending {
    try Self.call(
      [verb, "--experiments", "\(path)/experiments", "--results", results] + arguments)
  }

  /// Calls the program and waits for its end.
  static func call(_ arguments: [String]) throws -> Ending {
    let running = try Running(arguments)
    return running.end()
  }

  /// Calls the program with a text of at most a pipe's 64 kB as its standard input, and waits.
  static func call(_ arguments: [String], input text: String) throws -> Ending {
    let pipe = try LabRunner.Pipe()
    let running = try Running(arguments, input: pipe.reading)
    pipe.closeReading()
    _ = Descriptor.write(Array(text.utf8), to: pipe.writing)
    pipe.closeWriting()
    return running.end()
  }
}

/// A call of the program that goes on.
final class Running {
  let process: ChildProcess
  private let output: Capture
  private let errors: Capture

  /// - Parameter terminal: Where standard output goes; a file of its own when `nil`.
  init(
    _ arguments: [String], environment: [String: String] = [:], input: CInt? = nil,
    terminal: CInt? = nil
  ) throws {
    output = try Capture()
    errors = try Capture()
    process = try ChildProcess(
      Desk.program, arguments, environment: environment, input: input,
      output: terminal ?? output.descriptor, log: errors.descriptor)
  }

  /// Waits for the end.
  func end() -> Desk.Ending {
    process.wait()
    let prefix = "exited with code "
    let ending = process.ending
    return Desk.Ending(
      code: ending.hasPrefix(prefix) ? Int(ending.dropFirst(prefix.count)) : nil,
      output: output.text, errors: errors.text)
  }
}

/// A file without a name, for what a program writes.
final class Capture {
  let descriptor: CInt

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/fleetlab-capture-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    try #require(descriptor >= 0, "\(systemReason())")
    Descriptor.closeOnExec(descriptor)
    unlink(template)
  }

  deinit { close(descriptor) }

  var text: String {
    lseek(descriptor, 0, SEEK_SET)
    var bytes: [UInt8] = []
    while case .bytes(let more) = Descriptor.read(descriptor) { bytes += more }
    return String(decoding: bytes, as: UTF8.self)
  }
}
