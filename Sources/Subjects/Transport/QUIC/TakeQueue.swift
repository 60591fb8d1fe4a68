// What is appended in one place and taken in another.

/// A queue that is mostly emptied before it grows again, in one array.
struct TakeQueue<Element> {
  private var elements: [Element?] = []
  private var taken = 0

  var isEmpty: Bool { taken == elements.count }

  mutating func append(_ element: Element) { elements.append(element) }

  /// Removes and returns the oldest element.
  mutating func takeFirst() -> Element? {
    guard taken < elements.count else { return nil }
    let element = elements[taken].take()
    taken += 1
    if taken == elements.count {
      elements.removeAll(keepingCapacity: true)
      taken = 0
    }
    return element
  }
}
