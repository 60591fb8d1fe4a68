// One real node of a fleet: the bus over QUIC on a UDP socket, and the desk for local clients.
import Events
import Glibc
import Journal
import LabCore
import LabRunner
import Network
import Sockets
import Transport

/// A node that serves until it is told to stop.
///
/// It is made of the same event bus over the same carrier that run under the virtual clock, put on
/// a socket, with a folder for its log and a Unix socket for clients. The folder is open to its
/// owner alone and locked while the node runs; its `socket` is where clients find the node.
public final class BusNode {
  /// Why a node cannot serve.
  public struct Failure: Error, CustomStringConvertible {
    /// Whether another node holds the folder, so that trying again later may help.
    public var isBusy = false
    /// What is wrong; what was expected; what to do.
    public let description: String
  }

  /// Something that a node tells whoever runs it.
  public enum News: Hashable, Sendable {
    /// Clients can come; the folder held so many events.
    case serving(events: Int)
    /// A peer is heard again, or has been silent for too long.
    case peer(String, isReachable: Bool)
    /// Whoever stands in a peer's place was refused, or refused this node; the reason may hold a
    /// stranger's words.
    case refused(String, reason: String)
    /// After having lacked events, the node has all that it knows to exist.
    case caughtUp
    /// Something is wrong that the node bears.
    case trouble(String)
  }

  typealias Node = Carried<EventBus, QUICCarrier>

  private let fleet: FleetFile
  private let place: Int
  private let opening: NodeOpening
  private let world: SocketWorld<Node>
  private let relay: ReportRelay<Node.Report>
  private var desk: BusDesk
  private var connections: [Int: BusConnection] = [:]
  private var refusals: [Int: BusNodeStatus.Refusals] = [:]
  /// The reason that was last told for each node that has not been heard since.
  private var toldRefusals: [Int: String] = [:]
  /// Why the node cannot go on.
  private var failure: Failure?

  /// Opens a node: locks its folder and reads who it is.
  ///
  /// - Throws: ``Failure``.
  public init(_ fleet: FleetFile, node name: String) throws(Failure) {
    guard let place = fleet.place(of: name) else {
      throw Failure(description: fleet.absence(of: name))
    }
    (self.fleet, self.place) = (fleet, place)
    opening = try NodeOpening(fleet, place)
    world = try opening.world()
    do throws(RunError) { relay = try ReportRelay() } catch {
      throw Failure(description: "\(error)")
    }
    desk = BusDesk(members: fleet.nodes.map(\.name))
  }

  /// Ends ``serve(_:)`` soon; may be called from any thread.
  public func stop() { relay.interrupt() }

  /// Serves peers and clients until ``stop()``.
  ///
  /// - Parameter tell: Hears what happens, on the calling thread.
  /// - Throws: ``Failure``; what the node had accepted is on its disk.
  public func serve(_ tell: (News) -> Void) throws(Failure) {
    do throws(SocketWorldError) { try world.start() } catch {
      throw Failure(description: "\(error)")
    }
    relay.follow(world)
    var listener: CInt?
    while !relay.isInterrupted, failure == nil {
      wait(listener)
      for observation in relay.takeAll() {
        if case .report(.upper(.started(let events, _))) = observation.event {
          listener = try opening.listen()
          tell(.serving(events: events))
        }
        take(observation, tell)
      }
      if let listener { accept(listener) }
      for (id, connection) in connections { serve(id, connection) }
      submit()
    }
    if let listener { close(listener) }
    do throws(SocketWorldError) { _ = try world.stop() } catch {
      throw failure ?? Failure(description: "\(error)")
    }
    if let failure { throw failure }
  }

  /// Hands the bus what clients have asked.
  private func submit() {
    for command in desk.takeCommands() {
      do throws(SocketWorldError) {
        try world.submit(command, to: NodeID(place), at: .zero)
      } catch { failure = Failure(description: "\(error)") }
    }
  }

  // MARK: The world

  private func take(_ observation: Observation<Node.Report>, _ tell: (News) -> Void) {
    switch observation.event {
    case .report(.upper(let report)): take(report, tell)
    case .report(.lower(.refused(let node, let reason))):
      refuse(node, reason, tell)
    case .failed(let error): tell(.trouble("\(error)"))
    case .report(.lower), .submitted, .refused, .unsendable: break
    }
  }

