// A program on TCP connections in real time, with a thread of its own.
public import LabCore
import NIOCore
import NIOPosix

/// Runs a ``StreamProgram`` on the kernel's TCP, on one event loop.
///
/// ```swift
/// let server = try StreamHost(EchoServer(), settings)
/// let address = try server.listen()
/// let client = try StreamHost(EchoClient(), settings, server: address)
/// client.submit(.ask, at: .zero)
/// client.run(until: .zero + .seconds(1)) { report, time in isTheAnswer(report) }
/// try client.stop()
/// try server.stop()
/// ```
public final class StreamHost<Program: StreamProgram>: Sendable {
  /// How many reports may wait for ``run(until:settled:)``; further ones are lost and counted.
  private static var reportLimit: Int { 1 << 20 }

  /// The clock of commands and reports.
  public let clock: WorldClock
  /// The thread of the host; `nil` where it shares that of another one.
  private let threads: MultiThreadedEventLoopGroup?
  private let eventLoop: any EventLoop
  private let loop: NIOLoopBoundBox<StreamLoop<Program>?>
  private let observations: ObservationQueue<Program.Report>

  /// Starts a node.
  ///
  /// - Parameters:
  ///   - program: What runs on it.
  ///   - settings: What its connections are like.
  ///   - server: Where the program's connections lead.
  ///   - other: A host whose thread and clock this one shares, and before which it is stopped;
  ///     `nil` for a thread and a clock of its own.
  ///   - enter: Is called once on the node's thread, before it opens a socket: to enter another
  ///     network namespace, for instance.
  /// - Throws: ``SocketWorldError``.
  public init(
    _ program: Program, _ settings: StreamSettings, server: NodeAddress? = nil,
    beside other: StreamHost? = nil, enter: @escaping @Sendable () throws -> Void = {}
  ) throws(SocketWorldError) {
    guard ProcessEntropy.decideForSystem() else { throw .seededEntropy }
    let clock = other?.clock ?? WorldClock.starting()
    let target: SocketAddress?
    if let server { target = try server.socketAddress() } else { target = nil }
    let observations = ObservationQueue<Program.Report>(limit: Self.reportLimit)
    let threads = other == nil ? MultiThreadedEventLoopGroup(numberOfThreads: 1) : nil
    let eventLoop = try Self.loop(of: threads, or: other)
    let box = NIOLoopBoundBox<StreamLoop<Program>?>.makeEmptyBox(
      valueType: StreamLoop<Program>.self, eventLoop: eventLoop)
    self.clock = clock
    self.threads = threads
    self.eventLoop = eventLoop
    self.observations = observations
    loop = box
    do throws(SocketWorldError) {
      try Self.waiting {
        try eventLoop.submit {
          try enter()
          box.value = try StreamLoop(
            program, settings, server: target, clock: clock, observations: observations,
            eventLoop: eventLoop)
        }.wait()
      }
    } catch {
      try end()
      throw error
    }
  }

  /// Begins to take connections.
  ///
  /// - Returns: Where, with the port that the kernel chose.
  public func listen(
    at address: NodeAddress = .loopback()
  ) throws(SocketWorldError) -> NodeAddress {
    let target = try address.socketAddress()
    let bound = try Self.waiting { [eventLoop, loop] in
      try eventLoop.flatSubmit {
        loop.value?.listen(at: target) ?? eventLoop.makeSucceededFuture(nil)
      }.wait()
    }
    guard let bound else {
      throw .wrongState(call: "listen(at:)", state: "a node that was stopped")
    }
    return NodeAddress(bound)
  }

  /// Hands the program a command at a point in time, or at once when that has passed.
  public func submit(_ command: Program.Command, at time: Instant) {
    eventLoop.execute { [loop] in loop.value?.submit(command, at: time) }
  }

  /// Lets the node go on until a point in time, and hands out what the program tells meanwhile.
  ///
  /// - Parameter settled: Takes each report with its time, on the calling thread, and says whether
  ///   to return now.
  /// - Returns: Whether `settled` ended it.
  @discardableResult
  public func run(
    until end: Instant, settled: (Program.Report, Instant) -> Bool = { _, _ in false }
  ) -> Bool {
    let deadline = clock.dispatchTime(at: end)
    while true {
      let batch = observations.take(until: deadline)
      if batch.isEmpty { return false }
      for (index, observation) in batch.enumerated() {
        guard case .report(let report) = observation.event else { continue }
        guard settled(report, observation.at) else { continue }
        observations.putBack(batch[(index + 1)...])
        return true
      }
    }
  }

  /// How many reports found no room.
  public var reportsLost: Int { observations.lost }

  /// Closes every connection and waits for the thread to end.
  public func stop() throws(SocketWorldError) {
    try Self.waiting { [eventLoop, loop] in
      try eventLoop.flatSubmit {
        loop.value?.stop() ?? eventLoop.makeSucceededVoidFuture()
      }.wait()
      try eventLoop.submit { loop.value = nil }.wait()
    }
    try end()
  }

  private func end() throws(SocketWorldError) {
    try Self.waiting { try threads?.syncShutdownGracefully() }
  }

  private static func loop(
    of threads: MultiThreadedEventLoopGroup?, or other: StreamHost?
  ) throws(SocketWorldError) -> any EventLoop {
    guard let loop = threads?.next() ?? other?.eventLoop else {
      throw .wrongState(call: "init", state: "a host without a thread")
    }
    return loop
  }

  private static func waiting<Result>(
    _ body: () throws -> Result
  ) throws(SocketWorldError) -> Result {
    do { return try body() } catch let error as SocketWorldError { throw error } catch {
      throw .system(operation: "use a node's event loop", reason: "\(error)")
    }
  }
}
