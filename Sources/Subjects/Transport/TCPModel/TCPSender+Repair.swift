// How the sending half finds and repairs losses.
import LabCore

extension TCPSender {
  /// What the acknowledgement side of one segment says.
  struct Acknowledgement: Hashable, Sendable {
    /// The position that the peer expects next.
    var position: Int
    /// The position up to which the peer takes data.
    var windowEnd: Int
    /// What the peer has beyond holes, without duplicates.
    var blocks: [Range<Int>]
    /// Whether the peer reports data that had arrived before.
    var reportsDuplicate: Bool
    /// Whether the segment carries data or its end, so that it is not about this side alone.
    var hasData: Bool
    /// How long ago, in whole milliseconds, what it answers was sent.
    var echoAge: Duration?
  }

  /// What one acknowledgement has changed.
  private struct News {
    var advances = false
    var sacks = false
    var acknowledgesRepeat = false
    var lostRepair = false
    var samples: (oldest: Duration?, newest: Duration?, sacked: Duration?) = (nil, nil, nil)
    var restartsTimer = false
  }

  /// Takes the acknowledgement side of a segment.
  mutating func take(_ acknowledgement: Acknowledgement, now: Instant) {
    guard acknowledgement.position <= next else { return }
    var news = News()
    let deliveredBefore = delivered
    let lossesBefore = flight.losses
    windowEnd = max(windowEnd, acknowledgement.windowEnd)
    takeBlocks(acknowledgement.blocks, &news, now: now)
    takePosition(acknowledgement.position, &news, now: now)
    takeSamples(news, acknowledgement.echoAge, now: now)
    if acknowledgement.reportsDuplicate { recent.noteDuplicate() }
    judgeProbe(acknowledgement, news, now: now)
    let isPlain = news.advances && !news.sacks && state == .open && flight.isCalm
    var repairs = false
    if !isPlain { repairs = judge(&news, now: now) }
    if news.restartsTimer, !scheduleProbe(afterAcknowledgement: true, now: now) {
      restartTimeout(now: now)
    }
    let newlyDelivered = delivered - deliveredBefore
    if state == .recovery {
      let newlyLost = flight.losses - lossesBefore
      pace(newlyDelivered, advances: news.advances && newlyLost == 0)
    } else if news.advances, usesWindow {
      window.grow(by: newlyDelivered, roundTrip: roundTrip.minimum ?? .zero, now: now)
    }
    if repairs { sendRepairs(now: now) }
  }

  private mutating func restartTimeoutAnew(now: Instant) {
    timer = nil
    restartTimeout(now: now)
  }

  private mutating func takeBlocks(_ blocks: [Range<Int>], _ news: inout News, now: Instant) {
    guard !blocks.isEmpty, let last = blocks.map(\.upperBound).max() else { return }
    for index in flight.entries.indices {
      let entry = flight.entries[index]
      guard entry.range.upperBound <= last else { break }
      guard !entry.isSacked,
        blocks.contains(where: {
          $0.lowerBound <= entry.range.lowerBound && $0.upperBound >= entry.range.upperBound
        })
      else { continue }
      flight.sack(index)
      delivered += 1
      news.sacks = true
      if entry.repeats == 0 {
        if entry.range.lowerBound < highest { recent.noteReordering() }
        news.samples.newest = now - entry.sentAt
        news.samples.sacked = news.samples.sacked ?? news.samples.newest
      }
      highest = max(highest, entry.range.upperBound)
      recent.take(entry, minimum: roundTrip.minimum, now: now)
    }
  }

