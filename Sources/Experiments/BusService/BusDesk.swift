// The desk of a node: what its clients ask, what the bus tells, and who gets which answer.
import Events
import LabCore
import LabRunner

/// Brings requests of clients to a node of the bus and its reports back to them.
///
/// It opens no socket and asks for no time. Memory is bounded for each client: an event is handed
/// over as text only when its client takes it, the node hands a subscriber no more than
/// `EventBusLimits/deliveryWindow`, and a client with too many answers outstanding is not read.
struct BusDesk {
  /// The most clients at once.
  static let clients = 128
  /// How many requests of a client may wait for their answers, or answers for the client.
  static let outstanding = 1_024
  /// How many bytes of events to publish a client may have waiting.
  static let outstandingBytes = 4 << 20

  /// One client.
  private struct Session {
    /// The name of its subscription.
    var subscription: String?
    /// Whether the subscription was given no name by the client.
    var isAnonymous = false
    /// Whether what the bus hands to the name is for this client.
    var isSubscribed = false
    /// Answers that the client has not taken, oldest first, from a place on.
    var replies: [BusReply] = []
    var taken = 0
    var publications = 0
    var publicationBytes = 0
    /// How many of its questions how things stand wait.
    var questions = 0
    /// Whether the connection ends once the answers are taken.
    var isEnding = false
  }

  private struct Publication {
    var session: Int
    var number: Int?
    var bytes: Int
  }

  private let members: [String]
  private var sessions: [Int: Session] = [:]
  private var nextSession = 0
  private var publications: [Int: Publication] = [:]
  private var nextPublication = 0
  /// Which client has a subscription.
  private var owners: [String: Int] = [:]
  /// How many answers to requests for a subscription are due; all but the last are for others.
  private var pending: [String: Int] = [:]
  private var statusWaiters: [Int] = []
  private var commands: [EventBusCommand] = []

  /// Opens a desk at a node of a fleet with these members.
  init(members: [String]) { self.members = members }

  /// Removes and returns what the node is to be asked.
  mutating func takeCommands() -> [EventBusCommand] {
    defer { commands.removeAll(keepingCapacity: true) }
    return commands
  }

  // MARK: Clients

  /// A client comes; `nil` when there are too many.
  mutating func open() -> Int? {
    guard sessions.count < Self.clients else { return nil }
    defer { nextSession += 1 }
    sessions[nextSession] = Session()
    return nextSession
  }

  /// A client is gone; the node keeps the position of a subscriber with a name.
  mutating func close(_ id: Int) {
    guard let session = sessions.removeValue(forKey: id) else { return }
    statusWaiters = statusWaiters.map { $0 == id ? -1 : $0 }
    if let name = session.subscription { release(name, isAnonymous: session.isAnonymous) }
  }

  /// Whether a client may ask for more now.
  func isOpenToRequests(_ id: Int) -> Bool {
    guard let session = sessions[id], !session.isEnding else { return false }
    let asked = session.publications + session.questions
    return asked + session.replies.count - session.taken < Self.outstanding
      && session.publicationBytes < Self.outstandingBytes
  }

  /// Whether there is something for a client to take.
  func hasReplies(_ id: Int) -> Bool {
    sessions[id].map { $0.taken < $0.replies.count } ?? false
  }

  /// Whether nothing more will come for a client.
  func isOver(_ id: Int) -> Bool { sessions[id].map { $0.isEnding } ?? true && !hasReplies(id) }

  /// Whether a client that asks nothing more has nothing more to hear.
  func isIdle(_ id: Int) -> Bool {
    guard let session = sessions[id] else { return true }
    return session.publications == 0 && session.questions == 0 && session.subscription == nil
      && !hasReplies(id)
  }

  /// Removes and returns answers to a client as lines, about as many bytes as are asked for.
  mutating func takeReplies(_ id: Int, about bytes: Int) -> [UInt8] {
    guard var session = sessions.removeValue(forKey: id) else { return [] }
    var lines: [UInt8] = []
    while session.taken < session.replies.count, lines.count < bytes {
      lines += session.replies[session.taken].line
      session.taken += 1
    }
    if session.taken == session.replies.count || session.taken >= Self.outstanding {
      session.replies.removeFirst(session.taken)
      session.taken = 0
    }
    sessions[id] = session
    return lines
  }

