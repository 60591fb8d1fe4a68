// How much memory processes hold, as the kernel counts it.

import CAllocator
import Glibc
import LabRecord

/// Readings of `/proc` about the memory of processes.
public enum ProcessMemory {
  /// The bytes that this process holds in memory now; `nil` where the kernel does not say.
  public static func resident() -> Int? { resident(of: getpid()) }

  /// The bytes that the C library's allocator has given away in this process and not got back.
  ///
  /// Unlike ``resident()`` it does not count memory that was given back and waits to be used again.
  public static func allocated() -> Int {
    let figures = mallinfo2()
    return figures.uordblks + figures.hblkhd
  }

  /// The bytes that a process holds in memory now, or `nil` when it has ended.
  static func resident(of process: pid_t) -> Int? { statm(process, field: 1) }

  /// The bytes of this process's address space.
  static func addressSpace() -> Int? { statm(getpid(), field: 0) }

  /// Begins to count the peak of a process anew, of this one when it is `nil`.
  ///
  /// Where the kernel does not allow it, ``peak(of:)`` is that of the whole life of the process.
  static func resetPeak(of process: pid_t? = nil) {
    let descriptor = open("\(folder(of: process))/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = Descriptor.write([UInt8(ascii: "5")], to: descriptor)
    close(descriptor)
  }

  /// The most bytes that a process held in memory since ``resetPeak(of:)``; `nil` when it ended.
  static func peak(of process: pid_t? = nil) -> Int? {
    guard let status = text("\(folder(of: process))/status"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
      .map { $0 * 1024 }
  }

  private static func folder(of process: pid_t?) -> String {
    "/proc/\(process.map(String.init) ?? "self")"
  }

  private static func statm(_ process: pid_t, field: Int) -> Int? {
    guard let fields = text("/proc/\(process)/statm")?.split(separator: " "),
      fields.count > field, let pages = Int(fields[field])
    else { return nil }
    return pages * sysconf(CInt(_SC_PAGESIZE))
  }

  private static func text(_ path: String) -> String? {
    guard let bytes = try? RecordFile.read(path, limit: 1 << 20) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
