// The clocks of the machine, for limits, costs and dates of runs and for nothing that is measured
// in virtual time.

import Glibc
public import LabCore
import LabRecord

/// Readings of the machine's clocks.
public enum Stopwatch {
  /// Time that only goes forward.
  public static func monotonic() -> Instant { read(CLOCK_MONOTONIC) }

  /// Nanoseconds since 1970 by the machine's calendar clock, by which certificates are judged.
  public static func nanosecondsSince1970() -> UInt64 {
    UInt64(max(0, read(CLOCK_REALTIME).nanoseconds))
  }

  /// Processor time of all threads of this process.
  public static func processor() -> Instant { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// Processor time of all threads of a process, as the kernel counts it; `nil` when it has ended.
  static func processor(of process: pid_t) -> Instant? {
    var clock = clockid_t()
    guard clock_getcpuclockid(process, &clock) == 0 else { return nil }
    return read(clock)
  }

  /// Processor time of the children that a process has waited for, in whole ticks of the kernel;
  /// `nil` when it has ended.
  static func processorOfChildren(of process: pid_t) -> LabCore.Duration? {
    guard let bytes = try? RecordFile.read("/proc/\(process)/stat", limit: 1 << 16) else {
      return nil
    }
    // The name of the program, in parentheses, may hold anything.
    let line = String(decoding: bytes, as: UTF8.self)
    guard let name = line.lastIndex(of: ")") else { return nil }
    let fields = line[name...].split(separator: " ")
    guard fields.count > 15, let user = Int64(fields[14]), let system = Int64(fields[15]) else {
      return nil
    }
    return .nanoseconds((user + system) * (1_000_000_000 / Int64(sysconf(CInt(_SC_CLK_TCK)))))
  }

  /// The date and time in UTC, as RFC 3339 writes it to the second.
  static func date() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  private static func read(_ clock: clockid_t) -> Instant {
    var reading = timespec()
    clock_gettime(clock, &reading)
    return Instant(
      nanoseconds: Int64(reading.tv_sec) * 1_000_000_000 + Int64(reading.tv_nsec))
  }
}
