// When the connections of an endpoint next have something to do.
import HeapModule

/// One deadline for each connection that has any, the earliest first.
///
/// A connection's deadline moves with nearly every packet, mostly to a later time. So it stands in
/// the heap no later than it is due, and is put right only when it comes to the front.
/// - Complexity: Moving a deadline later takes constant time, all else the logarithm of the number
///   of connections.
struct DeadlineQueue {
  private struct Entry: Comparable {
    var time: UInt64
    var number: Int

    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.number < right.number
    }
  }

  /// What a connection waits for, and the time of its entry in the heap.
  private struct Wait {
    var deadline: UInt64
    var entry: UInt64
  }

  private var waits: [Int: Wait] = [:]
  /// One current entry for each wait, and some that were superseded by earlier ones.
  private var heap = Heap<Entry>()

  /// How many entries there are in the heap, superseded ones among them.
  var entries: Int { heap.count }

  /// Sets or, with `nil`, removes the deadline of a connection.
  mutating func set(_ deadline: UInt64?, of number: Int) {
    guard let deadline else {
      waits[number] = nil
      return
    }
    if let wait = waits[number], wait.entry <= deadline {
      waits[number]?.deadline = deadline
      return
    }
    waits[number] = Wait(deadline: deadline, entry: deadline)
    heap.insert(Entry(time: deadline, number: number))
    if heap.count > 64 + 4 * waits.count { rebuild() }
  }

  /// The earliest deadline; `nil` when there is none.
  mutating func first() -> UInt64? {
    while let top = heap.min {
      guard let wait = waits[top.number], wait.entry == top.time else {
        heap.removeMin()
        continue
      }
      if wait.deadline == top.time { return top.time }
      heap.replaceMin(with: Entry(time: wait.deadline, number: top.number))
      waits[top.number]?.entry = wait.deadline
    }
    return nil
  }

  /// Removes the deadlines up to a time, and returns whose they were in the order of their numbers.
  mutating func takeDue(by time: UInt64) -> [Int] {
    var due: [Int] = []
    while let first = first(), first <= time {
      guard let entry = heap.popMin() else { break }
      waits[entry.number] = nil
      due.append(entry.number)
    }
    return due.sorted()
  }

  private mutating func rebuild() {
    for (number, wait) in waits { waits[number]?.entry = wait.deadline }
    heap = Heap(waits.map { Entry(time: $0.value.deadline, number: $0.key) })
  }
}
