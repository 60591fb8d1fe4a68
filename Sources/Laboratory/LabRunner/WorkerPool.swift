// Spreads trials over worker processes and survives what the trials do to them.

import Glibc
import LabCore
import LabManifest
import LabRecord

/// A set of worker processes of one plan.
///
/// A trial that takes its worker with it costs only itself: the trials that wait behind it are
/// given to another worker. It is blamed for a crash or for memory only when it did so in a worker
/// that had run nothing before; otherwise it is tried once more in a new one, so that its outcome
/// does not depend on its predecessors.
final class WorkerPool {
  /// The most trials that wait in one worker, and the time for which they may keep it busy.
  static let depth = (trials: 32, time: LabCore.Duration.milliseconds(20))
  /// The longest time between two looks at limits and at the control, in milliseconds.
  static let pollMilliseconds: CInt = 10

  private let command: WorkerCommand
  private let greeting: WorkerGreeting
  private let limits: Manifest.TrialLimits
  private let patience: LabCore.Duration
  private let trialCount: Int
  private let logFolder: String
  private let control: RunControl
  private var workers: [WorkerProcess?] = []
  private var waiting: ArraySlice<Int> = []
  /// Trials that are to run first in a new worker.
  private var suspects: [Int] = []
  /// How long a trial takes, smoothed.
  private var usualTime: LabCore.Duration?
  private var started = 0
  private var isGiving = true
  private var deliver: (TrialOutcome) throws(RunError) -> [Int]? = { _ throws(RunError) in [] }

  init(
    _ command: WorkerCommand, greeting: WorkerGreeting, plan: Plan, logFolder: String,
    control: RunControl
  ) {
    self.command = command
    self.greeting = greeting
    self.logFolder = logFolder
    self.control = control
    limits = plan.manifest.limits
    trialCount = plan.trials.count
    patience = Self.patience(of: plan.manifest)
  }

  /// How long a trial may take on the whole.
  ///
  /// Where programs from outside run, the worker holds each of their answers to the limit, greeting
  /// and trial, and has some time to stop one that breaks it.
  private static func patience(of manifest: Manifest) -> LabCore.Duration {
    guard !manifest.programs.isEmpty else { return manifest.limits.wall }
    let wall = manifest.limits.wall.nanoseconds
    return .nanoseconds(wall > .max / 4 ? wall : 2 * wall + 10_000_000_000)
  }

  /// Runs trials and returns when all are over or the control stops the run.
  ///
  /// - Parameters:
  ///   - trials: Indices of the plan, begun in this order.
  ///   - jobs: How many workers run at once.
  ///   - pause: Called some hundred times a second.
  ///   - deliver: Takes each outcome; returns the trials that follow from it, or `nil` when no
  ///     further trial may begin.
  func run(
    _ trials: [Int], jobs: Int, pause: @escaping () throws(RunError) -> Void,
    deliver: @escaping (TrialOutcome) throws(RunError) -> [Int]?
  ) throws(RunError) {
    waiting = trials[...]
    suspects = []
    isGiving = true
    self.deliver = deliver
    workers = (0..<max(1, min(jobs, trials.count))).map { _ in nil }
    defer { workers = [] }
    while true {
      if control.current != .run { stopGiving() }
      if control.current == .abort { return }
      try fill()
      guard workers.contains(where: { $0?.queue.isEmpty == false }) else { break }
      wait()
      for slot in workers.indices { try attend(slot) }
      try pause()
    }
    for worker in workers { worker?.retire() }
  }

  private func stopGiving() {
    isGiving = false
    waiting = []
    suspects = []
  }

  /// Gives trials to workers, and starts workers where there are too few.
  private func fill() throws(RunError) {
    for slot in workers.indices {
      if workers[slot] == nil, !waiting.isEmpty || !suspects.isEmpty {
        started += 1
        workers[slot] = try WorkerProcess(
          command, greeting: greeting, logPath: "\(logFolder)/worker-\(started).log")
      }
      guard let worker = workers[slot] else { continue }
      if worker.given == 0, let suspect = suspects.popLast() { worker.give(suspect) }
      while worker.queue.count < depth, let trial = waiting.popFirst() { worker.give(trial) }
    }
  }

