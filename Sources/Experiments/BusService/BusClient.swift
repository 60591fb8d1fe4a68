// The client's end of the connection to a node of this machine.
import Glibc
public import LabCore
import LabRunner

/// A program's connection to a node of this machine.
public final class BusClient {
  /// Why a node cannot be asked.
  public struct Failure: Error, CustomStringConvertible {
    /// Whether there is no node, so that trying again later may help.
    public var isAbsence = false
    /// What is wrong; what was expected; what to do.
    public let description: String
  }

  private let connection: BusConnection
  private let name: String

  /// Connects to a node.
  ///
  /// - Throws: ``Failure``.
  public init(_ node: FleetFile.Node) throws(Failure) {
    name = node.name
    do throws(LocalSocket.Failure) {
      connection = BusConnection(try LocalSocket.connect(in: node.folder))
    } catch {
      switch error {
      case .nobody:
        throw Failure(
          isAbsence: true,
          description: "the node '\(node.name)' does not run; one that serves was expected; start "
            + "it with 'fleetlab bus serve'")
      case .system(let reason):
        throw Failure(
          description: "the node '\(node.name)' cannot be reached in \(node.folder): \(reason); a "
            + "folder of this user was expected; check its permissions")
      }
    }
  }

  /// Whether much of what was asked has not been taken by the node.
  public var isBusy: Bool { connection.hasUnsent }

  /// Asks the node for something.
  ///
  /// - Throws: ``Failure`` for a request that no JSON can hold; none is known.
  public func ask(_ request: BusRequest) throws(Failure) {
    do { connection.send(try LineCoder.line(request)) } catch {
      throw Failure(description: "a request cannot be written: \(error)")
    }
  }

  /// The next answer that is there, with its line as the node wrote it.
  ///
  /// - Throws: ``Failure`` when the node has ended, ends the connection, or says what no node says.
  public func takeReply() throws(Failure) -> (reply: BusReply, line: [UInt8])? {
    if let line = connection.nextLine() {
      guard let reply = BusReply(line) else {
        throw Failure(
          description:
            "the node '\(name)' said '\(String(decoding: line.prefix(60), as: UTF8.self))'"
            + "; an answer was expected; use a node and a client of one version")
      }
      if case .failed(let why) = reply { throw Failure(description: why) }
      return (reply, line)
    }
    guard !connection.hasEnded, !connection.isBroken else {
      throw Failure(
        isAbsence: true,
        description: "the node '\(name)' has ended; one that serves was expected; start it again")
    }
    return nil
  }

  /// The next answer, waited for.
  ///
  /// - Returns: `nil` when the limit has passed.
  /// - Throws: As ``takeReply()``.
  public func nextReply(
    within limit: Duration = .seconds(1 << 30)
  ) throws(Failure) -> (reply: BusReply, line: [UInt8])? {
    let deadline = Stopwatch.monotonic() + limit
    while true {
      if let reply = try takeReply() { return reply }
      let left = deadline - Stopwatch.monotonic()
      guard left > .zero else { return nil }
      wait(atMost: left)
    }
  }

  /// Waits until one of several nodes says or takes something, or a time has passed.
  static func wait(for clients: [BusClient], atMost limit: Duration) {
    var wishes = clients.map(\.wish)
    guard poll(&wishes, nfds_t(wishes.count), milliseconds(limit)) > 0 else { return }
    for (client, wish) in zip(clients, wishes) { client.grant(wish) }
  }

  /// Waits until the node says or takes something, something else can be read, or a time has
  /// passed.
  ///
  /// - Parameter other: A descriptor to wait for as well.
  /// - Returns: Whether the other descriptor can be read.
  @discardableResult
  public func wait(orFor other: CInt? = nil, atMost limit: Duration) -> Bool {
    var wishes = [wish]
    if let other { wishes.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    guard poll(&wishes, nfds_t(wishes.count), Self.milliseconds(limit)) > 0 else { return false }
    grant(wishes[0])
    return wishes.count > 1 && wishes[1].revents != 0
  }

  private static func milliseconds(_ limit: Duration) -> CInt {
    CInt(clamping: (max(0, limit.nanoseconds) + 999_999) / 1_000_000)
  }

  /// What the connection waits for.
  private var wish: pollfd {
    let sending = connection.hasUnsent ? Int16(POLLOUT) : 0
    return pollfd(fd: connection.descriptor, events: Int16(POLLIN) | sending, revents: 0)
  }

  private func grant(_ wish: pollfd) {
    if wish.revents & Int16(POLLOUT) != 0 { connection.flush() }
    if wish.revents & ~Int16(POLLOUT) != 0 { connection.read() }
  }
}
