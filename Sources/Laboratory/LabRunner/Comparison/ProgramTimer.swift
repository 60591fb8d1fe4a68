// Runs programs to their end and reads what they cost.

import Glibc
import LabCore

/// What one run of a program cost.
struct RunCost: Hashable {
  /// Processor time in user and kernel mode, in seconds, of the program and of all that it waited
  /// for.
  var cpuSeconds: Double
  /// Time on the wall clock, in seconds.
  var wallSeconds: Double
  /// How often it left its processor, by itself or by others.
  var contextSwitches: Int
}

/// Runs programs, one at a time.
struct ProgramTimer {
  /// How long a run may take.
  var limit: LabCore.Duration

  /// Runs a program to its end; its output goes nowhere.
  func cost(of program: TimedProgram) throws(ComparisonError) -> RunCost {
    let start = Stopwatch.monotonic()
    let process: ChildProcess
    do throws(RunError) {
      process = try ChildProcess(program.executable, program.arguments, output: nil)
    } catch { throw .notStarted(reason: "\(error)") }
    guard process.ends(within: limit) else {
      process.kill()
      throw .tooLong(program: program.text, seconds: limit.seconds)
    }
    let wallSeconds = (Stopwatch.monotonic() - start).seconds
    guard process.succeeded else {
      throw .failed(program: program.text, ending: process.ending)
    }
    let usage = process.usage
    return RunCost(
      cpuSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      wallSeconds: wallSeconds, contextSwitches: usage.ru_nvcsw + usage.ru_nivcsw)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }
}
