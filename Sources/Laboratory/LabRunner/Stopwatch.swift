// The clocks of the machine, for limits, costs and dates of runs and for nothing that is measured
// in virtual time.

import Glibc
public import LabCore

/// Readings of the machine's clocks.
public enum Stopwatch {
  /// Time that only goes forward.
  public static func monotonic() -> Instant { read(CLOCK_MONOTONIC) }

  /// Processor time of all threads of this process.
  public static func processor() -> Instant { read(CLOCK_PROCESS_CPUTIME_ID) }

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
