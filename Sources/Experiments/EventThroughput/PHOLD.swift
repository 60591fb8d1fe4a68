// The standard load for event simulators: messages that hop between random nodes for ever.
import LabCore

/// A node of PHOLD: every message that arrives sends one to a node chosen at random.
///
/// Beside the message each arrival sets a timer again that fires only when the node has had nothing
/// to do for a while, which is how protocols use timers.
/// > Reference: Fujimoto, *Performance of Time Warp Under Synthetic Workloads*, SCS 1990.
struct PHOLD: Instance {
  /// A message without content; its size is that of an empty datagram.
  struct Message: WireMessage {
    var wireBytes: Int { 0 }
    func encode(into writer: inout ByteWriter) {}
    static func decode(_ bytes: Bytes) -> Message? { bytes.isEmpty ? Message() : nil }
    func hash(into hasher: inout StableHasher) {}
  }

  enum Timer: UInt32, TimerName {
    case idle
  }

  /// How many nodes there are.
  let nodes: Int
  /// How many messages this node puts under way at the start.
  let initial: Int
  /// How many of the first arrivals are not sent on; a planted burst when it is not 0.
  let swallowed: Int
  /// How many messages have arrived.
  var arrivals = 0
  /// How often the node had nothing to do for ``idleLimit``.
  var idles = 0
  /// How long the timer waits.
  let idleLimit: Duration

  init(nodes: Int, initial: Int, swallowed: Int = 0, idleLimit: Duration = .seconds(10)) {
    self.nodes = nodes
    self.initial = initial
    self.swallowed = swallowed
    self.idleLimit = idleLimit
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    for _ in 0..<initial { step.send(Message(), to: NodeID(step.random.below(nodes))) }
  }

  mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    arrivals &+= 1
    if arrivals > swallowed { step.send(message, to: NodeID(step.random.below(nodes))) }
    step.set(.idle, after: idleLimit)
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) { idles &+= 1 }
}
