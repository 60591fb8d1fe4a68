// A queue whose elements keep their numbers while older ones leave it.

/// Elements with consecutive numbers: the newest are added at the end, the oldest are taken away.
///
/// - Complexity: Adding and looking up take constant time, taking away constant time on average;
///   the memory is at most twice that of the elements.
struct Backlog<Element> {
  /// The number of the oldest element, or of the next one when there is none.
  private(set) var first: UInt64
  private var elements: [Element] = []
  /// How many elements at the start have left.
  private var head = 0

  /// Makes an empty queue whose first element will have a number.
  init(first: UInt64) { self.first = first }

  /// The number that the next element gets.
  var next: UInt64 { first + UInt64(count) }
  /// How many elements there are.
  var count: Int { elements.count - head }
  /// Whether there is none.
  var isEmpty: Bool { count == 0 }
  /// The oldest element.
  var oldest: Element? { self[first] }

  /// The element with a number; `nil` when it has left or was never there.
  subscript(number: UInt64) -> Element? {
    guard number >= first, number < next else { return nil }
    return elements[head + Int(number - first)]
  }

  /// Adds an element at the end.
  mutating func append(_ element: Element) { elements.append(element) }

  /// Removes and returns the oldest element.
  @discardableResult
  mutating func removeFirst() -> Element? {
    guard let element = oldest else { return nil }
    head += 1
    first += 1
    if head >= 16, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes everything; the next element gets a number of its own.
  mutating func restart(at number: UInt64) { self = Backlog(first: number) }
}
