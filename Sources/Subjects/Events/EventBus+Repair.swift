// Anti-entropy: telling what is held, asking for what is missing, answering who asks.
import LabCore
import Transport

extension EventBus {
  /// How many requests for missing events may be under way.
  private static let pullsAtOnce = 8
  /// How often the patience with answers doubles at most.
  private static let mostDoublings = 5

  // MARK: Digests

  /// Tells some peers in turn all that is held, and those that lack events of this node its own.
  mutating func tellPeers(_ step: inout Step<Self>) {
    let peers = peerNumbers
    guard !peers.isEmpty else { return }
    let chosen = (0..<min(configuration.pace.digestPeers, peers.count)).map {
      peers[(nextDigest + $0) % peers.count]
    }
    nextDigest = (nextDigest + chosen.count) % peers.count
    for peer in chosen { sendDigest(to: peer, isWhole: true, &step) }
    let next = store.next(of: own)
    for peer in peers where self.peers[peer].acknowledged < next && !chosen.contains(peer) {
      sendDigest(to: peer, isWhole: false, &step)
    }
  }

  /// Tells a peer what is held of all sources, or of this node only, and asks for the same.
  mutating func sendDigest(to peer: Int, isWhole: Bool, _ step: inout Step<Self>) {
    let sources = isWhole ? members.indices.map { NodeID($0) } : [own]
    let holdings = sources.map { store.holding(of: $0) }
    let body = EventBusMessage.Body.digest(holdings, isWhole: isWhole, wantsAnswer: true)
    step.send(EventBusMessage(tag: ownTag, body), to: NodeID(peer))
  }

  /// Learns what a peer holds; answers with what the peer lacks and what it wants to know.
  mutating func takeDigest(
    _ holdings: [Holding], isWhole: Bool, wantsAnswer: Bool, from sender: NodeID,
    _ step: inout Step<Self>
  ) {
    var answer: [Holding] = []
    for holding in holdings where Int(holding.source.index) < members.count {
      note(holding, of: Int(sender.index), at: step.now)
      let mine = store.holding(of: holding.source)
      if !isWhole || holding.source == sender || mine.next > holding.next { answer.append(mine) }
    }
    noteBehind()
    guard wantsAnswer, !answer.isEmpty else { return }
    let body = EventBusMessage.Body.digest(answer, isWhole: false, wantsAnswer: false)
    step.send(EventBusMessage(tag: ownTag, body), to: sender)
  }

  /// Remembers what a peer holds of a source; late news never takes back what was told before.
  private mutating func note(_ holding: Holding, of peer: Int, at now: Instant) {
    let source = Int(holding.source.index)
    var told = peers[peer].holdings[source] ?? holding
    told.first = max(told.first, holding.first)
    told.next = max(told.next, holding.next)
    peers[peer].holdings[source] = told
    learn(of: source, next: holding.next, at: now)
    guard holding.source == own else { return }
    knowsHistory = true
    acknowledge(by: peer, next: holding.next)
  }

  // MARK: Asking

  /// Asks for what has been missing for too long, and sets the timer for what has not.
  mutating func repair(_ step: inout Step<Self>) {
    guard !isStopped else { return }
    noteBehind()
    var due = Instant.never
    var pulls = intakes.count { $0.pull != nil }
    for offset in members.indices {
      let source = (nextRepair + offset) % members.count
      guard intakes[source].isMissing else {
        intakes[source].pull = nil
        continue
      }
      if let pull = intakes[source].pull, pull.deadline <= step.now {
        intakes[source].pull = nil
        if !pull.isAnswered {
          intakes[source].failures += 1
          intakes[source].unanswered += 1
        }
        pulls -= 1
      }
      if intakes[source].pull == nil, pulls < Self.pullsAtOnce {
        if patience(for: source) <= step.now {
          ask(for: source, &step)
          pulls += intakes[source].pull == nil ? 0 : 1
        }
        if intakes[source].pull == nil { due = min(due, patience(for: source)) }
      }
      if let pull = intakes[source].pull { due = min(due, pull.deadline) }
    }
    nextRepair = (nextRepair + 1) % members.count
    guard due < repairAt || repairAt <= step.now else { return }
    repairAt = due
    if due < .never { step.set(.repair, after: due - step.now) }
  }

  /// Until when a gap in the events of a source may close by itself.
  private func patience(for source: Int) -> Instant {
    intakes[source].progressAt + configuration.pace.repairDelay
  }

  /// Asks somebody for the events of a source that are missing; when nobody has them any more,
  /// marks them as expired.
  private mutating func ask(for source: Int, _ step: inout Step<Self>) {
    let first = intakes[source].accepted
    let helpers = helpers(for: source, first)
    guard !helpers.isEmpty else {
      intakes[source].progressAt = step.now + configuration.pace.digestPeriod
      if let end = expiredEnd(of: source, first) { skip(to: end, of: source, &step) }
      return
    }
    let helper = helpers[intakes[source].failures % helpers.count]
    let number = asked.add(
      .init(peer: NodeID(helper), source: NodeID(source), time: step.now))
    let patience = peers[helper].answerTime.patience(configuration.pace)
    // One loss is no reason to wait longer, but answers that keep coming late are.
    let doublings = min(max(0, intakes[source].unanswered - 1), Self.mostDoublings)
    intakes[source].pull = Intake.Pull(
      number: number, peer: NodeID(helper), deadline: step.now + patience * (1 << doublings))
    let body = EventBusMessage.Body.pull(
      number: number, source: NodeID(source), gaps: intakes[source].gaps)
    step.send(EventBusMessage(tag: ownTag, body), to: NodeID(helper))
  }