  private func take(_ report: EventBusReport, _ tell: (News) -> Void) {
    switch report {
    case .peer(let node, let isReachable):
      if isReachable { toldRefusals[Int(node.index)] = nil }
      tell(.peer(name(of: node), isReachable: isReachable))
    case .strangerRefused(let node):
      let reason = "it bears the certificate of this node, but another name or another fleet's file"
      refuse(node, reason, tell)
    case .caughtUp: tell(.caughtUp)
    case .conflict(let source, let sequence):
      tell(.trouble("two events of '\(name(of: source))' have the number \(sequence)"))
    case .oversized(let source, let sequence):
      tell(.trouble("event \(sequence) of '\(name(of: source))' is larger than this node takes"))
    case .diskFull: tell(.trouble("the disk is full; events of peers wait there"))
    case .stopped(let reason): failure = opening.failure(for: reason)
    case .status(let status): describe(status)
    default: desk.take(report)
    }
  }

  /// Counts a refusal, and tells of it unless it is the same again: whoever is refused comes back
  /// every second.
  private func refuse(_ node: NodeID, _ reason: String, _ tell: (News) -> Void) {
    let place = Int(node.index)
    refusals[place, default: .init()].add(reason)
    guard toldRefusals[place] != reason else { return }
    toldRefusals[place] = reason
    tell(.refused(name(of: node), reason: reason))
  }

  private func describe(_ status: EventBusStatus) {
    do throws(SocketWorldError) {
      let stored = try world.counters(of: NodeID(place)).stored
      desk.take(
        BusNodeStatus(status, of: place, in: fleet, refusals: refusals, stored: stored))
    } catch { failure = Failure(description: "\(error)") }
  }

  private func name(of node: NodeID) -> String {
    let index = Int(node.index)
    return fleet.nodes.indices.contains(index) ? fleet.nodes[index].name : "\(node)"
  }

  // MARK: Clients

  /// Waits until the bus or a client has something to say, or a client takes something.
  private func wait(_ listener: CInt?) {
    var wishes = [pollfd(fd: relay.descriptor, events: Int16(POLLIN), revents: 0)]
    if let listener { wishes.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
    let first = wishes.count
    let order = Array(connections)
    for (id, connection) in order {
      var events: Int16 = 0
      if desk.isOpenToRequests(id), !connection.hasEnded { events |= Int16(POLLIN) }
      if connection.hasUnsent { events |= Int16(POLLOUT) }
      wishes.append(pollfd(fd: connection.descriptor, events: events, revents: 0))
    }
    guard poll(&wishes, nfds_t(wishes.count), -1) > 0 else { return }
    // A client that has gone shows even where nothing is asked for.
    for (wish, (_, connection)) in zip(wishes[first...], order)
    where wish.revents & Int16(POLLHUP | POLLERR) != 0 && wish.events & Int16(POLLIN) == 0 {
      connection.hangUp()
    }
  }

  private func accept(_ listener: CInt) {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      Descriptor.closeOnExec(descriptor)
      Descriptor.doNotBlock(descriptor)
      let connection = BusConnection(descriptor)
      guard let id = desk.open() else {
        connection.send(
          BusReply.failed(
            "the node has \(BusDesk.clients) clients; fewer were expected; try again later"
          ).line)
        continue
      }
      connections[id] = connection
    }
  }

  /// Reads what a client asks as far as it may, and sends what it takes.
  private func serve(_ id: Int, _ connection: BusConnection) {
    if desk.isOpenToRequests(id) { connection.read() }
    while desk.isOpenToRequests(id), let line = connection.nextLine() ?? connection.lastLine() {
      desk.take(line, from: id)
    }
    if connection.isOverlong {
      desk.fail(
        id,
        "a line is longer than \(BusConnection.lineLimit) bytes; an event of at most "
          + "\(FleetFile.largestEvent) was expected; publish less at once")
    }
    connection.flush()
    while !connection.hasUnsent, desk.hasReplies(id) {
      connection.send(desk.takeReplies(id, about: 1 << 16))
    }
    let isOver = desk.isOver(id) || (connection.hasEnded && desk.isIdle(id))
    if connection.isBroken || (isOver && !connection.hasUnsent) {
      desk.close(id)
      connections[id] = nil
    }
  }
}