  private mutating func reply(_ reply: BusReply, to id: Int) {
    guard let session = sessions[id], !session.isEnding else { return }
    sessions[id]?.replies.append(reply)
  }

  /// Tells a client why its connection ends.
  mutating func fail(_ id: Int, _ why: String) {
    reply(.failed(why), to: id)
    sessions[id]?.isEnding = true
    guard let session = sessions[id], let name = session.subscription else { return }
    sessions[id]?.subscription = nil
    release(name, isAnonymous: session.isAnonymous)
  }

  /// Lets go of a subscription, unless another client has taken it over.
  private mutating func release(_ name: String, isAnonymous: Bool) {
    owners[name] = nil
    if isAnonymous { commands.append(.unsubscribe(name)) }
  }

  // MARK: Requests

  /// Takes a line of a client.
  mutating func take(_ line: [UInt8], from id: Int) {
    guard sessions[id]?.isEnding == false else { return }
    guard let request = try? LineCoder.object(BusRequest.self, from: line), request.count == 1
    else {
      let beginning = String(decoding: line.prefix(60), as: UTF8.self)
      return fail(
        id,
        "'\(beginning)' is no request; a JSON object with one of 'publish', 'subscribe', 'commit' "
          + "and 'status', and with no member that is not known, was expected; correct the client")
    }
    if let publication = request.publish { publish(publication, from: id) }
    if let subscription = request.subscribe { subscribe(subscription, from: id) }
    if let position = request.commit { commit(position, from: id) }
    if request.status != nil {
      statusWaiters.append(id)
      sessions[id]?.questions += 1
      commands.append(.status)
    }
  }

  private mutating func publish(_ asked: BusRequest.Publication, from id: Int) {
    let data = asked.data ?? ""
    publications[nextPublication] = Publication(
      session: id, number: asked.number, bytes: data.utf8.count)
    sessions[id]?.publications += 1
    sessions[id]?.publicationBytes += data.utf8.count
    commands.append(
      .publish(
        number: nextPublication, id: asked.id, type: asked.type, target: asked.target, data: data))
    nextPublication += 1
  }

  private mutating func subscribe(_ asked: BusRequest.Subscription, from id: Int) {
    guard sessions[id]?.subscription == nil else {
      return fail(
        id, "the connection has a subscription already; one was expected; open another connection")
    }
    if let name = asked.name, !FleetFile.isName(name) {
      return fail(
        id,
        "'\(name)' is no name of a subscriber; 1 to 64 printable characters without slashes and "
          + "without '~' at the beginning were expected; choose another")
    }
    guard let start = Self.start(asked.from ?? (asked.name == nil ? "newest" : "committed")) else {
      return fail(
        id,
        "'\(asked.from ?? "")' is no beginning; 'oldest', 'newest', 'committed' or a position was "
          + "expected; correct it")
    }
    if let source = asked.source, !members.contains(source) {
      return fail(id, "'\(source)' is no node of the fleet; \(Self.known(members))")
    }
    if let target = asked.target, !members.contains(target) {
      return fail(id, "'\(target)' is no node of the fleet; \(Self.known(members))")
    }
    // Names without an owner are few: those of clients that have gone are used again.
    let free = (0...Self.clients).lazy.map { "~\($0)" }.first { owners[$0] == nil }
    guard let name = asked.name ?? free else { return }
    if let other = owners[name] {
      fail(
        other,
        "another client subscribed as '\(name)'; one at a time was expected; choose another name")
    }
    owners[name] = id
    pending[name, default: 0] += 1
    sessions[id]?.subscription = name
    sessions[id]?.isAnonymous = asked.name == nil
    let filter = EventFilter(type: asked.type ?? "*", source: asked.source, target: asked.target)
    commands.append(.subscribe(name, to: filter, from: start))
  }

  private static func known(_ names: [String]) -> String {
    "one of \(names.map { "'\($0)'" }.joined(separator: ", ")) was expected; correct it"
  }

  private static func start(_ text: String) -> SubscriptionStart? {
    switch text {
    case "oldest": .oldest
    case "newest": .newest
    case "committed": .committed
    default: UInt64(text).map { .after($0) }
    }
  }

  private mutating func commit(_ position: UInt64, from id: Int) {
    guard let session = sessions[id], let name = session.subscription, session.isSubscribed else {
      return fail(
        id, "there is nothing to commit; a subscription was expected first; subscribe before")
    }
    commands.append(.commit(subscriber: name, position: position))
  }

