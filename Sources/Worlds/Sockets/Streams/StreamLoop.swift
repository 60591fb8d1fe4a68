// A program at work on one event loop with its connections.
import Glibc
import LabCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Runs a program on one event loop; it is made there and touched only there.
final class StreamLoop<Program: StreamProgram> {
  /// How long a connection may take to stand; the kernel repeats its first segment meanwhile.
  private static var connectTimeout: TimeAmount { .seconds(120) }
  private static var waitingConnections: CInt { 4_096 }
  /// The longest name of a congestion control, with its end.
  private static var nameBytes: Int { 16 }

  let eventLoop: any EventLoop
  private let settings: StreamSettings
  private let server: SocketAddress?
  private let clientTLS: NIOSSLContext?
  private let serverTLS: NIOSSLContext?
  private let clock: WorldClock
  private let observations: ObservationQueue<Program.Report>
  private var program: Program
  private var step = StreamStep<Program.Report>()
  private var channels: [StreamID: any Channel] = [:]
  private var listener: (any Channel)?
  /// What came while effects were being carried out.
  private var early: [(event: StreamEvent, connection: StreamID)] = []
  private var isActing = false
  /// The connections on which something was written that has not been sent.
  private var unsent: Set<StreamID> = []

  init(
    _ program: Program, _ settings: StreamSettings, server: SocketAddress?, clock: WorldClock,
    observations: ObservationQueue<Program.Report>, eventLoop: any EventLoop
  ) throws(SocketWorldError) {
    self.program = program
    self.settings = settings
    self.server = server
    self.clock = clock
    self.observations = observations
    self.eventLoop = eventLoop
    clientTLS = try settings.tls(isServer: false)
    serverTLS = try settings.tls(isServer: true)
  }

  // MARK: Events

  func submit(_ command: Program.Command, at time: Instant) {
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(deadline: clock.deadline(at: time)) { own.value.submit(command) }
  }

  private func submit(_ command: Program.Command) {
    step.now = clock.now()
    program.submit(command, &step)
    carryOut()
    flush()
  }

  /// Takes the news of a connection; what comes in the midst of effects waits for their end.
  ///
  /// What is written in answer to bytes leaves with ``flush()``, once all that has arrived with
  /// them is taken; in answer to other news it leaves at once.
  func take(_ event: StreamEvent, on connection: StreamID) {
    guard !isActing else { return early.append((event, connection)) }
    step.now = clock.now()
    switch event {
    case .closed, .unreached: channels[connection] = nil
    case .accepted, .connected, .received: break
    }
    program.take(event, on: connection, &step)
    carryOut()
    if case .received = event { return }
    flush()
  }

  /// Sends what was written.
  func flush() {
    guard !unsent.isEmpty else { return }
    let connections = unsent
    unsent.removeAll(keepingCapacity: true)
    for connection in connections { channels[connection]?.flush() }
  }

  private func carryOut() {
    isActing = true
    let effects = step.effects
    step.effects.removeAll(keepingCapacity: true)
    for effect in effects { perform(effect) }
    isActing = false
    while !early.isEmpty {
      let (event, connection) = early.removeFirst()
      take(event, on: connection)
    }
  }

  private func perform(_ effect: StreamStep<Program.Report>.Effect) {
    switch effect {
    case .open(let connection): open(connection)
    case .write(let message, let connection):
      guard let channel = channels[connection] else { return }
      let buffer = message.withUnsafeBytes { channel.allocator.buffer(bytes: $0) }
      channel.write(buffer, promise: nil)
      unsent.insert(connection)
    case .close(let connection):
      // What was written before still leaves.
      if unsent.remove(connection) != nil { channels[connection]?.flush() }
      channels[connection]?.close(promise: nil)
    case .report(let report):
      observations.append([Observation(node: NodeID(0), at: step.now, event: .report(report))])
    }
  }

  // MARK: Connections

