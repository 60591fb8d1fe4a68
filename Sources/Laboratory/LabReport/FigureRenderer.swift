// The program that turns specifications into pictures.

import Glibc
import LabGate
import LabRecord

/// Renders specifications to SVG by `Scripts/render-figures.py`, one process for all figures.
public struct FigureRenderer: Hashable, Sendable {
  /// The Python interpreter that has vl-convert-python.
  public var interpreter: String
  /// The path of `render-figures.py`.
  public var script: String

  /// Names the two files.
  public init(interpreter: String, script: String) {
    self.interpreter = interpreter
    self.script = script
  }

  /// The version of the renderer that the set-up installs.
  public static let version = "1.9.0.post1"

  /// The renderer of this machine.
  ///
  /// `FLEETLAB_FIGURES_PYTHON` names the interpreter; without it, it is the one that
  /// `Scripts/setup` puts into the cache folder.
  /// - Parameters:
  ///   - root: The checkout, in which `Scripts` stands.
  ///   - environment: The variables of the process.
  /// - Returns: `nil` when the interpreter or the script is not there.
  public static func installed(root: String, environment: [String: String]) -> FigureRenderer? {
    let cache =
      environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? environment["HOME"].map { "\($0)/.cache" }
    let named = environment["FLEETLAB_FIGURES_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
    let cached = cache.map { "\($0)/fleetlab/figures-\(version)/bin/python" }
    let script = "\(root)/Scripts/render-figures.py"
    guard let interpreter = named ?? cached, access(interpreter, X_OK) == 0,
      access(script, R_OK) == 0
    else { return nil }
    return FigureRenderer(interpreter: interpreter, script: script)
  }

  /// One figure to render.
  struct Job {
    var specification: String
    var picture: String
    var stamp: String
  }

  /// Renders figures and waits.
  ///
  /// - Returns: What went wrong, a line each; empty when every picture is there.
  func render(_ jobs: [Job]) -> [String] {
    order(
      jobs.map { job in
        .object([
          .init("specification", .string(job.specification)),
          .init("picture", .string(job.picture)), .init("stamp", .string(job.stamp)),
        ])
      })
  }

  /// Writes a specification, and the picture where there is a renderer.
  ///
  /// - Parameter path: The path of both without its ending.
  /// - Returns: What must be said when there is no new picture.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  static func write(
    _ specification: String, to path: String, _ renderer: FigureRenderer?
  ) throws(ReportError) -> [String] {
    try ReportFolder.write(specification, to: "\(path).vl.json")
    guard let renderer else {
      return [
        "no figure renderer is installed; Scripts/setup installs it; \(path).svg is not drawn"
      ]
    }
    return renderer.render([
      .init(
        specification: "\(path).vl.json", picture: "\(path).svg",
        stamp: PictureState.stamp(of: specification))
    ])
  }

  /// The JavaScript that draws figures in a browser: Vega, Vega-Lite and `vegaEmbed` in one text.
  ///
  /// - Throws: ``ReportError/noLibrary(reason:)`` when the renderer does not give it.
  public func library() throws(ReportError) -> String {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
    var path = Array("\(folder)/fleetlab-library-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    guard file >= 0 else {
      throw .noLibrary(reason: "no temporary file: \(String(cString: strerror(errno)))")
    }
    close(file)
    let name = path.withUnsafeBufferPointer {
      String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    defer { unlink(name) }
    if let problem = order([.object([.init("library", .string(name))])]).first {
      throw .noLibrary(reason: problem)
    }
    do {
      let bytes = try RecordFile.read(name, limit: Self.libraryLimit)
      guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
        throw ReportError.noLibrary(reason: "the renderer gave no text")
      }
      return text
    } catch let error as ReportError {
      throw error
    } catch {
      throw .noLibrary(reason: "\(error)")
    }
  }

  /// The longest library that is taken, in bytes.
  private static let libraryLimit = 16 << 20

  /// Gives the script its orders and waits.
  ///
  /// - Returns: What went wrong, a line each; empty when all is done.
  private func order(_ orders: [JSONValue]) -> [String] {
    let list = JSONValue.array(orders)
    guard let input = tmpfile(), let log = tmpfile() else {
      return ["no temporary file: \(String(cString: strerror(errno)))"]
    }
    defer {
      fclose(input)
      fclose(log)
    }
    let text = Array(list.text.utf8)
    guard fwrite(text, 1, text.count, input) == text.count, fflush(input) == 0 else {
      return ["no room for a temporary file: \(String(cString: strerror(errno)))"]
    }
    rewind(input)
    let failure = run(input: fileno(input), log: fileno(log))
    let said = Self.tail(of: fileno(log))
    guard let failure else { return [] }
    return said.isEmpty ? [failure] : said
  }

  /// Runs the script to its end.
  ///
  /// - Returns: How it failed; `nil` when it did not.
  private func run(input: CInt, log: CInt) -> String? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, log, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, log, STDERR_FILENO)
    let words = [interpreter, script].map { word in word.withCString { strdup($0) } }
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, interpreter, &actions, nil, words + [nil], environ)
    guard code == 0 else {
      return "\(interpreter) cannot be started: \(String(cString: strerror(code)))"
    }
    var status: CInt = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return "waiting failed: \(String(cString: strerror(errno)))" }
    }
    guard status != 0 else { return nil }
    let signal = status & 0x7f
    return signal == 0
      ? "the renderer exited with code \((status >> 8) & 0xff)"
      : "the renderer was ended by signal \(signal)"
  }

  /// The last lines of a log, at most 4 kB.
  private static func tail(of log: CInt) -> [String] {
    let size = lseek(log, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(log, &bytes, bytes.count, max(0, size - off_t(bytes.count)))
    guard count > 0 else { return [] }
    return String(decoding: bytes[..<count], as: UTF8.self)
      .split(whereSeparator: \.isNewline).map(String.init)
  }
}
