// One connection of an endpoint with the handshake, the requests and the responses on it.
import LabCore

/// What one end knows of one connection above TCP.
struct TCPSession: Hashable, Sendable {
  /// What a session tells its endpoint.
  enum Event: Hashable, Sendable {
    case connected
    case responded(Int)
    /// Nothing is under way on a connection that is kept.
    case idle
  }

  let peer: NodeID
  let isClient: Bool
  /// Whether the connection stays open after a response.
  let isKept: Bool
  /// The number under which the caller hears that the connection stands.
  let number: Int?
  var connection: TCPConnection
  /// The deadlines that the world's timers are set to.
  var timersSet: (sending: Instant?, acknowledging: Instant?) {
    get { (sendingSet, acknowledgingSet) }
    set { (sendingSet, acknowledgingSet) = newValue }
  }
  private var sendingSet: Instant?
  private var acknowledgingSet: Instant?
  /// How long the next flight of this side still has to be computed; taken by the endpoint, which
  /// calls ``endComputing()`` after it.
  private(set) var computation: Duration?
  /// The exchanges that get no response when the connection is over, the one among them that only
  /// asked for the connection.
  var unansweredNumbers: [Int] {
    let numbers = outstanding + queue.map(\.number)
    guard let number, !hasAnnounced, !numbers.contains(number) else { return numbers }
    return [number] + numbers
  }

  private let configuration: TCPExchangeConfiguration
  private let framing: StreamFraming
  private var incoming: IncomingStream
  /// How many flights of the handshake were sent or taken.
  private var flightsDone = 0
  private var isComputing = false
  private var hasComputed = false
  private var hasAnnounced = false
  /// Requests that have not been sent.
  private var queue: [ExchangeHead] = []
  /// The numbers of requests without a response, oldest first.
  private var outstanding: [Int] = []
  /// Requests of the peer that wait until this side's flight is computed.
  private var deferred: [ExchangeHead] = []

  /// Wraps a connection that has just been opened or accepted.
  init(
    _ connection: TCPConnection, with peer: NodeID, number: Int? = nil, isKept: Bool,
    _ configuration: TCPExchangeConfiguration
  ) {
    self.connection = connection
    self.peer = peer
    self.number = number
    self.isKept = isKept
    self.configuration = configuration
    isClient = connection.isOpener
    framing = configuration.framing
    incoming = IncomingStream(framing)
  }

  /// Whether a request could go at once and alone.
  var isIdle: Bool { hasAnnounced && queue.isEmpty && outstanding.isEmpty }

  /// Whether anything is left to do.
  var isOver: Bool { connection.phase == .closed }

  /// Takes a request that has to be sent.
  mutating func add(_ request: ExchangeHead) { queue.append(request) }

  /// Says that the time of ``computation`` is over.
  mutating func endComputing() {
    isComputing = false
    hasComputed = true
  }

  /// Does whatever can be done now.
  mutating func advance(now: Instant) -> [Event] {
    var events: [Event] = []
    for bytes in connection.takeArrived() {
      guard let units = incoming.take(bytes), units.allSatisfy({ take($0, &events) }) else {
        connection.abort()
        return events
      }
    }
    guard connection.phase == .established else { return events }
    while sendFlight(now: now) {}
    answer(now: now)
    if isClient { sendRequests(&events, now: now) }
    if connection.hasPeerEnded || (isClient && !isKept && isIdle) { connection.close(now: now) }
    return events
  }

  /// Takes the computation that has to be waited for.
  mutating func takeComputation() -> Duration? {
    defer { computation = nil }
    return computation
  }

  /// Takes a unit of the peer.
  ///
  /// - Returns: Whether the peer may send it now.
  private mutating func take(_ unit: StreamUnit, _ events: inout [Event]) -> Bool {
    switch unit {
    case .flight(let place):
      guard place == flightsDone, framing.handshake.flights[place].isFromClient != isClient
      else { return false }
      flightsDone += 1
    case .message(let head) where isClient:
      guard !head.isRequest, let place = outstanding.firstIndex(of: head.number) else {
        return false
      }
      outstanding.remove(at: place)
      events.append(.responded(head.number))
      if isKept, isIdle { events.append(.idle) }
    case .message(let head):
      guard head.isRequest, flightsDone >= framing.handshake.flightsBeforeRequest,
        max(head.bytes, head.responseBytes) <= configuration.largestMessage.bytes
      else { return false }
      deferred.append(head)
    }
    return true
  }

  /// Sends the next flight of the handshake if it is this side's turn.
  ///
  /// - Returns: Whether one was sent.
  private mutating func sendFlight(now: Instant) -> Bool {
    let flights = framing.handshake.flights
    guard flightsDone < flights.count, flights[flightsDone].isFromClient == isClient, !isComputing
    else { return false }
    let cost = isClient ? configuration.clientHandshakeCost : configuration.serverHandshakeCost
    if flightsDone > 0, !hasComputed, cost > .zero {
      isComputing = true
      computation = cost
      return false
    }
    write(.flight(flightsDone), now: now)
    flightsDone += 1
    return true
  }

  /// Answers the requests that have arrived, once the handshake lets this side speak.
  private mutating func answer(now: Instant) {
    guard !isComputing else { return }
    for request in deferred { write(.message(request.response), now: now) }
    deferred = []
  }

  /// Sends requests when the handshake is far enough; over HTTP one at a time.
  private mutating func sendRequests(_ events: inout [Event], now: Instant) {
    guard flightsDone >= framing.handshake.flightsBeforeRequest else { return }
    if !hasAnnounced {
      hasAnnounced = true
      events.append(.connected)
    }
    while let request = queue.first, framing.http == nil || outstanding.isEmpty {
      queue.removeFirst()
      outstanding.append(request.number)
      write(.message(request), now: now)
    }
  }

  private mutating func write(_ unit: StreamUnit, now: Instant) {
    guard let length = framing.bytes(of: unit) else { return }
    connection.write(unit.head, length: length, now: now)
  }
}
