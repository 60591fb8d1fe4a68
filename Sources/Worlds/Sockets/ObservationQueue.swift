// The way of observations from the event loops to the thread that runs the world.
import Dispatch
import LabCore

/// A bounded queue that many event loops fill and one thread empties.
///
/// What one node puts in comes out in its order.
final class ObservationQueue<Report: Sendable>: Sendable {
  private struct State: Sendable {
    var waiting: [Observation<Report>] = []
    var lost = 0
  }

  private let state = Guarded(State())
  /// Signalled when the queue stops being empty; the taker tolerates a signal too many.
  private let filled = DispatchSemaphore(value: 0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// How many observations found no room.
  var lost: Int { state.withLock { $0.lost } }

  /// Adds observations at the end, as far as they fit.
  func append(_ observations: [Observation<Report>]) {
    let wasEmpty = state.withLock { state in
      let wasEmpty = state.waiting.isEmpty
      let room = max(0, limit - state.waiting.count)
      state.waiting.append(contentsOf: observations.prefix(room))
      state.lost += max(0, observations.count - room)
      return wasEmpty
    }
    if wasEmpty { filled.signal() }
  }

  /// Puts observations back that were taken and not looked at.
  func putBack(_ observations: ArraySlice<Observation<Report>>) {
    state.withLock { $0.waiting.insert(contentsOf: observations, at: 0) }
  }

  /// Removes and returns what waits.
  func takeAll() -> [Observation<Report>] {
    state.withLock { state in
      var taken: [Observation<Report>] = []
      swap(&taken, &state.waiting)
      return taken
    }
  }

  /// Waits until something is there or a time of the monotonic clock has come.
  ///
  /// - Returns: What was there; nothing when the time came first.
  func take(until deadline: DispatchTime) -> [Observation<Report>] {
    while true {
      let taken = takeAll()
      if !taken.isEmpty { return taken }
      if filled.wait(timeout: deadline) == .timedOut { return takeAll() }
    }
  }
}
