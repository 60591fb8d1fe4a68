// The runner's side of one worker.

import Glibc
import LabCore
import LabManifest
import LabRecord

/// One worker process with the trials that it was given and has not answered.
final class WorkerProcess {
  /// What a worker has said since it was last asked.
  enum News {
    /// A trial is over.
    case done(TrialOutcome)
    /// It loaded the plan.
    case ready(trials: Int)
    /// It cannot serve the plan.
    case refused(String)
    /// It is gone, or says what no worker says.
    case gone(String)
  }

  /// How much of the log's end is looked at, in bytes.
  private static let logWindow = 32 << 10
  /// How much of it is kept with a failed trial, in characters.
  private static let logTail = 2_000
  /// How much a worker may print before it is stopped, in bytes.
  static let logLimit = 64 << 20

  /// Whether the plan is loaded.
  private(set) var isReady = false
  /// How many trials were given so far.
  private(set) var given = 0
  /// How many trials were answered so far.
  private(set) var answered = 0
  /// The trials that wait for an answer; the first one runs.
  private(set) var queue: [Int] = []
  /// When the first trial of the queue began, or the worker was started.
  private(set) var since: Instant
  /// The descriptor on which answers arrive.
  let replies: CInt
  private let requests: CInt
  private let process: ChildProcess
  private let log: CInt
  private let logPath: String
  private var lines = LineBuffer()

  init(
    _ command: WorkerCommand, greeting: WorkerGreeting, logPath: String
  ) throws(RunError) {
    let log = open(logPath, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard log >= 0 else { throw .folder(path: logPath, reason: systemReason()) }
    let down: Pipe
    let up: Pipe
    do throws(RunError) {
      down = try Pipe.socket()
      do throws(RunError) { up = try Pipe() } catch {
        close(down.reading)
        close(down.writing)
        throw error
      }
    } catch {
      close(log)
      throw error
    }
    defer {
      close(down.reading)
      close(up.writing)
    }
    do throws(RunError) {
      process = try ChildProcess(
        command.executable, command.arguments, environment: command.environment,
        input: down.reading, output: up.writing, log: log)
    } catch {
      for descriptor in [log, down.writing, up.reading] { close(descriptor) }
      throw error
    }
    Descriptor.doNotBlock(up.reading)
    (requests, replies, self.log, self.logPath) = (down.writing, up.reading, log, logPath)
    since = Stopwatch.monotonic()
    send(greeting)
  }

  deinit {
    process.kill()
    for descriptor in [log, requests, replies] { close(descriptor) }
  }

  /// Gives the worker one more trial.
  func give(_ trial: Int) {
    if queue.isEmpty { since = Stopwatch.monotonic() }
    queue.append(trial)
    given += 1
    send(WorkerRequest(trial: trial))
  }

  /// Reads what the worker has said.
  func news() -> [News] {
    var news: [News] = []
    while true {
      switch Descriptor.read(replies) {
      case .bytes(let bytes):
        lines.append(bytes)
        while let line = lines.next() { news.append(understand(line)) }
        if lines.isOverlong { return news + [.gone("wrote an answer without an end")] }
      case .nothing: return news
      case .end:
        process.kill()
        return news + [.gone(process.ending)]
      }
    }
  }

  /// Asks the worker to end, and stops it if it does not do so soon.
  func retire() {
    send(WorkerRequest(trial: nil))
    if !process.ends(within: .milliseconds(500)) { process.kill() }
  }

  /// Stops the worker.
  func kill() { process.kill() }

  /// How much memory the worker holds, in bytes.
  var residentBytes: Int { ProcessMemory.resident(of: process.id) ?? 0 }

  /// How much the worker has printed, in bytes.
  var logBytes: Int {
    var status = stat()
    return fstat(log, &status) == 0 ? Int(status.st_size) : 0
  }

  /// The end of what the worker printed, or `nil` when it printed nothing.
  ///
  /// The addresses that Swift's runtime prints after the reason of a trap are left out: they differ
  /// from run to run, and a replay shows the names.
  var tail: String? {
    let size = logBytes
    let length = min(size, Self.logWindow)
    guard length > 0 else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
      filled = max(0, pread(log, buffer.baseAddress, length, size - length))
    }
    // A log may hold anything; what is not UTF-8 is shown as such.
    var text = Substring(decoding: bytes, as: UTF8.self)
    if let trace = text.firstRange(of: "Current stack trace:") { text = text[..<trace.lowerBound] }
    while text.last?.isNewline ?? false { text.removeLast() }
    return text.isEmpty ? nil : String(text.suffix(Self.logTail))
  }

  private func send(_ message: some Encodable) {
    // A worker that takes no requests is gone or hangs; both show on the other descriptor.
    if let line = try? LineCoder.line(message) { _ = Descriptor.send(line, to: requests) }
  }

  private func understand(_ line: [UInt8]) -> News {
    guard let reply = try? LineCoder.object(WorkerReply.self, from: line) else {
      return .gone("wrote something that is no answer")
    }
    switch reply {
    case .ready(let trials):
      isReady = true
      since = Stopwatch.monotonic()
      return .ready(trials: trials)
    case .refused(let reason): return .refused(reason)
    case .done(let outcome):
      guard outcome.trial == queue.first else { return .gone("answered what it was not asked") }
      queue.removeFirst()
      answered += 1
      since = Stopwatch.monotonic()
      return .done(outcome)
    }
  }
}
