// The programs from outside that serve a worker as arms.

import Glibc
import LabCore
import LabManifest
import LabRecord

/// Runs trials in the programs that a manifest names, each of which is started when its first trial
/// comes, serves until the end, and is started anew after a failure.
final class OutsidePrograms {
  /// A program that has greeted.
  private struct Serving {
    var program: OutsideProgram
    var subject: RunDescription.Subject
    /// Where it leaves its arrays.
    var folder: String
  }

  private let plan: Plan
  private let experiment: String
  private let described: [String: MetricDescription]
  private let scratch: String
  private let announce: (WorkerReply) -> Void
  private var serving: [String: Serving] = [:]
  private var started = 0

  /// Serves a plan.
  ///
  /// - Parameters:
  ///   - scratch: A folder that is made when the first program starts, and removed by ``end()``.
  ///   - announce: Hears of the process group of each program, when it starts and when it ended.
  init(
    plan: Plan, experiment: any Experiment.Type, scratch: String,
    announce: @escaping (WorkerReply) -> Void
  ) {
    self.plan = plan
    self.experiment = experiment.description.name
    self.scratch = scratch
    self.announce = announce
    described = Dictionary(experiment.description.metrics.map { ($0.name, $0) }) { first, _ in
      first
    }
  }

  /// Whether an arm is a program.
  func serve(_ arm: String) -> Bool { plan.manifest.program(of: arm) != nil }

  /// Runs a trial whose arm is a program.
  func run(_ index: Int) -> TrialOutcome {
    let trial = plan.trials[index]
    var outcome = TrialOutcome(trial: index, status: .ok, wallSeconds: 0)
    let beginning = Stopwatch.monotonic()
    do throws(OutsideFailure) {
      let serving = try program(of: trial.arm)
      outcome.subject = serving.subject
      try run(index, in: serving, &outcome)
    } catch {
      outcome.status = error.status
      outcome.error = error.text
      outcome.log = outcome.log ?? serving[trial.arm]?.program.logTail
      stop(trial.arm)
    }
    outcome.wallSeconds = (Stopwatch.monotonic() - beginning).seconds
    return outcome
  }

  /// Asks every program to end, stops those that do not, and removes the scratch folder.
  func end() {
    for arm in serving.keys.sorted() {
      serving[arm]?.program.end()
      stop(arm)
    }
    if started > 0 { FolderTree.remove(scratch) }
  }

  private func run(
    _ index: Int, in serving: Serving, _ outcome: inout TrialOutcome
  ) throws(OutsideFailure) {
    let program = serving.program
    let request = try OutsideProtocol.request(index, plan.trials[index])
    ProcessMemory.resetPeak(of: program.id)
    let before = program.processorTime
    let answer = try OutsideProtocol.answer(try program.ask(request), to: index)
    if let before, let after = program.processorTime {
      outcome.cpuSeconds = (after - before).seconds
    }
    outcome.peakBytes = ProcessMemory.peak(of: program.id)
    let measures = OutsideMeasures(
      described: described, kept: Set(plan.manifest.measures.map(\.name)), folder: serving.folder)
    outcome.entries = try measures.entries(of: answer)
  }

  /// The program of an arm, started and greeted if it was not there.
  private func program(of arm: String) throws(OutsideFailure) -> Serving {
    if let known = serving[arm] { return known }
    guard let description = plan.manifest.program(of: arm) else {
      throw .broken("the arm '\(arm)' is no program; one was expected; correct the manifest")
    }
    guard let path = ExecutableSearch.path(of: description, in: plan.manifest) else {
      throw .broken(description.absence)
    }
    started += 1
    let folder = "\(scratch)/\(arm)-\(started)"
    let program: OutsideProgram
    do throws(RunError) {
      try FolderTree.make(folder)
      program = try OutsideProgram(
        path, Array(description.command.dropFirst()),
        folder: ExecutableSearch.absolute(plan.manifest.folder), log: "\(scratch)/\(arm).log",
        limits: .init(wall: plan.manifest.limits.wall, memory: plan.manifest.limits.memory))
    } catch { throw .broken("\(error)") }
    announce(.started(group: program.id))
    var serving = Serving(
      program: program,
      subject: RunDescription.Subject(
        arm: arm, name: arm, version: "unknown", commandDigest: Self.digest(description.command)),
      folder: folder)
    self.serving[arm] = serving
    let greeting = try OutsideProtocol.greeting(experiment: experiment, folder: folder)
    let introduction = try OutsideProtocol.introduction(try program.ask(greeting))
    (serving.subject.name, serving.subject.version) = (introduction.name, introduction.version)
    self.serving[arm] = serving
    return serving
  }

  /// Stops the program of an arm with all that it started.
  private func stop(_ arm: String) {
    guard let serving = serving.removeValue(forKey: arm) else { return }
    serving.program.kill()
    FolderTree.remove(serving.folder)
    announce(.ended(group: serving.program.id))
  }

  private static func digest(_ command: [String]) -> String {
    ContentDigest.sha256(command.flatMap { Array($0.utf8) + [0] })
  }
}
