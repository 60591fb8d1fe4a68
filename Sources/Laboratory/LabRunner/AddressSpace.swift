// The limit on the address space of this process.

import Glibc
import LabCore

/// The bound that a worker sets for the one leap in memory that a watch over its resident memory
/// would see too late.
enum AddressSpace {
  private static let resource = __rlimit_resource_t(RLIMIT_AS.rawValue)

  /// Lets the address space grow by so many bytes and some room from what it is now.
  static func limit(to growth: ByteCount) {
    guard let size = ProcessMemory.addressSpace() else { return }
    let room = max(growth.bytes, 1 << 30)
    let (bound, overflow) = size.addingReportingOverflow(growth.bytes + room)
    guard !overflow else { return }
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return }
    limits.rlim_cur = min(rlim_t(bound), limits.rlim_max)
    _ = setrlimit(resource, &limits)
  }

  /// Does something, such as starting a program, that the limit is not to reach.
  static func withoutLimit<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return try body() }
    var raised = limits
    raised.rlim_cur = limits.rlim_max
    _ = setrlimit(resource, &raised)
    defer { _ = setrlimit(resource, &limits) }
    return try body()
  }
}
