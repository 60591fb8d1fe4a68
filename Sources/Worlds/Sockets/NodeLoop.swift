// One node at work: its Instance, its socket, its timers, all on one event loop.
import LabCore
import NIOCore
import NIOPosix
import Network

/// Runs the Instance of one node on one event loop.
///
/// It is made on its loop and touched only there (a loop-bound box holds it), so the handlers of
/// its Instance never run at the same time. A handler runs to its end and its effects are carried
/// out before the socket is flushed, the one act that may call back.
final class NodeLoop<Node: Instance & ~Copyable> {
  /// What a node does at a later time.
  enum Duty {
    case start(Durable)
    case fire(UInt32)
    case release(Bytes, to: NodeID)
    case submit(Node.Command, number: UInt64)
    case answer(Ticket, StorageOutcome, life: Int)
  }

  enum Phase: String {
    case waiting = "not started"
    case running = "running"
    case down = "down"
    case stopped = "stopped"
  }

  let plan: NodePlan<Node>
  let eventLoop: any EventLoop
  /// The world's clock, known when the node begins.
  var clock = WorldClock.starting()
  var phase = Phase.waiting
  /// The protocol; `nil` while the node is down.
  var instance: Node?
  var step: Step<Node>
  /// How often the node has ended so far.
  var life = 0
  var counters = NodeCounters()
  var shaper: Shaper?

  var agenda = Agenda<Duty>()
  /// The entries of the timers that are set, by timer number.
  var timers: [UInt32: Agenda<Duty>.Handle] = [:]
  var armed: (at: Instant, callback: NIOScheduledCallback)?

  var socket: UDPSocket?
  /// The way to the socket; `nil` before it is open and after it was closed.
  var channel: ChannelHandlerContext?
  /// Whether the socket is being read, so that one flush serves several datagrams.
  var isReading = false
  /// Whether effects are being carried out.
  var isActing = false
  /// Whether the kernel is being handed datagrams.
  var isFlushing = false
  /// What arrived while effects were being carried out.
  var early: [AddressedEnvelope<ByteBuffer>] = []
  var waitingDatagrams = 0
  var shapedDatagrams = 0
  var shapedBytes = 0

  var storageQueue: [StorageRequest] = []
  var storageIsBusy = false
  /// Who waits until no storage request is being carried out.
  var storageWaiters: [EventLoopPromise<Void>] = []

  /// What this turn has to tell the observer.
  var news: [Observation<Node.Report>] = []

  init(_ plan: NodePlan<Node>, socket: UDPSocket, eventLoop: any EventLoop) {
    self.plan = plan
    self.socket = socket
    self.eventLoop = eventLoop
    let random = plan.seed.child("protocol").stream()
    step = Step(node: plan.id, random: random)
    instance = plan.make(plan.id, plan.seed)
    if plan.shaping == .shaped {
      shaper = Shaper(plan.network, sender: plan.id, seed: plan.worldSeed.child("links"))
    }
  }

  // MARK: Events

  /// Takes a datagram from the socket.
  ///
  /// NIO reads what is left in a socket that a failed send closes, and a send can happen in the
  /// midst of effects; such a datagram waits until they are carried out.
  func arrive(_ datagram: AddressedEnvelope<ByteBuffer>) {
    guard !isActing else { return early.append(datagram) }
    guard let sender = plan.members.node(at: datagram.remoteAddress) else {
      counters.unknownSender += 1
      return
    }
    guard phase == .running else {
      counters.count(.receiverDown)
      return
    }
    let bytes = Bytes(Array(datagram.data.readableBytesView))
    guard let message = Node.Message.decode(bytes) else {
      counters.count(.unreadable)
      return
    }
    counters.received += 1
    counters.receivedBytes += bytes.count
    step.now = clock.now()
    instance?.receive(message, from: sender, &step)
    carryOut()
  }

  /// Does everything that is due, and nothing before its time.
  ///
  /// In the midst of effects it does nothing; whoever carries them out ends the turn.
  func work() {
    guard !isActing else { return }
    let now = clock.now()
    while let (due, duty) = agenda.removeFirst(through: now) { perform(duty, due: due) }
    endTurn()
  }

