// One end of a modelled TCP connection: opening, data both ways, closing.
import LabCore

/// One end of a connection as a value: segments and times go in, segments and deadlines come out.
///
/// After each call the owner sends what ``takeOutbox()`` gives, takes what has arrived, and sets
/// its timers to ``sendingDeadline`` and ``acknowledgingDeadline``.
/// > Reference: RFC 9293, section 3.10, without simultaneous opening, urgent data and the window
/// > probe, which a receiver that always reads never needs.
struct TCPConnection: Hashable, Sendable {
  /// How far the connection has come.
  enum Phase: Hashable, Sendable {
    case opening
    case accepting
    case established
    /// Everything is done; the last acknowledgement may be asked for again.
    case waiting
    case closed
  }

  let configuration: TCPConfiguration
  let port: UInt16
  let isOpener: Bool
  private(set) var phase: Phase
  /// Why the connection ended before its time.
  private(set) var failure: ExchangeFailure?
  private(set) var sender: TCPSender
  private(set) var receiver: TCPReceiver
  /// When an acknowledgement that was held back has to leave.
  private(set) var acknowledgingDeadline: Instant?

  private var outbox: [TCPSegment] = []
  private let first: UInt32
  private var peerFirst: UInt32 = 0
  /// The peer's clock when it sent the oldest data that has not been acknowledged.
  private var peerTimestamp: UInt32 = 0
  /// When the handshake's last segment left, how often it left before, and how long that is waited
  /// for.
  private var handshakeSentAt: Instant
  private var handshakeRepeats = 0
  private var handshakeTimeout: Duration
  private var handshakeDeadline: Instant?
  private var hasClosedFirst = false

  /// Opens a connection: its first segment is in the outbox.
  ///
  /// - Parameter first: The first sequence number.
  init(
    opening port: UInt16, first: UInt32, _ configuration: TCPConfiguration, at now: Instant
  ) {
    self.init(port: port, isOpener: true, first: first, configuration, at: now)
    sendHandshake(now: now)
  }

  /// Accepts a connection: the answer to its first segment is in the outbox.
  init(
    accepting segment: TCPSegment, first: UInt32, _ configuration: TCPConfiguration,
    at now: Instant
  ) {
    self.init(port: segment.port, isOpener: false, first: first, configuration, at: now)
    takeFirst(segment)
    sendHandshake(now: now)
  }

  private init(
    port: UInt16, isOpener: Bool, first: UInt32, _ configuration: TCPConfiguration, at now: Instant
  ) {
    self.configuration = configuration
    self.port = port
    self.isOpener = isOpener
    self.first = first
    phase = isOpener ? .opening : .accepting
    sender = TCPSender(configuration, windowEnd: TCPReceiver.firstWindow(configuration), at: now)
    receiver = TCPReceiver(configuration, at: now)
    handshakeSentAt = now
    handshakeTimeout = configuration.firstTimeout
  }

  /// When the timer of the sending side, of the handshake or of the end runs out.
  var sendingDeadline: Instant? { handshakeDeadline ?? sender.timer?.at }

  /// Whether the peer has ended its stream and all of it has arrived.
  var hasPeerEnded: Bool { receiver.hasEnded }

  /// Removes and returns the segments that have to be sent.
  mutating func takeOutbox() -> [TCPSegment] {
    defer { outbox.removeAll(keepingCapacity: true) }
    return outbox
  }

  /// Removes and returns the peer's data that is in order.
  mutating func takeArrived() -> [Bytes] { receiver.takeArrived() }

  /// Adds bytes to the stream and sends what may be sent; see ``OutgoingStream``.
  mutating func write(_ head: Bytes, length: Int, now: Instant) {
    sender.stream.append(head, length: length)
    if phase == .established { push(now: now) }
  }

  /// Ends the stream; what was written before is still delivered.
  mutating func close(now: Instant) {
    guard !sender.hasEnd else { return }
    sender.hasEnd = true
    hasClosedFirst = !receiver.hasEnded
    if phase == .established { push(now: now) }
  }

  /// Gives the connection up and tells the peer.
  mutating func abort() {
    guard phase != .closed else { return }
    outbox.append(segment(.reset, at: sender.next))
    end(.reset)
  }

  // MARK: Arrivals

  /// Takes a segment of this connection.
  mutating func receive(_ segment: TCPSegment, now: Instant) {
    switch phase {
    case .opening: receiveOpening(segment, now: now)
    case .accepting: receiveAccepting(segment, now: now)
    case .established, .waiting: receiveEstablished(segment, now: now)
    case .closed: break
    }
  }