  private func open(_ connection: StreamID) {
    guard let server else {
      return take(.unreached(reason: "the node was given no server"), on: connection)
    }
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    ClientBootstrap(group: eventLoop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try own.value.chooseCongestionControl(of: channel)
          try own.value.fill(channel.pipeline.syncOperations, connection, isAccepted: false)
          own.value.channels[connection] = channel
        }
      }
      .connect(to: server)
      .whenFailure { own.value.take(.unreached(reason: "\($0)"), on: connection) }
  }

  /// Begins to listen and says where.
  func listen(at address: SocketAddress) -> EventLoopFuture<SocketAddress?> {
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    return ServerBootstrap(group: eventLoop)
      .serverChannelOption(.backlog, value: Self.waitingConnections)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        // Accepted connections inherit it.
        channel.eventLoop.makeCompletedFuture {
          try own.value.chooseCongestionControl(of: channel)
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try own.value.accept(channel) }
      }
      .bind(to: address)
      .map { channel in
        own.value.listener = channel
        return channel.localAddress
      }
  }

  private func accept(_ channel: any Channel) throws {
    try checkCongestionControl(of: channel)
    let connection = StreamID(number: step.nextNumber)
    step.nextNumber += 1
    try fill(channel.pipeline.syncOperations, connection, isAccepted: true)
    channels[connection] = channel
  }

  private func fill(
    _ pipeline: ChannelPipeline.SynchronousOperations, _ connection: StreamID, isAccepted: Bool
  ) throws {
    if isAccepted, let serverTLS {
      try pipeline.addHandler(NIOSSLServerHandler(context: serverTLS))
    } else if let clientTLS {
      try pipeline.addHandler(
        NIOSSLClientHandler(context: clientTLS, serverHostname: settings.serverName))
    }
    if settings.usesHTTP, isAccepted {
      try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
      try pipeline.addHandler(HTTPResponses())
    } else if settings.usesHTTP {
      try pipeline.addHTTPClientHandlers()
      try pipeline.addHandler(HTTPRequests(host: settings.serverName))
    }
    try pipeline.addHandler(
      StreamHandler(
        self, connection, isAccepted: isAccepted, waitsForTLS: settings.security != .none))
  }

  // MARK: Congestion control

  /// A name as the kernel takes and gives it: sixteen bytes, zeroes behind the text.
  private typealias Name = (UInt64, UInt64)

  private func chooseCongestionControl(of channel: any Channel) throws {
    guard let sockets = channel as? any SocketOptionProvider else {
      throw refusal("the channel has no socket")
    }
    var name: Name = (0, 0)
    withUnsafeMutableBytes(of: &name) { bytes in
      bytes.copyBytes(from: settings.congestionControl.utf8.prefix(Self.nameBytes - 1))
    }
    let set = sockets.unsafeSetSocketOption(
      level: SocketOptionLevel(IPPROTO_TCP), name: SocketOptionName(TCP_CONGESTION), value: name)
    try Self.now(set)
    try checkCongestionControl(of: channel)
  }

  /// Reads back what was chosen.
  private func checkCongestionControl(of channel: any Channel) throws {
    guard let sockets = channel as? any SocketOptionProvider else {
      throw refusal("the channel has no socket")
    }
    let got: EventLoopFuture<Name> = sockets.unsafeGetSocketOption(
      level: SocketOptionLevel(IPPROTO_TCP), name: SocketOptionName(TCP_CONGESTION))
    let name = try Self.now(got)
    let text = withUnsafeBytes(of: name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard text == settings.congestionControl else { throw refusal("the kernel took \(text)") }
  }

  /// The result of a call that the loop's own channels carry out at once.
  @discardableResult
  private static func now<Value: Sendable>(_ future: EventLoopFuture<Value>) throws -> Value {
    var result: Result<Value, any Error>?
    future.assumeIsolated().whenComplete { result = $0 }
    guard let result else {
      throw SocketWorldError.system(operation: "set a socket's option", reason: "no answer yet")
    }
    return try result.get()
  }

  private func refusal(_ reason: String) -> SocketWorldError {
    .system(
      operation: "choose the congestion control \(settings.congestionControl)", reason: reason)
  }

  // MARK: End

  /// Closes everything.
  func stop() -> EventLoopFuture<Void> {
    let ends = ([listener].compactMap { $0 } + channels.values).map { $0.close().recover { _ in } }
    return EventLoopFuture.andAllComplete(ends, on: eventLoop)
  }
}