  private func perform(_ duty: Duty, due: Instant) {
    switch duty {
    case .start(let durable):
      phase = .running
      readSocket()
      step.now = clock.now()
      instance?.start(durable, &step)
      carryOut()
    case .fire(let index):
      timers[index] = nil
      counters.fired += 1
      step.now = clock.now()
      instance?.fire(Node.Timer(index: index), &step)
      carryOut()
    case .release(let bytes, let receiver):
      shapedDatagrams -= 1
      shapedBytes -= bytes.count
      shaper?.recordRelease(due: due, at: clock.now())
      write(bytes, to: receiver)
    case .submit(let command, let number): submit(command, number: number, intended: due)
    case .answer(let ticket, let outcome, let asked):
      if asked == life { answer(ticket, outcome) }
    }
  }

  private func submit(_ command: Node.Command, number: UInt64, intended: Instant) {
    step.now = clock.now()
    guard phase == .running else {
      counters.refused += 1
      return tell(.refused(number, intended: intended))
    }
    counters.submitted += 1
    tell(.submitted(number, intended: intended))
    instance?.submit(command, &step)
    carryOut()
  }

  /// Tells the Instance what became of a storage request.
  func answer(_ ticket: Ticket, _ outcome: StorageOutcome) {
    guard phase == .running else { return }
    step.now = clock.now()
    instance?.stored(ticket, outcome, &step)
    carryOut()
  }

  // MARK: Effects

  /// Carries out the effects of the last handler, in their order.
  private func carryOut() {
    isActing = true
    defer { isActing = false }
    while let effect = step.takeEffect() {
      switch effect {
      case .send(let message, let receiver): send(message.encoded(), to: receiver)
      case .set(let timer, let at): set(timer.index, at: at)
      case .cancel(let timer): cancel(timer.index)
      case .store(let operation, let ticket):
        store(StorageRequest(operation: operation, ticket: ticket))
      case .report(let report): tell(.report(report))
      }
    }
  }

  private func set(_ timer: UInt32, at time: Instant) {
    cancel(timer)
    guard time != .never else { return }
    timers[timer] = agenda.insert(.fire(timer), due: time)
  }

  private func cancel(_ timer: UInt32) {
    if let entry = timers.removeValue(forKey: timer) { agenda.remove(entry) }
  }

  /// Notes something for the observer, at the time of the last handler.
  func tell(_ event: ObservedEvent<Node.Report>) {
    news.append(Observation(node: plan.id, at: step.now, event: event))
  }

  // MARK: Turns

  /// Adds a duty from outside and does it when its time comes.
  func schedule(_ duty: Duty, at time: Instant) {
    _ = agenda.insert(duty, due: time)
    work()
  }

  /// Ends a run of handlers: hands the kernel what was sent, the observer what was told, and asks
  /// to be called when the next duty is due.
  func endTurn() {
    while !early.isEmpty { arrive(early.removeFirst()) }
    if !isReading { flush() }
    publish()
    arm()
  }

  /// Hands the kernel what waits; what became of each datagram is known when this returns, unless
  /// the kernel has no room now.
  ///
  /// The observer hears first, so that no node can tell of a datagram before its sender was heard.
  func flush() {
    publish()
    isFlushing = true
    channel?.flush()
    isFlushing = false
  }

  /// Hands the observer what it was told.
  func publish() {
    guard !news.isEmpty else { return }
    plan.observations.append(news)
    news.removeAll(keepingCapacity: true)
  }

  private func arm() {
    guard phase != .stopped, let first = agenda.firstTime else { return }
    if let armed {
      guard first < armed.at else { return }
      armed.callback.cancel()
      self.armed = nil
    }
    do {
      let callback = try eventLoop.assumeIsolated().scheduleCallback(
        at: clock.deadline(at: first), handler: self)
      armed = (first, callback)
    } catch {
      tell(.failed(.system(operation: "schedule a callback", reason: "\(error)")))
      publish()
    }
  }
}

extension NodeLoop: NIOScheduledCallbackHandler where Node: ~Copyable {
  func handleScheduledCallback(eventLoop: some EventLoop) {
    armed = nil
    work()
  }
}
