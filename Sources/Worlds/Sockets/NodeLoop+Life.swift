// The beginnings and ends of a node, and its storage.
import LabCore
import NIOCore
import Statistics

/// What a node has counted.
struct NodeRecord: Sendable {
  let counters: NodeCounters
  /// How late the shaper was; `nil` on bare links.
  let lateness: LatencyHistogram?
}

extension NodeLoop where Node: ~Copyable {
  // MARK: Storage

  /// Opens the node's storage, if it has any, and reads what is durable.
  func openStorage() -> EventLoopFuture<Durable> {
    plan.storage?.open(on: eventLoop) ?? eventLoop.makeSucceededFuture(.empty)
  }

  /// Queues a storage request.
  func store(_ request: StorageRequest) {
    guard plan.storage != nil else {
      tell(.failed(.noStorage(plan.id)))
      return answerLater(request.ticket, .failed)
    }
    guard storageQueue.count < plan.limits.waitingStores else {
      return answerLater(request.ticket, .full)
    }
    storageQueue.append(request)
    pumpStorage()
  }

  private func answerLater(_ ticket: Ticket, _ outcome: StorageOutcome) {
    counters.storeFailures += 1
    _ = agenda.insert(.answer(ticket, outcome, life: life), due: step.now)
  }

  /// Hands the requests that wait to the journal, unless it is at work.
  private func pumpStorage() {
    guard !storageIsBusy, !storageQueue.isEmpty, let storage = plan.storage else { return }
    var batch: [StorageRequest] = []
    swap(&batch, &storageQueue)
    storageIsBusy = true
    let asked = life
    storage.perform(batch, on: eventLoop).assumeIsolated().whenComplete { [self] result in
      storageIsBusy = false
      switch result {
      case .success(let (completions, failure)):
        if let failure { tell(.failed(failure)) }
        end(completions, askedIn: asked)
      case .failure(let error):
        tell(.failed(.storage(plan.id, reason: "\(error)")))
        end(batch.map { .init(ticket: $0.ticket, outcome: .failed) }, askedIn: asked)
      }
      pumpStorage()
      if !storageIsBusy {
        for waiter in storageWaiters { waiter.succeed() }
        storageWaiters = []
      }
      endTurn()
    }
  }

  /// Counts what became of requests, and tells the Instance if it is still the one that asked.
  private func end(_ completions: [StorageCompletion], askedIn asked: Int) {
    for done in completions {
      if done.outcome == .durable { counters.stored += 1 } else { counters.storeFailures += 1 }
      if life == asked { answer(done.ticket, done.outcome) }
    }
  }

  /// Ends when no storage request waits or is being carried out.
  private func storageAtRest() -> EventLoopFuture<Void> {
    guard storageIsBusy else { return eventLoop.makeSucceededVoidFuture() }
    let promise = eventLoop.makePromise(of: Void.self)
    storageWaiters.append(promise)
    return promise.futureResult
  }

  // MARK: Life

  /// Begins the node's life when the world's clock comes to its beginning.
  func begin(_ durable: Durable, clock: WorldClock) {
    self.clock = clock
    schedule(.start(durable), at: .zero)
  }

  /// Ends the node's life as a crash does: what it had not made durable is lost, what it had sent
  /// travels on.
  func crash() -> EventLoopFuture<Void> {
    guard phase == .running else { return wrongState("crash(_:)") }
    phase = .down
    endLife()
    storageQueue = []
    let (storage, loop) = (plan.storage, eventLoop)
    return storageAtRest().flatMap {
      storage?.abandon(on: loop) ?? loop.makeSucceededVoidFuture()
    }
  }

  /// Begins the next life from what is durable.
  func restart() -> EventLoopFuture<Void> {
    guard phase == .down else { return wrongState("restart(_:)") }
    return openStorage().assumeIsolated().map { [self] durable in
      instance = plan.make(plan.id, plan.seed.child("life").child(life))
      step.random = plan.seed.child("protocol").child(life).stream()
      schedule(.start(durable), at: clock.now())
    }.nonisolated()
  }

  private func endLife() {
    instance = nil
    life += 1
    for entry in timers.values { agenda.remove(entry) }
    timers = [:]
  }

  private func wrongState(_ call: String) -> EventLoopFuture<Void> {
    eventLoop.makeFailedFuture(SocketWorldError.wrongState(call: call, state: phase.rawValue))
  }

  /// Ends the node for good: finishes its storage, closes its socket.
  func stop() -> EventLoopFuture<NodeRecord> {
    phase = .stopped
    if instance != nil { endLife() }
    counters.abandoned += shapedDatagrams
    agenda.removeAll()
    armed?.callback.cancel()
    armed = nil
    let (storage, loop) = (plan.storage, eventLoop)
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    return storageAtRest().flatMap {
      storage?.close(on: loop) ?? loop.makeSucceededVoidFuture()
    }.flatMapError { error in
      let id = own.value.plan.id
      let failure = error as? SocketWorldError ?? .storage(id, reason: "\(error)")
      own.value.tell(.failed(failure))
      return loop.makeSucceededVoidFuture()
    }.flatMap {
      own.value.closeSocket()
    }.map {
      own.value.record()
    }
  }

  private func closeSocket() -> EventLoopFuture<Void> {
    endTurn()
    guard let channel else { return eventLoop.makeSucceededVoidFuture() }
    let closed = channel.channel.closeFuture
    channel.close(promise: nil)
    return closed
  }

  /// The sizes of the buffers that the kernel granted.
  func kernelBuffers() -> EventLoopFuture<KernelBuffers> {
    eventLoop.makeCompletedFuture {
      guard let socket else {
        throw SocketWorldError.wrongState(call: "kernelBuffers(of:)", state: phase.rawValue)
      }
      return try socket.kernelBuffers()
    }
  }

  /// What was counted so far.
  func record() -> NodeRecord {
    if let socket { counters.kernelDrops = socket.kernelDrops }
    if phase == .stopped { socket = nil }
    return NodeRecord(counters: counters, lateness: shaper?.lateness)
  }
}
