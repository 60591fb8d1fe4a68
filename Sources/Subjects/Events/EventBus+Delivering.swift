// Handing events to the subscribers of a node, and keeping their positions.
import LabCore
import Transport

extension EventBus {
  mutating func subscribe(
    _ name: String, _ filter: EventFilter, _ start: SubscriptionStart, _ step: inout Step<Self>
  ) {
    if let reason = refusal(of: name, filter, start) {
      return step.report(.subscriptionRefused(name, reason))
    }
    let wanted =
      switch start {
      case .oldest: 1 as UInt64
      case .newest: store.order.next
      case .committed: (pendingPosition(of: name) ?? 0) + 1
      case .after(let position): position + 1
      }
    subscribers.removeAll { $0.name == name }
    var subscriber = Subscriber(name: name, filter: filter, cursor: wanted)
    if wanted < store.order.first {
      subscriber.cursor = store.order.first
      subscriber.missed = store.order.first - wanted
    }
    subscribers.append(subscriber)
    step.report(.subscribed(name, from: subscriber.cursor))
    deliver(to: subscribers.count - 1, &step)
    reportMissed(&step)
  }

  private func refusal(
    of name: String, _ filter: EventFilter, _ start: SubscriptionStart
  ) -> SubscriptionRefusal? {
    if isStopped { return .stopped }
    guard 1...EventBusLimits.nameBytes ~= name.utf8.count else { return .badName }
    guard filter.isValid else { return .badFilter }
    if case .after(let position) = start, position >= store.order.next { return .unknownPosition }
    let others = writer.names(with: subscribers).subtracting([name])
    return others.count < configuration.limits.subscribers ? nil : .tooMany
  }

  /// How far a subscriber has come, what waits for the disk included.
  private func pendingPosition(of name: String) -> UInt64? {
    let waiting = writer.changes.last { $0.subscriber == name }
    if let waiting { return waiting.position }
    guard case .record(let batch) = writer.request,
      let written = batch.changes.last(where: { $0.subscriber == name })
    else { return writer.committed[name] }
    return written.position
  }

  mutating func commit(_ name: String, _ position: UInt64, _ step: inout Step<Self>) {
    guard !isStopped, let index = subscribers.firstIndex(where: { $0.name == name }),
      let place = subscribers[index].outstanding.firstIndex(of: position)
    else { return step.report(.commitRefused(subscriber: name, position: position)) }
    subscribers[index].outstanding.removeFirst(place + 1)
    writer.change(LogWriter.Change(subscriber: name, position: position))
    flush(&step)
    deliver(to: index, &step)
    reportMissed(&step)
  }

  mutating func unsubscribe(_ name: String, _ step: inout Step<Self>) {
    subscribers.removeAll { $0.name == name }
    guard !isStopped else { return }
    writer.change(LogWriter.Change(subscriber: name, position: nil))
    flush(&step)
  }

  /// Hands every subscriber what is new.
  mutating func deliverAll(_ step: inout Step<Self>) {
    for index in subscribers.indices { deliver(to: index, &step) }
    reportMissed(&step)
  }

  /// Hands a subscriber events until it has as many as it may have without committing.
  private mutating func deliver(to index: Int, _ step: inout Step<Self>) {
    var subscriber = subscribers[index]
    let window = configuration.limits.deliveryWindow
    while subscriber.outstanding.count < window, let kept = store.order[subscriber.cursor] {
      if let event = kept.event {
        if subscriber.filter.matches(event) {
          let delivery = EventDelivery(
            event: event, sequence: kept.sequences.lowerBound, position: subscriber.cursor)
          step.report(.delivered(subscriber: subscriber.name, delivery))
          subscriber.outstanding.append(subscriber.cursor)
        }
      } else {
        subscriber.missed += UInt64(kept.sequences.count)
      }
      subscriber.cursor += 1
    }
    subscribers[index] = subscriber
  }

  /// Tells subscribers how many events they will not see.
  mutating func reportMissed(_ step: inout Step<Self>) {
    for index in subscribers.indices where subscribers[index].missed > 0 {
      step.report(
        .expired(subscribers[index].missed, for: .subscriber(subscribers[index].name)))
      subscribers[index].missed = 0
    }
  }
}
