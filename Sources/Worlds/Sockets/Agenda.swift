// What a node has to do later: a heap from which any entry can be taken back.
import LabCore

/// Items ordered by the time at which they are due, and by their entry where times are equal.
///
/// Every entry can be removed before it is due, so that timers which are set anew at each message
/// never pile up.
/// - Complexity: Inserting and removing take logarithmic time in the number of entries.
struct Agenda<Item> {
  /// Names an entry until it is removed; a later entry may get the same name.
  struct Handle: Hashable {
    fileprivate let slot: Int
  }

  private struct Entry {
    let due: Instant
    let order: UInt64
    let slot: Int

    func precedes(_ other: Entry) -> Bool {
      due != other.due ? due < other.due : order < other.order
    }
  }

  private var heap: [Entry] = []
  /// From slot to item; `nil` where the slot is free.
  private var items: [Item?] = []
  /// From slot to the place of its entry in the heap.
  private var places: [Int] = []
  private var freeSlots: [Int] = []
  private var nextOrder: UInt64 = 0

  /// How many items wait.
  var count: Int { heap.count }
  /// When the first item is due; `nil` when none waits.
  var firstTime: Instant? { heap.first?.due }

  /// Adds an item.
  mutating func insert(_ item: Item, due: Instant) -> Handle {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      items[slot] = item
    } else {
      slot = items.count
      items.append(item)
      places.append(0)
    }
    heap.append(Entry(due: due, order: nextOrder, slot: slot))
    nextOrder += 1
    places[slot] = heap.count - 1
    siftUp(heap.count - 1)
    return Handle(slot: slot)
  }

  /// Takes an entry back.
  ///
  /// - Precondition: The entry has not been removed.
  mutating func remove(_ handle: Handle) {
    precondition(items[handle.slot] != nil, "an entry of an agenda is removed once")
    _ = removeEntry(at: places[handle.slot])
  }

  /// Removes the first item if it is due at a point in time or before.
  mutating func removeFirst(through now: Instant) -> (due: Instant, item: Item)? {
    guard let first = heap.first, first.due <= now else { return nil }
    return removeEntry(at: 0).map { (first.due, $0) }
  }

  /// Removes every item.
  mutating func removeAll() { self = Agenda() }

  private mutating func removeEntry(at place: Int) -> Item? {
    let slot = heap[place].slot
    let last = heap.removeLast()
    if place < heap.count {
      heap[place] = last
      places[last.slot] = place
      siftUp(place)
      siftDown(places[last.slot])
    }
    freeSlots.append(slot)
    return items[slot].take()
  }

  private mutating func siftUp(_ start: Int) {
    var place = start
    while place > 0 {
      let parent = (place - 1) / 2
      guard heap[place].precedes(heap[parent]) else { return }
      exchange(place, parent)
      place = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var place = start
    while true {
      var first = place
      for child in 2 * place + 1...2 * place + 2 where child < heap.count {
        if heap[child].precedes(heap[first]) { first = child }
      }
      guard first != place else { return }
      exchange(place, first)
      place = first
    }
  }

  private mutating func exchange(_ left: Int, _ right: Int) {
    heap.swapAt(left, right)
    places[heap[left].slot] = left
    places[heap[right].slot] = right
  }
}