  /// How many trials may wait in one worker: one unless they are short.
  private var depth: Int {
    guard let usualTime, workers.count > 0 else { return 1 }
    let affordable = Self.depth.time.nanoseconds / max(usualTime.nanoseconds, 1)
    let fair = waiting.count / (2 * workers.count)
    return max(1, min(Self.depth.trials, Int(clamping: affordable), fair))
  }

  /// Waits until a worker says something, or a short time.
  private func wait() {
    var connections = workers.compactMap { worker in
      worker.map { pollfd(fd: $0.replies, events: Int16(POLLIN), revents: 0) }
    }
    _ = poll(&connections, nfds_t(connections.count), Self.pollMilliseconds)
  }

  /// Hears what the worker of a slot has to say, and holds it to its limits.
  private func attend(_ slot: Int) throws(RunError) {
    guard let worker = workers[slot] else { return }
    for news in worker.news() {
      switch news {
      case .ready(let trials):
        guard trials == trialCount else {
          throw .worker(
            "the worker plans \(trials) trials; \(trialCount) were expected; "
              + "run anew with one version of the program")
        }
      case .done(let outcome): try settle(outcome)
      case .refused(let reason): throw .worker(reason)
      case .gone(let how): return try bury(slot, .failed, "the worker \(how)")
      }
    }
    try holdToLimits(slot)
  }

  private func holdToLimits(_ slot: Int) throws(RunError) {
    guard let worker = workers[slot], !worker.queue.isEmpty else { return }
    let elapsed = Stopwatch.monotonic() - worker.since
    guard worker.isReady else {
      guard elapsed < command.startLimit else {
        throw startFailure(worker, "did not begin in time")
      }
      return
    }
    if elapsed > patience {
      try bury(slot, .timeout, "the trial ran longer than its limit of \(limits.wall)")
    } else if worker.residentBytes > limits.memory.bytes {
      try bury(slot, .memory, "the trial held more memory than its limit of \(limits.memory)")
    } else if worker.log.isFull {
      try bury(
        slot, .failed, "the trial printed more than \(ByteCount(ProgramLog.limit))")
    }
  }

  /// Removes a worker that is gone or must go, and decides what becomes of its trials.
  private func bury(
    _ slot: Int, _ status: TrialStatus, _ reason: String
  ) throws(RunError) {
    guard let worker = workers[slot] else { return }
    let wallSeconds = (Stopwatch.monotonic() - worker.since).seconds
    worker.kill()
    workers[slot] = nil
    guard worker.isReady else { throw startFailure(worker, reason) }
    guard let culprit = worker.queue.first else { return }
    if isGiving { waiting = worker.queue.dropFirst() + waiting }
    if status != .timeout, worker.answered > 0 {
      // When the run is being stopped, the trial stays open for the one that resumes it.
      if isGiving { suspects.append(culprit) }
      return
    }
    // Swift's runtime says so when the address space has an end, and then aborts.
    let isStarved = worker.log.tail?.contains("failed to allocate") ?? false
    try settle(
      TrialOutcome(
        trial: culprit, status: status == .failed && isStarved ? .memory : status,
        wallSeconds: wallSeconds, error: reason, log: worker.log.tail))
  }

  private func settle(_ outcome: TrialOutcome) throws(RunError) {
    if let time = LabCore.Duration(seconds: outcome.wallSeconds) {
      let mean = usualTime.map { ($0.nanoseconds * 7 + time.nanoseconds) / 8 }
      usualTime = mean.map(LabCore.Duration.nanoseconds) ?? time
    }
    guard let next = try deliver(outcome) else { return stopGiving() }
    if isGiving { waiting += next }
  }

  private func startFailure(_ worker: WorkerProcess, _ how: String) -> RunError {
    .worker(
      "\(command.executable) \(how) before it was ready; a worker that loads the plan was "
        + "expected; its log ends: \(worker.log.tail ?? "(empty)")")
  }
}