  private mutating func takePosition(_ position: Int, _ news: inout News, now: Instant) {
    guard position > acknowledged else { return }
    news.advances = true
    news.restartsTimer = true
    timeouts = 0
    acknowledged = position
    stream.forget(before: position)
    for entry in flight.remove(upTo: position) {
      if entry.repeats > 0 {
        news.acknowledgesRepeat = true
      } else if !entry.isSacked {
        let sample = now - entry.sentAt
        news.samples.oldest = news.samples.oldest ?? sample
        news.samples.newest = sample
        if entry.range.lowerBound < highest { recent.noteReordering() }
      }
      if !entry.isSacked {
        delivered += 1
        recent.take(entry, minimum: roundTrip.minimum, now: now)
      }
    }
    highest = max(highest, position)
  }

  /// Samples the round trip: from the oldest segment that is acknowledged, from one beyond a hole,
  /// or, when only repeated ones are acknowledged, from the timestamp.
  private mutating func takeSamples(_ news: News, _ echoAge: Duration?, now: Instant) {
    if let newest = news.samples.newest { roundTrip.takeMinimum(newest) }
    let oldest = news.acknowledgesRepeat ? nil : news.samples.oldest
    let sample = oldest ?? news.samples.sacked ?? (news.advances ? echoAge : nil)
    if let sample { roundTrip.take(sample, acknowledged: acknowledged, sent: next) }
  }

  /// Takes note of what became of a probe: one that filled a hole shows a loss, to which the window
  /// answers.
  ///
  /// > Reference: RFC 8985, section 7.4.2.
  private mutating func judgeProbe(
    _ acknowledgement: Acknowledgement, _ news: News, now: Instant
  ) {
    guard let end = probeEnd, acknowledgement.position >= end else { return }
    if !probeRepeated || acknowledgement.reportsDuplicate {
      probeEnd = nil
    } else if acknowledgement.position > end {
      probeEnd = nil
      window.reduce()
      window.settle()
    } else if !news.advances, !news.sacks, !acknowledgement.hasData {
      probeEnd = nil
    }
  }

  /// Moves between the states and finds losses.
  ///
  /// - Returns: Whether lost segments may be sent again now.
  private mutating func judge(_ news: inout News, now: Instant) -> Bool {
    if state == .recovery, acknowledged >= repairEnd {
      window.settle()
      recent.noteRepair()
      state = .open
    } else if state == .loss, acknowledged >= repairEnd {
      recent.noteRepair()
      state = .open
    }
    findLosses(&news, now: now)
    switch state {
    case .recovery: return true
    case .loss where !news.lostRepair: return true
    default:
      guard flight.lost > 0 else {
        state = flight.isCalm ? .open : .disorder
        return false
      }
      beginRecovery()
      return true
    }
  }

  private mutating func findLosses(_ news: inout News, now: Instant) {
    guard recent.hasAdvanced, configuration.rules != .retransmitsByTimeoutOnly else { return }
    recent.clear()
    guard !flight.isCalm || state != .open else { return }
    let found = markLosses(now: now)
    news.lostRepair = found.lostRepair
    if found.wait != nil { news.restartsTimer = false }
  }

  /// Takes for lost what was sent long enough before something that has arrived, and waits for what
  /// was sent before it but not long enough.
  private mutating func markLosses(now: Instant) -> (lostRepair: Bool, wait: Duration?) {
    var lostRepair = false
    var wait: Duration?
    let window = reorderingWindow
    for index in flight.entries.indices {
      let entry = flight.entries[index]
      if entry.isSacked || (entry.isLost && !entry.isRepaired) { continue }
      guard let rest = recent.patience(for: entry, window: window, now: now) else { continue }
      if rest <= .zero {
        if flight.lose(index) { lostRepair = true }
      } else {
        wait = max(wait ?? rest, rest)
      }
    }
    if let wait { timer = (.reordering, now + wait + .milliseconds(2)) }
    return (lostRepair, wait)
  }

  private var reorderingWindow: Duration {
    recent.reorderingWindow(
      isRepairing: state == .recovery || state == .loss, sacked: flight.sacked,
      minimum: roundTrip.minimum, smoothed: roundTrip.smoothed)
  }

