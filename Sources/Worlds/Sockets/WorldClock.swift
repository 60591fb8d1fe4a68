// The clock of a world in real time.
import Dispatch
public import LabCore
import NIOCore

/// The monotonic clock of the machine, counted from the beginning of a world.
///
/// All processes of one machine share the clock, so nodes in several processes agree on the time
/// when they are given the same origin.
public struct WorldClock: Hashable, Sendable {
  /// The moment ``LabCore/Instant/zero`` in nanoseconds of `CLOCK_MONOTONIC`.
  public let origin: UInt64

  /// A clock that begins at a point of the monotonic clock, which may lie ahead.
  public init(origin: UInt64) { self.origin = origin }

  /// A clock that begins a span from now.
  public static func starting(in delay: Duration = .zero) -> WorldClock {
    let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
    let (sum, overflow) = now.addingReportingOverflow(delay.nanoseconds)
    return WorldClock(origin: overflow ? UInt64(Int64.max) : UInt64(max(0, sum)))
  }

  /// The time now; negative before the world begins.
  public func now() -> Instant {
    let uptime = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
    return Instant(nanoseconds: uptime - Int64(clamping: origin))
  }

  /// A point of this clock in nanoseconds of the monotonic one.
  private func uptime(at instant: Instant) -> UInt64 {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(Int64(clamping: origin))
    return overflow ? UInt64(Int64.max) : UInt64(max(0, sum))
  }

  func deadline(at instant: Instant) -> NIODeadline {
    .uptimeNanoseconds(uptime(at: instant))
  }

  func dispatchTime(at instant: Instant) -> DispatchTime {
    DispatchTime(uptimeNanoseconds: uptime(at: instant))
  }
}
