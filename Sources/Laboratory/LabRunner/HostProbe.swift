// What the machine says of itself.

import Glibc
import LabRecord

/// Reads what a record keeps of the machine.
struct HostProbe {
  /// The content of `/proc/cpuinfo`.
  private let processors: String

  init() { processors = Self.text("/proc/cpuinfo") }

  /// Makes a probe of a machine that is described by the text of its `/proc/cpuinfo`.
  init(processors: String) { self.processors = processors }

  /// The machine with the load average of the run's beginning and of now.
  func host(loadBefore: Double) -> RunDescription.Host {
    RunDescription.Host(
      cpuModel: field("model name") ?? field("CPU part") ?? "unknown",
      cores: sysconf(CInt(_SC_NPROCESSORS_ONLN)),
      memoryBytes: sysconf(CInt(_SC_PHYS_PAGES)) * sysconf(CInt(_SC_PAGESIZE)),
      kernel: Self.kernel, loadBefore: loadBefore, loadAfter: Self.load)
  }

  /// The load average over one minute.
  static var load: Double {
    text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
  }

  /// Time that the host of a virtual machine took from it since it started, over all processors, in
  /// seconds; 0 where the kernel does not count it.
  static var stealSeconds: Double {
    let fields = text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ")
    guard fields.first == "cpu", fields.count > 8, let ticks = Double(fields[8]) else { return 0 }
    return ticks / Double(max(1, sysconf(CInt(_SC_CLK_TCK))))
  }

  /// What must agree before exact values are compared, as far as the machine decides it.
  var exactness: [String: String] {
    ["architecture": Self.architecture, "cpu_level": level, "libc": Self.libc]
  }

  /// The level of the processor's features: which variants of the mathematical functions the C
  /// library chooses, and with them the last bits of results.
  ///
  /// > Reference: The x86-64 levels are those of the System V psABI supplement, table 3.1.
  var level: String {
    guard Self.architecture == "x86_64" else {
      let known = (field("Features") ?? "").split(separator: " ")
      return ["sve2", "sve", "asimd"].first { known.contains(Substring($0)) } ?? "base"
    }
    let flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
    let second: Set = ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"]
    let third: Set = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]
    let fourth: Set = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
    guard flags.isSuperset(of: second) else { return "x86-64-v1" }
    guard flags.isSuperset(of: third) else {
      return flags.contains("fma") ? "x86-64-v2+fma" : "x86-64-v2"
    }
    return flags.isSuperset(of: fourth) ? "x86-64-v4" : "x86-64-v3"
  }

  private func field(_ name: String) -> String? {
    for line in processors.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      if Self.trimmed(parts[0]) == name { return Self.trimmed(parts[1]) }
    }
    return nil
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "other"
    #endif
  }

  private static var kernel: String {
    "\(text("/proc/sys/kernel/ostype")) \(text("/proc/sys/kernel/osrelease"))"
  }

  private static var libc: String {
    var name = [CChar](repeating: 0, count: 128)
    guard confstr(CInt(_CS_GNU_LIBC_VERSION), &name, name.count) > 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// A small file of the kernel without the white space around it; empty where there is none.
  static func text(_ path: String) -> String {
    guard let bytes = try? RecordFile.read(path, limit: 16 << 20) else { return "" }
    return trimmed(Substring(decoding: bytes, as: UTF8.self))
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