  private mutating func beginRecovery() {
    state = .recovery
    repairEnd = next
    probeEnd = nil
    windowBeforeRepair = window.size
    deliveredInRepair = 0
    sentInRepair = 0
    window.reduce()
  }

  /// Lets as much be sent as has arrived, less what the window has to shrink by.
  ///
  /// > Reference: Mathis, Dukkipati and Cheng, *Proportional Rate Reduction for TCP*, RFC 6937,
  /// > with the slow start part that is held to segments delivered.
  private mutating func pace(_ newlyDelivered: Int, advances: Bool) {
    guard newlyDelivered > 0, windowBeforeRepair > 0 else { return }
    deliveredInRepair += newlyDelivered
    let missing = window.threshold - flight.underWay
    var allowance: Int
    if missing < 0 {
      let share = window.threshold * deliveredInRepair + windowBeforeRepair - 1
      allowance = share / windowBeforeRepair - sentInRepair
    } else {
      allowance = max(deliveredInRepair - sentInRepair, newlyDelivered) + (advances ? 1 : 0)
      allowance = min(missing, allowance)
    }
    // The first lost segment goes at once.
    allowance = max(allowance, sentInRepair == 0 ? 1 : 0)
    window.size = max(flight.underWay + allowance, 1)
  }

  /// Sends lost segments again as far as the window allows.
  private mutating func sendRepairs(now: Instant) {
    var restarts = false
    for index in flight.entries.indices {
      guard flight.lost > 0, flight.underWay < window.size else { break }
      let entry = flight.entries[index]
      guard entry.isLost, !entry.isRepaired else { continue }
      sendAgain(index, now: now)
      if state == .recovery { sentInRepair += 1 }
      if index == 0, timer?.wait != .reordering { restarts = true }
    }
    if restarts { restartTimeoutAnew(now: now) }
  }

  private mutating func sendAgain(_ index: Int, now: Instant) {
    flight.repeat(index, at: now)
    let entry = flight.entries[index]
    outputs.append(Output(range: entry.range, isEnd: entry.isEnd))
    lastSending = now
  }

  // MARK: Timer

  /// Sends something new, or else the last segment again, so that an acknowledgement shows what is
  /// missing.
  mutating func probe(now: Instant) {
    if probeEnd == nil {
      let isNew = unsent > 0 && sendNext(now: now)
      if !isNew { sendAgain(flight.count - 1, now: now) }
      probeRepeated = !isNew
      probeEnd = next
      restartTimeoutAnew(now: now)
    } else {
      restartTimeout(now: now)
    }
  }

  /// Ends the wait for segments that may only have been overtaken.
  mutating func endReordering(now: Instant) {
    let before = flight.underWay
    timer = nil
    let found = markLosses(now: now)
    if flight.underWay != before {
      if state != .recovery { beginRecovery() }
      pace(1, advances: false)
    }
    sendRepairs(now: now)
    if found.wait == nil, timer == nil { restartTimeout(now: now) }
  }

  /// Takes everything that was sent long enough ago for lost and begins again with one segment.
  ///
  /// - Returns: Whether the connection goes on.
  mutating func timeOut(now: Instant) -> Bool {
    guard timeouts < configuration.retransmissions else { return false }
    let isNew =
      state == .open || state == .disorder || acknowledged >= repairEnd
      || (state == .loss && timeouts == 0)
    if isNew {
      window.reduce()
      window.forgetPlateau()
    }
    for index in flight.entries.indices where !flight.entries[index].isSacked {
      let entry = flight.entries[index]
      let rest = recent.timeLeft(for: entry, window: reorderingWindow, now: now)
      if index == 0 || rest <= .zero { flight.lose(index) }
    }
    timeouts += 1
    state = .loss
    repairEnd = next
    probeEnd = nil
    window.size = flight.underWay + 1
    sendAgain(0, now: now)
    roundTrip.backOff()
    restartTimeoutAnew(now: now)
    return true
  }
}