  private mutating func receiveOpening(_ segment: TCPSegment, now: Instant) {
    guard segment.flags.contains(.acknowledge) else { return }
    guard segment.acknowledgement == first &+ 1 else {
      if !segment.flags.contains(.reset) { outbox.append(.reset(answering: segment)) }
      return
    }
    if segment.flags.contains(.reset) { return end(.reset) }
    guard segment.flags.contains(.synchronise) else { return }
    takeFirst(segment)
    establish(echo: segment.echo, now: now)
    acknowledge(now: now)
    push(now: now)
  }

  private mutating func receiveAccepting(_ segment: TCPSegment, now: Instant) {
    if segment.flags.contains(.reset) { return end(.reset) }
    if segment.flags.contains(.synchronise) { return outbox.append(handshakeSegment(now: now)) }
    guard segment.flags.contains(.acknowledge) else { return }
    guard segment.acknowledgement == first &+ 1 else {
      return outbox.append(.reset(answering: segment))
    }
    establish(echo: segment.echo, now: now)
    receiveEstablished(segment, now: now)
  }

  private mutating func receiveEstablished(_ segment: TCPSegment, now: Instant) {
    if segment.flags.contains(.reset) { return end(.reset) }
    guard segment.flags.contains(.acknowledge), !segment.flags.contains(.synchronise)
    else { return acknowledge(now: now) }
    let start = SequenceNumber.unwrap(
      segment.sequence, from: peerFirst &+ 1, near: receiver.next)
    if start <= receiver.acknowledged { peerTimestamp = segment.timestamp }
    takeAcknowledgement(of: segment, now: now)
    receiver.take(
      segment.payload, at: start, flags: segment.flags, timeout: sender.roundTrip.timeout,
      now: now)
    push(now: now)
    switch receiver.urgency {
    case .now: acknowledge(now: now)
    case .soon:
      acknowledgingDeadline =
        acknowledgingDeadline ?? (now + configuration.delayedAcknowledgement)
    case .none: break
    }
    finishIfDone(now: now)
  }

  private mutating func takeAcknowledgement(of segment: TCPSegment, now: Instant) {
    let known = sender.acknowledged
    func position(_ number: UInt32) -> Int {
      SequenceNumber.unwrap(number, from: first &+ 1, near: known)
    }
    let expected = position(segment.acknowledgement)
    var blocks = segment.blocks.map { block in
      position(block.start)..<max(position(block.start), position(block.end))
    }
    var reportsDuplicate = false
    if let block = blocks.first {
      let isWithin =
        blocks.count > 1 && block.lowerBound >= blocks[1].lowerBound
        && block.upperBound <= blocks[1].upperBound
      reportsDuplicate = block.lowerBound < expected || isWithin
      if reportsDuplicate { blocks.removeFirst() }
    }
    let age = Self.milliseconds(now) &- segment.echo
    sender.take(
      .init(
        position: expected,
        windowEnd: expected + Int(segment.window) << TCPSegment.windowScale,
        blocks: blocks.filter { $0.lowerBound >= expected && $0.upperBound <= sender.next },
        reportsDuplicate: reportsDuplicate,
        hasData: !segment.payload.isEmpty || segment.flags.contains(.finish),
        echoAge: age < 1 << 31 ? .milliseconds(Int64(max(age, 1))) : nil),
      now: now)
  }

  /// Takes the peer's first sequence number and what it says of segments.
  private mutating func takeFirst(_ segment: TCPSegment) {
    peerFirst = segment.sequence
    peerTimestamp = segment.timestamp
    sender.limitSegments(to: Int(segment.maximumSegment))
  }

  private mutating func establish(echo: UInt32, now: Instant) {
    phase = .established
    handshakeDeadline = nil
    let age = Duration.milliseconds(Int64(max(Self.milliseconds(now) &- echo, 1)))
    let sample = handshakeRepeats == 0 ? now - handshakeSentAt : age
    sender.begin(roundTrip: sample, repeats: handshakeRepeats, now: now)
    receiver.begin(at: now)
  }

  /// Ends what has ended on both sides.
  private mutating func finishIfDone(now: Instant) {
    guard phase == .established, receiver.hasEnded, sender.isComplete else { return }
    acknowledgingDeadline = nil
    if hasClosedFirst {
      phase = .waiting
      handshakeDeadline = now + configuration.timeWait
    } else {
      phase = .closed
    }
  }

  private mutating func end(_ failure: ExchangeFailure) {
    phase = .closed
    self.failure = failure
    handshakeDeadline = nil
    acknowledgingDeadline = nil
    sender.timer = nil
  }

  // MARK: Timers

  /// Takes the end of ``sendingDeadline``.
  mutating func fireSending(now: Instant) {
    switch phase {
    case .opening, .accepting: repeatHandshake(now: now)
    case .established:
      guard sender.fire(now: now) else { return end(.timedOut) }
      push(now: now)
    case .waiting:
      phase = .closed
      handshakeDeadline = nil
    case .closed: break
    }
  }

