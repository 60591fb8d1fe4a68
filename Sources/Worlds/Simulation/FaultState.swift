// Faults: when they begin and end, and which nodes they keep apart meanwhile.
import LabCore
import Network
import Statistics

/// The faults of a world and the ones that are active.
struct FaultState {
  /// A fault that has begun and not ended.
  struct Active {
    var fault: Int
    var occurrence: Int
    /// Deliveries that a clog holds back, as tags of the queue.
    var held: [UInt32] = []
  }

  let faults: [FaultDescription]
  let nodes: Int
  var active: [Active] = []
  /// Events that were held back and happen now, oldest first.
  var released: [UInt32] = []
  private var streams: [RandomStream]
  private var occurrences: [Int]

  init(_ faults: [FaultDescription], nodes: Int, seed: Seed) {
    self.faults = faults
    self.nodes = nodes
    streams = faults.indices.map { seed.child($0).stream() }
    occurrences = Array(repeating: 0, count: faults.count)
    for fault in faults {
      Self.check(fault.kind, nodes: nodes)
      precondition(fault.duration ?? .zero >= .zero, "a fault lasts a negative time")
    }
  }

  /// Every beginning that is known before the world starts.
  mutating func firstTimes() -> [(fault: Int, at: Instant)] {
    var times: [(Int, Instant)] = []
    for index in faults.indices {
      switch faults[index].times {
      case .at(let instants): times += instants.map { (index, $0) }
      case .every: times += next(of: index, after: .zero).map { [(index, $0)] } ?? []
      }
    }
    return times
  }

  /// When a fault that comes again and again begins next.
  mutating func next(of fault: Int, after end: Instant) -> Instant? {
    guard case .every(let law) = faults[fault].times else { return nil }
    let seconds = max(0, law.sample(&streams[fault]))
    return Duration(seconds: seconds).map { end + $0 }
  }

  mutating func begin(_ fault: Int) -> Int {
    occurrences[fault] += 1
    active.append(Active(fault: fault, occurrence: occurrences[fault]))
    return occurrences[fault]
  }

  mutating func end(_ fault: Int, occurrence: Int) -> Active? {
    guard
      let place = active.firstIndex(where: { $0.fault == fault && $0.occurrence == occurrence })
    else { return nil }
    return active.remove(at: place)
  }

  /// Whether a fault of exactly this kind is active.
  func isActive(_ kind: FaultKind) -> Bool { active.contains { faults[$0.fault].kind == kind } }

  /// Whether an active fault skews the clock of a node.
  func isSkewed(_ node: NodeID) -> Bool {
    active.contains {
      guard case .clockSkew(node, _, _) = faults[$0.fault].kind else { return false }
      return true
    }
  }

  /// Whether an active fault loses datagrams between two nodes.
  func isBlocked(from sender: UInt32, to receiver: UInt32) -> Bool {
    sender != receiver
      && active.contains { blocks(faults[$0.fault].kind, Int(sender), Int(receiver)) }
  }

  /// The place among the active faults of one that holds datagrams back between two nodes.
  func clog(from sender: UInt32, to receiver: UInt32) -> Int? {
    guard sender != receiver else { return nil }
    return active.firstIndex { active in
      guard case .clog(let from, let to) = faults[active.fault].kind else { return false }
      return from.contains(NodeID(Int(sender))) && to.contains(NodeID(Int(receiver)))
    }
  }

  private func blocks(_ kind: FaultKind, _ sender: Int, _ receiver: Int) -> Bool {
    switch kind {
    case .partition(let groups):
      return !groups.contains {
        $0.contains(NodeID(sender)) && $0.contains(NodeID(receiver))
      }
    case .oneWay(let from, let to):
      return from.contains(NodeID(sender)) && to.contains(NodeID(receiver))
    case .bridge(let bridge):
      let middle = Int(bridge.index)
      if sender == middle || receiver == middle { return false }
      // The others in their order, cut in the middle.
      let half = (nodes - 1) / 2
      func isLeft(_ node: Int) -> Bool { (node > middle ? node - 1 : node) < half }
      return isLeft(sender) != isLeft(receiver)
    case .majoritiesRing:
      // With n nodes a majority is n / 2 + 1; a node sees itself and as many on either side as make
      // one.
      let reach = (nodes / 2 + 1) / 2
      let distance = abs(sender - receiver)
      // Three nodes on a ring all see each other: one side of the triangle is cut instead.
      if nodes == 3 { return distance == 2 }
      return min(distance, nodes - distance) > reach
    case .clog, .crash, .pause, .clockSkew: return false
    }
  }

  private static func check(_ kind: FaultKind, nodes: Int) {
    let named: [NodeID]
    switch kind {
    case .partition(let groups): named = groups.flatMap { $0 }
    case .oneWay(let from, let to), .clog(let from, let to): named = from + to
    case .bridge(let node), .crash(let node), .pause(let node), .clockSkew(let node, _, _):
      named = [node]
    case .majoritiesRing: named = []
    }
    for node in named {
      precondition(Int(node.index) < nodes, "a fault names \(node) among \(nodes) nodes")
    }
    if case .clockSkew(_, _, let rate) = kind {
      precondition(rate > 0 && rate.isFinite, "a clock runs at a positive rate, not \(rate)")
    }
  }
}
