public import LabCore

/// Events that are neither datagrams nor timers: rarer, larger, kept in an array with free places.
@usableFromInline
struct HappeningStore<Command> {
  /// One such event.
  @usableFromInline enum Happening {
    case start(node: UInt32)
    case command(node: UInt32, Command)
    case stored(node: UInt32, life: UInt32, Ticket)
    case faultBegins(Int)
    case faultEnds(Int, occurrence: Int)
  }

  private var places: [Happening?] = []
  private var free: [UInt32] = []

  init() {}

  mutating func insert(_ happening: Happening) -> UInt32 {
    if let place = free.popLast() {
      places[Int(place)] = happening
      return place
    }
    places.append(happening)
    return UInt32(places.count - 1)
  }

  mutating func remove(_ place: UInt32) -> Happening {
    guard let happening = places[Int(place)] else {
      preconditionFailure("event \(place) happened twice")
    }
    places[Int(place)] = nil
    free.append(place)
    return happening
  }
}

/// What a tag of the event queue stands for: two bits of kind and thirty of place.
@usableFromInline
enum EventTag {
  @usableFromInline static var message: UInt32 { 0 << 30 }
  @usableFromInline static var timer: UInt32 { 1 << 30 }
  @usableFromInline static var happening: UInt32 { 2 << 30 }
  @usableFromInline static var placeMask: UInt32 { (1 << 30) - 1 }
}
