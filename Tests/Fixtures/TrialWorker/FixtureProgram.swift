// A program that is a worker, or a whole run which a test may kill.

import Glibc
import LabManifest
import LabRecord
import LabRunner

/// `TrialWorker worker`, or `TrialWorker run RESULTS PLAN [WORD=VALUE…]`.
@main
enum FixtureProgram {
  static let registry = ExperimentRegistry([FixtureExperiment.self])

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "worker": exit(work())
    case "run" where arguments.count >= 3:
      exit(run(results: arguments[1], text: arguments[2], Options(arguments.dropFirst(3))))
    default: exit(EX_USAGE)
    }
  }

  private static func work() -> Int32 {
    WorkerLoop(experiments: registry) { greeting in
      let text = try RecordFile.read(greeting.manifest, limit: 1 << 20)
      return try FixturePlan(
        String(decoding: text, as: UTF8.self), size: greeting.size, seed: greeting.seed
      ).plan()
    }.run()
  }

  /// What a test asks of a run.
  private struct Options {
    var words: [String: String] = [:]

    init(_ arguments: ArraySlice<String>) {
      for argument in arguments {
        let parts = argument.split(separator: "=", maxSplits: 1)
        words[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
      }
    }

    func number(_ word: String) -> Int? { words[word].flatMap { Int($0) } }
  }

  private static func run(results: String, text: String, _ options: Options) -> Int32 {
    limitFiles(options.number("file-limit"))
    let control = RunControl()
    var events = 0
    let runner = Runner(experiments: registry, control: control) { event in
      if event == .waiting { return }
      events += 1
      if events == options.number("die-at") { kill(getpid(), SIGKILL) }
      if events == options.number("finish-at") { control.finishRunning() }
      if events == options.number("abort-at") { control.abort() }
      if options.words["tell"] != nil { tell(".") }
    }
    do {
      let size = options.words["size"].flatMap(RunSize.init) ?? .smoke
      let plan = try FixturePlan(text, size: size).plan()
      let outcome = try runner.run(
        RunRequest(
          plan: plan, frozenManifest: text, results: results, jobs: options.number("jobs") ?? 2,
          batch: options.number("batch") ?? 4, resume: options.words["resume"] != nil,
          rerun: options.words["rerun"].flatMap(Rerun.init) ?? .all,
          shard: options.words["shard"].flatMap { Shard($0) },
          failFast: options.words["fail-fast"] != nil))
      if options.words["cost"] != nil { tell("\(processorSeconds)") }
      return outcome.ending == .interrupted ? 130 : outcome.ending == .completed ? 0 : 2
    } catch let error as RunError {
      tell("\(error)\n")
      if case .busy = error { return EX_TEMPFAIL }
      if case .nothingToResume = error { return EX_NOINPUT }
      return EX_IOERR
    } catch {
      tell("\(error)\n")
      return EX_SOFTWARE
    }
  }

  /// The processor time of this process and of the workers that have ended.
  private static var processorSeconds: Double {
    [__rusage_who_t(RUSAGE_SELF.rawValue), __rusage_who_t(RUSAGE_CHILDREN.rawValue)]
      .reduce(0) { sum, who in
        var usage = rusage()
        getrusage(who, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(sum) { sum, time in
          sum + Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
        }
      }
  }

  /// Makes every file of this process end early, as on a full disk.
  private static func limitFiles(_ bytes: Int?) {
    guard let bytes else { return }
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    _ = setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  }

  private static func tell(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }
}
