// The child's side: a process that runs the trials which it is told to.

import Glibc
import LabCore
public import LabManifest
import LabRecord

/// The life of a worker process.
///
/// It reads a ``WorkerGreeting`` and then numbers of trials from its standard input, and answers on
/// what was its standard output. Both are taken away from the trials first: what they print goes to
/// the log, and what they read is empty. When the runner goes away, however it ends, the worker
/// does too, even in the middle of a trial, and the programs from outside that it started with it.
public struct WorkerLoop {
  private let experiments: ExperimentRegistry
  private let load: (WorkerGreeting) throws -> Plan

  /// Makes a loop.
  ///
  /// - Parameter load: Makes the plan from the frozen manifest that the greeting names.
  public init(
    experiments: ExperimentRegistry, load: @escaping (WorkerGreeting) throws -> Plan
  ) {
    self.experiments = experiments
    self.load = load
  }

  /// Serves until the runner has no more trials.
  ///
  /// - Returns: The exit code of the process.
  public func run() -> Int32 {
    let input = dup(STDIN_FILENO)
    let output = dup(STDOUT_FILENO)
    let empty = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard input >= 0, output >= 0, empty >= 0, dup2(empty, STDIN_FILENO) >= 0,
      dup2(STDERR_FILENO, STDOUT_FILENO) >= 0
    else { return EX_OSERR }
    close(empty)
    Descriptor.closeOnExec(input)
    Descriptor.closeOnExec(output)
    guard Self.endWithRunner(input) else { return EX_OSERR }
    return serve(Requests(input), output)
  }

  private func serve(_ requests: Requests, _ output: CInt) -> Int32 {
    var requests = requests
    let execution: TrialExecution
    do {
      guard let greeting = try requests.next(WorkerGreeting.self) else { return EX_OK }
      execution = try prepare(greeting, output)
      AddressSpace.limit(to: execution.plan.manifest.limits.memory)
    } catch {
      Self.answer(.refused("\(error)"), output)
      return EX_CONFIG
    }
    defer { execution.programs.end() }
    guard Self.answer(.ready(trials: execution.plan.trials.count), output) else { return EX_OK }
    while true {
      do {
        guard let index = try requests.next(WorkerRequest.self)?.trial else { return EX_OK }
        guard execution.plan.trials.indices.contains(index) else { return EX_PROTOCOL }
        guard Self.answer(.done(execution.run(index)), output) else { return EX_OK }
      } catch {
        Self.answer(.refused("\(error)"), output)
        return EX_PROTOCOL
      }
    }
  }

  private func prepare(_ greeting: WorkerGreeting, _ output: CInt) throws -> TrialExecution {
    let plan = try load(greeting)
    guard plan.digest == greeting.digest else {
      throw RunError.worker(
        "the frozen manifest has digest \(plan.digest); \(greeting.digest) was expected; "
          + "run anew with one version of the program")
    }
    let name = plan.manifest.experiment.name
    guard let experiment = experiments[name] else { throw RunError.unknownExperiment(name) }
    let scratch = "\(WorkFolder.folder(ofFile: greeting.manifest))/programs-\(getpid())"
    return TrialExecution(
      plan: plan, experiment: experiment,
      programs: OutsidePrograms(plan: plan, experiment: experiment, scratch: scratch) {
        Self.answer($0, output)
      })
  }

  /// Writes an answer; one that is too long becomes the failure of its trial.
  @discardableResult
  private static func answer(_ reply: WorkerReply, _ output: CInt) -> Bool {
    guard let line = try? LineCoder.line(reply) else { return false }
    if line.count > LineCoder.limit, case .done(var outcome) = reply {
      outcome.status = .failed
      outcome.entries = []
      outcome.error =
        "the trial recorded \(line.count) bytes; at most \(LineCoder.limit) were expected; "
        + "record fewer steps"
      return answer(.done(outcome), output)
    }
    return Descriptor.write(line, to: output)
  }

  /// Starts a thread that ends this process, and everything in its group, when the runner's end of
  /// the connection closes.
  private static func endWithRunner(_ input: CInt) -> Bool {
    var thread = pthread_t()
    let argument = UnsafeMutableRawPointer(bitPattern: Int(input) + 1)
    return pthread_create(&thread, nil, Self.watch, argument) == 0
  }

  private static let watch: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
    { argument in
      var connection = pollfd(fd: CInt(Int(bitPattern: argument) - 1), events: 0, revents: 0)
      while poll(&connection, 1, -1) < 1 {}
      ProgramGroups.killAll()
      if getpgrp() == getpid() { kill(0, SIGKILL) }
      _exit(EX_OK)
    }
}

/// The lines that a worker reads.
private struct Requests {
  private let input: CInt
  private var lines = LineBuffer()

  init(_ input: CInt) { self.input = input }

  /// The next object, or `nil` when the runner is gone.
  mutating func next<Object: Decodable>(_ type: Object.Type) throws -> Object? {
    while true {
      if let line = lines.next() { return try LineCoder.object(type, from: line) }
      guard !lines.isOverlong, case .bytes(let bytes) = Descriptor.read(input) else { return nil }
      lines.append(bytes)
    }
  }
}