  /// The peers that may have an event, the source itself first, those that are silent left out.
  private func helpers(for source: Int, _ sequence: UInt64) -> [Int] {
    let holders = peerNumbers.filter { peer in
      guard peers[peer].isReachable != false else { return false }
      guard let told = peers[peer].holdings[source] else { return peer == source }
      return told.first <= sequence && (sequence < told.next || peer == source)
    }
    return holders.filter { $0 == source } + holders.filter { $0 != source }
  }

  /// Where events of a source begin again after some that nobody has: the source says so itself, or
  /// every other member does; `nil` as long as somebody may still have them.
  private func expiredEnd(of source: Int, _ first: UInt64) -> UInt64? {
    if let told = peers[source].holdings[source], told.first > first { return told.first }
    var end: UInt64?
    for peer in peerNumbers where peer != source {
      guard let told = peers[peer].holdings[source] else { return nil }
      if told.next <= first { continue }
      if told.first <= first { return nil }
      end = min(end ?? told.first, told.first)
    }
    return end
  }

  /// Goes on behind events that have expired everywhere.
  private mutating func skip(to end: UInt64, of source: Int, _ step: inout Step<Self>) {
    let first = intakes[source].accepted
    writer.items.append(.gap(NodeID(source), first..<end))
    intakes[source].accepted = end
    intakes[source].dropHeld(before: end)
    takeHeld(of: NodeID(source))
    flush(&step)
  }

  // MARK: Answering

  /// Sends a peer events that it asked for, as many as one request may bring.
  func answer(
    _ number: UInt64, _ source: NodeID, _ gaps: [Range<UInt64>], to sender: NodeID,
    _ step: inout Step<Self>
  ) {
    guard Int(source.index) < members.count, let first = gaps.first?.lowerBound else { return }
    let holding = store.holding(of: source)
    var runs: [EventRun] = []
    for gap in gaps {
      let room = configuration.limits.batchesPerPull - runs.count
      runs += self.runs(of: source, gap, limit: room)
    }
    // Who has nothing says so.
    if runs.isEmpty { runs = [EventRun(source: source, first: first)] }
    for (place, run) in runs.enumerated() {
      let isLast = place == runs.count - 1
      step.send(
        EventBusMessage(tag: ownTag, .answer(pull: number, run, holding, isLast: isLast)),
        to: sender)
    }
  }

  /// Takes events that were asked for; what nobody asked for is not read.
  mutating func takeAnswer(
    _ number: UInt64, _ run: EventRun, _ holding: Holding, isLast: Bool, from sender: NodeID,
    _ step: inout Step<Self>
  ) {
    guard let asked = asked.find(number), asked.peer == sender, asked.source == run.source else {
      refusedMessages += 1
      return
    }
    note(holding, of: Int(sender.index), at: step.now)
    let source = Int(run.source.index)
    take(run, &step)
    guard var pull = intakes[source].pull, pull.number == number else {
      return takeLateAnswer(to: asked, isLast: isLast, &step)
    }
    intakes[source].unanswered = 0
    if !pull.isAnswered { peers[Int(sender.index)].answerTime.add(step.now - asked.time) }
    pull.isAnswered = true
    // The rest of an answer takes no longer than its beginning took.
    pull.deadline = step.now + peers[Int(sender.index)].answerTime.patience(configuration.pace)
    intakes[source].pull = isLast ? nil : pull
    guard isLast else { return }
    if run.events.isEmpty { intakes[source].failures += 1 }
    // An answer that was overtaken by its end may still come; without one the next part is due.
    if intakes[source].held.isEmpty { intakes[source].progressAt = .zero }
  }

  /// Learns from an answer to a request that was given up that the peer takes so long; what was
  /// asked of it since comes behind it.
  ///
  /// If only answers in time counted, a peer that is busy would be asked again and again for what
  /// it is sending already, which makes it busier.
  private mutating func takeLateAnswer(
    to asked: AskedPulls.Asked, isLast: Bool, _ step: inout Step<Self>
  ) {
    let (source, peer) = (Int(asked.source.index), Int(asked.peer.index))
    if isLast { peers[peer].answerTime.add(step.now - asked.time) }
    guard var pull = intakes[source].pull, pull.peer == asked.peer else { return }
    let patience = peers[peer].answerTime.patience(configuration.pace)
    pull.deadline = max(pull.deadline, step.now + patience)
    intakes[source].pull = pull
  }

  // MARK: How things stand

  /// Reports peers that have been silent for too long.
  mutating func noteSilence(_ step: inout Step<Self>) {
    let silence = configuration.pace.silence
    for peer in peerNumbers where step.now - peers[peer].lastHeard > silence {
      guard peers[peer].isReachable != false else { continue }
      peers[peer].isReachable = false
      step.report(.peer(NodeID(peer), isReachable: false))
    }
  }

  private mutating func noteBehind() {
    if !isBehind { isBehind = intakes.contains { $0.isMissing } }
  }

  /// Reports that nothing is missing any more.
  mutating func noteCaughtUp(_ step: inout Step<Self>) {
    guard isBehind else { return }
    let isWhole = members.indices.allSatisfy {
      store.next(of: NodeID($0)) >= intakes[$0].known
    }
    guard isWhole else { return }
    isBehind = false
    step.report(.caughtUp)
  }
}
