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
  private var lines = LineBuffer()
  /// The process groups of the programs that the worker has started.
  private var groups: Set<pid_t> = []

  init(
    _ command: WorkerCommand, greeting: WorkerGreeting, logPath: String
  ) throws(RunError) {
    let log = try ProgramLog(logPath)
    let down = try Pipe.socket()
    let up: Pipe
    do throws(RunError) { up = try Pipe() } catch {
      close(down.reading)
      close(down.writing)
      throw error
    }
    defer {
      close(down.reading)
      close(up.writing)
    }
    do throws(RunError) {
      process = try ChildProcess(
        command.executable, command.arguments, environment: command.environment,
        input: down.reading, output: up.writing, log: log.descriptor)
    } catch {
      for descriptor in [down.writing, up.reading] { close(descriptor) }
      throw error
    }
    Descriptor.doNotBlock(up.reading)
    (requests, replies, self.log) = (down.writing, up.reading, log)
    since = Stopwatch.monotonic()
    send(greeting)
  }

  deinit {
    kill()
    for descriptor in [requests, replies] { close(descriptor) }
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
        while let line = lines.next() { news += understand(line) }
        if lines.isOverlong { return news + [.gone("wrote an answer without an end")] }
      case .nothing: return news
      case .end:
        kill()
        return news + [.gone(process.ending)]
      }
    }
  }

  /// Asks the worker to end, and stops it if it does not do so soon.
  func retire() {
    send(WorkerRequest(trial: nil))
    let patience: LabCore.Duration = groups.isEmpty ? .milliseconds(500) : .seconds(3)
    if !process.ends(within: patience) { kill() }
  }

  /// Stops the worker and the programs that it started.
  func kill() {
    process.kill()
    hearOfGroups()
    for group in groups { _ = Glibc.kill(-group, SIGKILL) }
    groups = []
  }

  /// Takes what a worker that was stopped had said of programs and nobody has read.
  private func hearOfGroups() {
    while case .bytes(let bytes) = Descriptor.read(replies) {
      lines.append(bytes)
      while let line = lines.next() {
        if let reply = try? LineCoder.object(WorkerReply.self, from: line) { follow(reply) }
      }
    }
  }

  private func follow(_ reply: WorkerReply) {
    switch reply {
    case .started(let group): groups.insert(group)
    case .ended(let group): groups.remove(group)
    case .ready, .refused, .done: return
    }
  }

  /// How much memory the worker holds, in bytes.
  var residentBytes: Int { ProcessMemory.resident(of: process.id) ?? 0 }

  /// What the worker has printed.
  let log: ProgramLog

  private func send(_ message: some Encodable) {
    // A worker that takes no requests is gone or hangs; both show on the other descriptor.
    if let line = try? LineCoder.line(message) { _ = Descriptor.send(line, to: requests) }
  }

  private func understand(_ line: [UInt8]) -> [News] {
    guard let reply = try? LineCoder.object(WorkerReply.self, from: line) else {
      return [.gone("wrote something that is no answer")]
    }
    switch reply {
    case .ready(let trials):
      isReady = true
      since = Stopwatch.monotonic()
      return [.ready(trials: trials)]
    case .refused(let reason): return [.refused(reason)]
    case .started, .ended:
      follow(reply)
      return []
    case .done(let outcome):
      guard outcome.trial == queue.first else { return [.gone("answered what it was not asked")] }
      queue.removeFirst()
      answered += 1
      since = Stopwatch.monotonic()
      return [.done(outcome)]
    }
  }
}