  // MARK: Reports

  /// Takes what the bus tells.
  mutating func take(_ report: EventBusReport) {
    switch report {
    case .published(let number, let sequence):
      answer(number) { .published(sequence, number: $0) }
    case .refused(let number, let reason):
      answer(number) { .refused(reason.explanation, number: $0) }
    case .subscribed(let name, let position):
      guard let id = settle(name) else { return }
      sessions[id]?.isSubscribed = true
      reply(.subscribed(position), to: id)
    case .subscriptionRefused(let name, let reason):
      if let id = settle(name) { fail(id, reason.explanation) }
    case .delivered(let name, let delivery):
      if let id = subscriber(name) { reply(.event(BusEvent(delivery)), to: id) }
    case .expired(let count, for: .subscriber(let name)):
      if let id = subscriber(name) { reply(.expired(count), to: id) }
    case .committed(let name, let position):
      if let id = subscriber(name) { reply(.committed(position), to: id) }
    case .commitRefused(let name, let position):
      if let id = subscriber(name) {
        fail(
          id,
          "position \(position) is not kept; one that was handed over and is not yet committed, "
            + "and room on the disk, were expected; subscribe again")
      }
    case .started, .expired, .caughtUp, .peer, .strangerRefused, .conflict, .oversized, .diskFull,
      .stopped, .status:
      break
    }
  }

  /// Tells the client that waits longest how things stand.
  mutating func take(_ status: BusNodeStatus) {
    guard !statusWaiters.isEmpty else { return }
    let id = statusWaiters.removeFirst()
    sessions[id]?.questions -= 1
    reply(.status(status), to: id)
  }

  private mutating func answer(_ number: Int, _ make: (Int?) -> BusReply) {
    guard let publication = publications.removeValue(forKey: number) else { return }
    sessions[publication.session]?.publications -= 1
    sessions[publication.session]?.publicationBytes -= publication.bytes
    reply(make(publication.number), to: publication.session)
  }

  /// Notes the answer to a request for a subscription, and says whose it is; `nil` when the client
  /// is gone or another one's request is still to be answered.
  private mutating func settle(_ name: String) -> Int? {
    pending[name, default: 1] -= 1
    guard pending[name] == 0 else { return nil }
    pending[name] = nil
    return owners[name]
  }

  /// The client that is handed what the bus hands to a name.
  private func subscriber(_ name: String) -> Int? {
    guard pending[name] == nil, let id = owners[name], sessions[id]?.isSubscribed == true else {
      return nil
    }
    return id
  }
}

extension EventRefusal {
  /// What is wrong; what was expected; what to do.
  var explanation: String {
    switch self {
    case .badType:
      "this is no type; 1 to \(EventBusLimits.nameBytes) bytes without spaces and stars were "
        + "expected; correct it"
    case .badID:
      "this is no id; 1 to \(EventBusLimits.nameBytes) bytes without spaces were expected; correct "
        + "it"
    case .idTaken:
      "the node has another event with this id; the same event, or another id, was expected; "
        + "choose an id for each event"
    case .unknownTarget: "the target is no node of the fleet; one was expected; correct it"
    case .tooLarge: "the event is larger than the fleet allows; a smaller one was expected; cut it"
    case .storeFull:
      "peers lack so many events of this node that there is no room; peers that run were expected; "
        + "publish again when they have caught up"
    case .diskFull: "the disk is full; room was expected; free some and publish again"
    case .historyBehind:
      "the node's disk was lost and its events are not all back; a node that has them was "
        + "expected; publish again when it has caught up"
    case .stopped: "the node has stopped; one that runs was expected; start it again"
    }
  }
}

extension SubscriptionRefusal {
  /// What is wrong; what was expected; what to do.
  var explanation: String {
    switch self {
    case .badName: "this is no name of a subscriber; another was expected; choose a shorter one"
    case .badFilter:
      "this is no type to look for; a type, a beginning with '.*' after it, or '*' was expected; "
        + "correct it"
    case .tooMany:
      "the node remembers as many subscribers as it may; a known name was expected; raise "
        + "'limits: {subscribers: …}'"
    case .unknownPosition:
      "the position lies beyond everything that the node has stored; an earlier one was expected; "
        + "look whether the node's folder was lost"
    case .stopped: "the node has stopped; one that runs was expected; start it again"
    }
  }
}