  /// Takes the end of ``acknowledgingDeadline``.
  mutating func fireAcknowledging(now: Instant) {
    acknowledgingDeadline = nil
    guard phase == .established, receiver.urgency != .none else { return }
    receiver.noteDelay()
    acknowledge(now: now)
  }

  private mutating func repeatHandshake(now: Instant) {
    let linear = isOpener ? configuration.linearHandshakeTimeouts : 0
    let most =
      isOpener
      ? configuration.openingRetransmissions + linear : configuration.acceptingRetransmissions
    guard handshakeRepeats < most else { return end(.unreachable) }
    handshakeRepeats += 1
    if handshakeRepeats > linear {
      handshakeTimeout = min(handshakeTimeout * 2, TCPConfiguration.longestTimeout)
    }
    sendHandshake(now: now)
  }

  // MARK: Sending

  private mutating func sendHandshake(now: Instant) {
    outbox.append(handshakeSegment(now: now))
    handshakeSentAt = now
    handshakeDeadline = now + handshakeTimeout
  }

  private func handshakeSegment(now: Instant) -> TCPSegment {
    var flags: TCPSegment.Flags = isOpener ? [.synchronise, .fromOpener] : .synchronise
    if !isOpener { flags.insert(.acknowledge) }
    var result = TCPSegment(
      port: port, flags: flags, sequence: first, acknowledgement: isOpener ? 0 : peerFirst &+ 1)
    result.maximumSegment = UInt16(clamping: configuration.maximumSegment)
    fill(&result, now: now)
    return result
  }

  /// Sends what the windows allow.
  private mutating func push(now: Instant) {
    sender.transmit(now: now)
    let outputs = sender.takeOutputs()
    for (place, output) in outputs.enumerated() {
      var flags = TCPSegment.Flags.acknowledge
      if output.isEnd { flags.insert(.finish) }
      // Linux pushes the last of several segments that leave together, too.
      let endsBurst = outputs.count > 1 && place == outputs.count - 1
      if endsBurst || output.range.upperBound == sender.stream.end { flags.insert(.push) }
      var result = segment(flags, at: output.range.lowerBound)
      if !output.isEnd { result.payload = sender.stream.bytes(output.range) }
      attachBlocks(to: &result)
      fill(&result, now: now)
      outbox.append(result)
      if !output.isEnd { receiver.noteSending(now: now) }
      noteAcknowledged()
    }
  }

  private mutating func acknowledge(now: Instant) {
    var result = segment(.acknowledge, at: sender.next)
    attachBlocks(to: &result)
    fill(&result, now: now)
    outbox.append(result)
    noteAcknowledged()
  }

  private mutating func noteAcknowledged() {
    acknowledgingDeadline = nil
    receiver.noteAcknowledged()
  }

  private func segment(_ flags: TCPSegment.Flags, at position: Int) -> TCPSegment {
    TCPSegment(
      port: port, flags: isOpener ? flags.union(.fromOpener) : flags,
      sequence: SequenceNumber.wrap(position, from: first &+ 1),
      acknowledgement: SequenceNumber.wrap(receiver.acknowledgement, from: peerFirst &+ 1))
  }

  /// Reports what lies beyond holes, as far as the segment has room.
  private func attachBlocks(to segment: inout TCPSegment) {
    let room = configuration.room - segment.payload.count
    var count = TCPSegment.mostBlocks
    while count > 0, TCPSegment.blockBytes(count) > room { count -= 1 }
    segment.blocks = receiver.blocks(atMost: count).map { block in
      .init(
        start: SequenceNumber.wrap(block.lowerBound, from: peerFirst &+ 1),
        end: SequenceNumber.wrap(block.upperBound, from: peerFirst &+ 1))
    }
  }

  private func fill(_ segment: inout TCPSegment, now: Instant) {
    segment.window = UInt16(clamping: receiver.window >> TCPSegment.windowScale)
    segment.timestamp = Self.milliseconds(now)
    segment.echo = peerTimestamp
  }

  private static func milliseconds(_ now: Instant) -> UInt32 {
    UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
  }
}

extension TCPSegment {
  /// What a node says to a segment of a connection that it does not know.
  ///
  /// > Reference: RFC 9293, section 3.10.7.1.
  static func reset(answering segment: TCPSegment) -> TCPSegment {
    let flags: Flags = segment.flags.contains(.fromOpener) ? .reset : [.reset, .fromOpener]
    let taken =
      segment.payload.count + (segment.flags.isDisjoint(with: [.synchronise, .finish]) ? 0 : 1)
    return TCPSegment(
      port: segment.port, flags: flags.union(.acknowledge), sequence: segment.acknowledgement,
      acknowledgement: segment.sequence &+ UInt32(taken))
  }
}
