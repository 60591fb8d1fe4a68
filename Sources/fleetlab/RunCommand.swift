// fleetlab run
public import ArgumentParser
import Dispatch
import Glibc
import LabManifest
public import LabRecord
public import LabRunner

/// Runs manifests and publishes their records.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run manifests in worker processes and publish their records.",
    discussion: """
      Ctrl-C once finishes the trials that run and keeps what is done; twice stops at once. Either \
      way --resume goes on. A run of a smaller size never replaces the record of a larger one.

      A manifest that was found in a folder is skipped with a word when its programs are missing \
      or its record is of a larger size; when it was named, the exit code is 2.

      --shard 2/4 runs the second of four parts of the cells, on this machine or another, and puts \
      its record below .shards in the results folder.

      --rerun says what becomes of the trials that the record already holds: none adds only those \
      that it lacks, failed also runs those again that did not end well, changed those whose \
      experiment, version, settings, data or seed is another one, all runs everything. Without \
      changed or all, a trial that has changed is an error. What is taken over keeps its rows, and \
      run.json says from which run and code it is.

      EXAMPLES
        fleetlab run
        fleetlab run my-experiment.yaml --size smoke
        fleetlab run Experiments/transport --set network.link.loss=5% --results build/results
        fleetlab run Experiments --resume
        fleetlab run my-experiment.yaml --rerun failed
        fleetlab run Experiments --size full --shard 2/4
      """)

  @OptionGroup var folders: FolderOptions
  @OptionGroup var changes: ChangeOptions

  @Argument(help: "Manifests, or folders of them; all below the folder of experiments by default.")
  var paths: [String] = []

  @Option(name: .shortAndLong, help: "How many workers run trials of virtual time at once.")
  var jobs = Int(max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))))

  @Flag(help: "Go on with unfinished runs; manifests without one are run from the start.")
  var resume = false

  @Option(help: "Which trials of the record run again: none, failed, changed or all.")
  var rerun: Rerun = .all

  @Option(
    help: ArgumentHelp(
      "Only a part of the cells, as in 2/4 for the second of four; 'fleetlab merge' joins them.",
      valueName: "i/n"))
  var shard: Shard?

  @Flag(help: "Stop at the first trial that fails.")
  var failFast = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs is \(jobs); at least 1 was expected") }
  }

  func run() throws {
    // All manifests are planned before the first one runs, so that a mistake in the last is known
    // at once.
    let plans = try folders.manifests(paths).map { path in
      try folders.plan(
        path, changes.size, seed: changes.seed, settings: changes.values, checkingData: true)
    }.filter(canRun)
    let control = RunControl()
    let signals = Signals(control)
    defer { withExtendedLifetime(signals) {} }
    let code = CodeProbe(checkout: FolderProbe.checkout, results: folders.results).code()
    var failed = 0
    for plan in plans {
      let outcome = try run(plan, control, code)
      failed += outcome.failures.count
      switch outcome.ending {
      case .completed: continue
      case .interrupted:
        throw Failure(
          .interrupted, "interrupted in \(plan.manifest.id); 'fleetlab run --resume' goes on")
      case .stoppedAtFailure:
        throw Failure(
          .failed, "stopped at a failed trial of \(plan.manifest.id); mend it and run --resume")
      }
    }
    if failed > 0 {
      throw Failure(
        .failed,
        "\(failed) \(failed == 1 ? "trial" : "trials") failed; the records say which "
          + "and why")
    }
  }

  /// Whether what a plan needs from outside is there and its record is of no larger size.
  ///
  /// A manifest that was found in a folder is skipped otherwise; one that was named is an error,
  /// here or when it runs.
  private func canRun(_ plan: Plan) throws -> Bool {
    let manifest = plan.manifest
    let folder = "\(folders.results)/\(manifest.id)"
    let isNamed = paths.contains(manifest.path)
    var reasons = folders.missing(for: plan)
    if !isNamed, shard == nil, let size = largerSize(of: folder, than: changes.size) {
      reasons.append("it is of size \(size), and a smaller run replaces none")
    }
    guard !reasons.isEmpty else { return true }
    let reason = reasons.joined(separator: "; ")
    guard !isNamed else { throw Failure(.failed, "\(manifest.id) cannot run: \(reason)") }
    let hasRecord = FolderProbe.exists("\(folder)/run.json")
    let rest = hasRecord ? "its record stays as it is" : "it has no record"
    if !quiet { Console.say("\(manifest.id) is skipped, \(rest): \(reason)") }
    return false
  }

  /// The size of the record in a folder when it is the larger one; an unreadable record is left to
  /// the run, which refuses it with its error.
  private func largerSize(of folder: String, than size: RunSize) -> RunSize? {
    do throws(RecordError) {
      try RunRecord.checkReplaceable(folder: folder, by: size)
    } catch {
      if case .smaller(_, let existing) = error.problem { return existing }
    }
    return nil
  }

  private func run(
    _ plan: Plan, _ control: RunControl, _ code: RunDescription.Code
  ) throws -> RunOutcome {
    var progress = ProgressLine(.fitting(quiet: quiet), name: plan.manifest.id)
    let runner = Runner(experiments: laboratory, control: control) { progress.take($0) }
    var request = RunRequest(
      plan: plan, frozenManifest: plan.resolvedText, results: folders.results, jobs: jobs,
      resume: resume, rerun: rerun, shard: shard, failFast: failFast,
      overrides: changes.settings.flatMap { ["--set", $0] }, code: code)
    do throws(RunError) {
      return try runner.run(request)
    } catch {
      guard case .nothingToResume = error else { throw Self.failure(error) }
      request.resume = false
      do throws(RunError) { return try runner.run(request) } catch { throw Self.failure(error) }
    }
  }

  static func failure(_ error: RunError) -> Failure {
    if case .busy = error { return Failure(.busy, "\(error)") }
    return Failure(.failed, "\(error)")
  }
}

extension Shard: ExpressibleByArgument {
  /// Reads `2/4`.
  public init?(argument: String) { self.init(argument) }
}

extension Rerun: ExpressibleByArgument {}

/// Turns SIGINT and SIGTERM into a wish that the run end.
struct Signals {
  private let sources: [any DispatchSourceSignal]

  init(_ control: RunControl) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { control.interrupt() }
      source.resume()
      return source
    }
  }
}
