// A loop whose passes run on several threads.

import Dispatch
import Synchronization

/// Runs passes that do not depend on each other.
enum ParallelLoop {
  /// Runs a body once for each place, on a thread for each worker, and returns when all are done.
  ///
  /// - Parameters:
  ///   - workers: What each thread has for itself; at least one.
  ///   - body: Called with a worker that no other thread uses; passes come in any order.
  static func run<Worker>(_ workers: [Worker], count: Int, body: (Worker, Int) -> Void) {
    guard workers.count > 1, count > 1 else {
      for place in 0..<count { body(workers[0], place) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // Each thread takes a worker of its own, and the passes share nothing by their contract.
      nonisolated(unsafe) let (workers, body) = (workers, body)
      let next = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: workers.count) { number in
        while true {
          let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard place < count else { break }
          body(workers[number], place)
        }
      }
    }
  }
}
