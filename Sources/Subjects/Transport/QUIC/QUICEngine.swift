// Many connections of one endpoint, without a socket and without a clock.
import CGnuTLS
import CNgtcp2
import CNgtcp2Crypto
import CTLS
public import LabCore

/// QUIC (RFC 9000) for one endpoint: datagrams and times go in, datagrams and events come out.
///
/// The engine asks for no time and opens no socket, so it runs under a virtual clock as on real
/// sockets. After each call the caller sends what ``takeDatagram()`` gives, reads what
/// ``takeEvent()`` gives, and calls ``expire(now:)`` at ``deadline`` again.
///
/// ```swift
/// var engine = try QUICEngine(
///   configuration, identity, local: here, isServer: false, random: random)
/// let connection = try engine.connect(to: there, serverName: "node-2.fleet", now: .zero)
/// if let stream = engine.openStream(on: connection) {
///   engine.write(Bytes("ping".utf8), on: stream, isEnd: true)
/// }
/// engine.flush(now: .zero)
/// while let (datagram, address) = engine.takeDatagram() { send(datagram, address) }
/// ```
/// - Determinism: Calls, times and the stream fix the times and sizes of all datagrams. Their bytes
///   hold keys that GnuTLS draws from the operating system.
/// > Reference: RFC 8999 to 9002, RFC 9221 (DATAGRAM); version 1 only. By ngtcp2 and GnuTLS.
public struct QUICEngine: ~Copyable {
  let context: QUICContext
  let isServer: Bool
  var connections: [Int: QUICConnection] = [:]
  /// Connections by the ids that their peers write to.
  private var readers: [ConnectionID: QUICConnection] = [:]
  /// The connection that was last looked for by its number.
  private var recent: QUICConnection?
  /// The connections that this endpoint opened, by their peers' addresses.
  private var opened: [QUICAddress: [Int]] = [:]
  var nextNumber = 0
  /// Connections that were touched since the last flush, in order.
  private var touched: [QUICConnection] = []
  private var deadlines = DeadlineQueue()
  private(set) var latest = Self.timeOfZero
  /// Datagrams that belonged to no connection and opened none.
  public internal(set) var strayDatagrams = 0

  /// How many of them may still be answered in the second that began at a time.
  var strayAnswers = (left: 0, since: UInt64(0))

