// Work on numbered items by several threads.

import Dispatch
import Synchronization

/// Runs a body for each number below a count, on several threads and this one, and waits for all.
///
/// Each thread makes a body of its own and takes the lowest number that nobody has taken; so what a
/// body writes must belong to its number alone.
func forEach(count: Int, threads: Int, _ makeBody: @Sendable () -> (Int) -> Void) {
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: max(min(threads, count), 1)) { _ in
    let body = makeBody()
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}

/// Memory into which each number's body writes its own places.
///
/// Unchecked, as no place belongs to two numbers and nobody reads before all are done.
struct OwnPlaces<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>?

  init(_ buffer: UnsafeMutableBufferPointer<Element>) { base = buffer.baseAddress }
}