  /// Makes an endpoint without connections.
  ///
  /// - Parameters:
  ///   - identity: Its certificate, and whom it trusts.
  ///   - local: Its own address, which is told to nobody.
  ///   - isServer: Whether strangers may open connections.
  ///   - random: Where connection ids come from, unless the configuration says otherwise.
  /// - Throws: ``TLSError`` when GnuTLS gives no memory or no key.
  public init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, local: QUICAddress,
    isServer: Bool, random: RandomStream
  ) throws(TLSError) {
    context = try QUICContext(configuration, identity, local: local, random: random)
    self.isServer = isServer
  }

  /// How many connections there are, those that are ending among them.
  public var connectionCount: Int { connections.count }

  /// How many first flights were refused because they had been taken before.
  public var refusedReplays: Int { context.server.replays }

  // MARK: Calls of the protocol above

  /// Begins a connection; it is established when an event says so, and may be written to at once.
  ///
  /// Without a ticket nothing that is written leaves before the handshake is done; with one it
  /// leaves at once, and whoever records it can have it delivered again to a server without memory.
  /// - Returns: The endpoint's number of the connection.
  /// - Throws: ``TLSError`` or ``QUICError``, for instance for a ticket of another library.
  public mutating func connect(
    to address: QUICAddress, serverName: String, resuming ticket: QUICTicket? = nil, now: Instant
  ) throws -> Int {
    let connection = QUICConnection(
      nextNumber, context, isServer: false, serverName: serverName, remote: address,
      now: enter(now))
    try connection.begin(resuming: ticket)
    nextNumber += 1
    connections[connection.number] = connection
    opened[address, default: []].append(connection.number)
    touch(connection)
    return connection.number
  }

  /// Opens a stream; `nil` where the connection is gone or the peer lets no more be opened, until
  /// ``QUICEvent/moreStreams(connection:)``.
  public mutating func openStream(
    on connection: Int, isBidirectional: Bool = true
  ) -> QUICStream? {
    guard let connection = find(connection) else { return nil }
    guard let id = connection.open(isBidirectional: isBidirectional) else {
      connection.wantsStreams = true
      return nil
    }
    return QUICStream(connection: connection.number, id: id)
  }

  /// Writes on a stream; what the peer's limits hold back is kept and sent later.
  ///
  /// Nothing happens where the stream is gone or was ended.
  public mutating func write(_ bytes: Bytes, on stream: QUICStream, isEnd: Bool = false) {
    guard let connection = find(stream.connection) else { return }
    connection.write(bytes, on: stream.id, isEnd: isEnd)
    touch(connection)
  }

  /// How many bytes of a stream are written and not yet acknowledged; zero when it is gone.
  public func unacknowledgedBytes(of stream: QUICStream) -> Int {
    connections[stream.connection]?.outgoing[stream.id]?.heldBytes ?? 0
  }

  /// Gives a stream up in both directions.
  public mutating func reset(_ stream: QUICStream, code: UInt64) {
    guard let connection = find(stream.connection) else { return }
    ngtcp2_conn_shutdown_stream(connection.state, stream.id, code)
    touch(connection)
  }

  /// Sends a DATAGRAM frame once the handshake is done; it may be lost, and one that is too large
  /// for a packet always is.
  public mutating func sendDatagram(_ bytes: Bytes, on number: Int) {
    guard let connection = find(number) else { return }
    connection.datagrams.append(bytes)
    touch(connection)
  }

  /// Ends a connection with a code of the protocol above.
  public mutating func close(
    _ number: Int, code: UInt64 = 0, reason: String = "", now: Instant
  ) {
    guard let connection = connections[number] else { return }
    connection.now = enter(now)
    connection.close(code: code, reason: reason)
    deadlines.set(connection.deadline, of: number)
    collect(connection)
  }

  /// Changes the keys of an established connection (RFC 9001, section 6).
  ///
  /// - Returns: Whether it was begun; not so before the handshake is confirmed, nor until a packet
  ///   has been sent three probe timeouts after the last change was acknowledged.
  public mutating func updateKeys(of number: Int, now: Instant) -> Bool {
    guard let connection = find(number), connection.isEstablished else { return false }
    let begun = ngtcp2_conn_initiate_key_update(connection.state, enter(now)) == 0
    touch(connection)
    return begun
  }

  /// The name in the certificate that a client showed when it got the ticket by which it now
  /// resumes; `nil` where nothing is resumed or nobody showed one.
  ///
  /// It is known with the first flight, which a thief may have recorded and sent again.
  public func resumedPeer(of number: Int) -> String? {
    guard let connection = connections[number], connection.ending == nil,
      let session = connection.session, gnutls_session_is_resumed(session) != 0
    else { return nil }
    return connection.peerName
  }

  /// The smoothed round trip of a connection; `nil` before it was measured.
  public func roundTrip(of number: Int) -> Duration? {
    connections[number]?.roundTrip
  }

  // MARK: Calls of the shell below

  /// Takes a datagram that arrived.
  public mutating func receive(_ datagram: Bytes, from sender: QUICAddress, now: Instant) {
    let time = enter(now)
    guard let header = Header(datagram) else {
      strayDatagrams += 1
      return
    }
    if header.isOtherVersion { return negotiateVersion(datagram, sender) }
    if let connection = readers[header.destination] {
      read(datagram, connection, sender, time)
    } else if header.isLong {
      accept(datagram, sender, time)
    } else if let known = opened[sender] {
      // A server that forgot a connection answers with noise and the connection's token.
      for number in known {
        if let connection = connections[number] { read(datagram, connection, sender, time) }
      }
    } else {
      refuse(datagram, header, sender)
    }
  }

  /// Does what is due: retransmissions, timeouts, paced packets.
  public mutating func expire(now: Instant) {
    let time = enter(now)
    for number in deadlines.takeDue(by: time) {
      guard let connection = connections[number] else { continue }
      connection.now = time
      connection.expire()
      touch(connection)
    }
    flush(now: now)
  }

  /// Fills datagrams with what was written since the last call.
  ///
  /// Every other call but ``expire(now:)`` leaves that to the caller, so that what belongs together
  /// travels together.
  public mutating func flush(now: Instant) {
    let time = enter(now)
    var index = 0
    while index < touched.count {
      let connection = touched[index]
      index += 1
      connection.isTouched = false
      connection.now = time
      connection.fill()
      collect(connection)
      deadlines.set(connection.deadline, of: connection.number)
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// The earliest time at which ``expire(now:)`` has something to do; `nil` for never.
  public var deadline: Instant? {
    mutating get {
      deadlines.first().map { Instant(nanoseconds: Int64($0 - Self.timeOfZero)) }
    }
  }

  /// Removes and returns the oldest datagram that is to be sent.
  public mutating func takeDatagram() -> (datagram: Bytes, address: QUICAddress)? {
    context.outbox.takeFirst()
  }

  /// Whether ``takeEvent()`` has something to give.
  public var hasEvents: Bool { !context.events.isEmpty }

  /// Removes and returns the oldest event; taking received bytes lets the peer send as many more.
  public mutating func takeEvent() -> QUICEvent? {
    let event = context.events.takeFirst()
    if case .received(let stream, let bytes, _, _) = event, let connection = find(stream.connection)
    {
      ngtcp2_conn_extend_max_stream_offset(connection.state, stream.id, UInt64(bytes.count))
      ngtcp2_conn_extend_max_offset(connection.state, UInt64(bytes.count))
      touch(connection)
    }
    return event
  }

  // MARK: Inside

  /// ngtcp2 takes differences of times, so its clock does not begin at 0.
  private static let timeOfZero: UInt64 = 1_000_000_000

  /// Sets the clock of TLS and returns the time for ngtcp2, which never goes back even where the
  /// caller's clock does.
  private mutating func enter(_ now: Instant) -> UInt64 {
    latest = max(latest, Self.timeOfZero + UInt64(max(0, now.nanoseconds)))
    fleetlab_tls_set_time(context.configuration.unixTimeAtZero &+ latest &- Self.timeOfZero)
    return latest
  }

  /// The connection of a number; `nil` when it has ended.
  private mutating func find(_ number: Int) -> QUICConnection? {
    let found = recent?.number == number ? recent : connections[number]
    recent = found
    return found?.ending == nil ? found : nil
  }

  private mutating func touch(_ connection: QUICConnection) {
    guard !connection.isTouched else { return }
    connection.isTouched = true
    touched.append(connection)
  }

  /// Takes over what a connection has to tell, and forgets it when nothing is left of it.
  private mutating func collect(_ connection: QUICConnection) {
    if !connection.madeIDs.isEmpty || !connection.retiredIDs.isEmpty { collectIDs(connection) }
    guard connection.isGone, connections.removeValue(forKey: connection.number) != nil else {
      return
    }
    if connection.isServer { context.server.remember(connection) }
    for id in connection.ids { readers[id] = nil }
    if recent === connection { recent = nil }
    deadlines.set(nil, of: connection.number)
    guard !connection.isServer, let others = opened[connection.firstRemote] else { return }
    let rest = others.filter { $0 != connection.number }
    opened[connection.firstRemote] = rest.isEmpty ? nil : rest
  }

  private mutating func collectIDs(_ connection: QUICConnection) {
    for id in connection.madeIDs { readers[id] = connection }
    for id in connection.retiredIDs { readers[id] = nil }
    connection.ids.formUnion(connection.madeIDs)
    connection.ids.subtract(connection.retiredIDs)
    connection.madeIDs.removeAll(keepingCapacity: true)
    connection.retiredIDs.removeAll(keepingCapacity: true)
  }

  mutating func read(
    _ datagram: Bytes, _ connection: QUICConnection, _ sender: QUICAddress, _ time: UInt64
  ) {
    connection.now = time
    connection.read(datagram, from: sender)
    collect(connection)
    touch(connection)
  }
}
