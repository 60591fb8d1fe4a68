// The smallest protocol with a timeout: a question, an answer, and a timer that the answer cancels.
public import LabCore

/// Asks a peer again and again, and for each question reports an answer or a timeout, never both.
public struct PingPong: Instance, Hashable {
  /// What the nodes say to each other.
  public enum Message: WireMessage {
    /// A question with its number.
    case ping(UInt32)
    /// The answer to a question.
    case pong(UInt32)

    public func encode(into writer: inout ByteWriter) {
      switch self {
      case .ping(let round):
        writer.write(0 as UInt8)
        writer.write(round)
      case .pong(let round):
        writer.write(1 as UInt8)
        writer.write(round)
      }
    }

    public static func decode(_ bytes: Bytes) -> Message? {
      var reader = ByteReader(bytes)
      guard let kind = reader.read(UInt8.self), let round = reader.read(UInt32.self),
        reader.remaining == 0
      else { return nil }
      switch kind {
      case 0: return .ping(round)
      case 1: return .pong(round)
      default: return nil
      }
    }
  }

  /// The timers of a node that asks.
  public enum Timer: UInt32, TimerName {
    /// No answer came.
    case timeout
    /// It is time for the next question.
    case next
  }

  /// What a client asks.
  public enum Command: Hashable, Sendable {
    /// Ask a peer a number of times.
    case play(with: NodeID, rounds: UInt32)
  }

  /// What became of a question.
  public enum Report: Hashable, Sendable, StableHashable {
    /// The answer came in time, after a span of the node's own time.
    case answered(UInt32, after: Duration)
    /// No answer came in time.
    case timedOut(UInt32)

    public func hash(into hasher: inout StableHasher) {
      switch self {
      case .answered(let round, let after):
        hasher.combine(Int(round))
        hasher.combine(after.nanoseconds)
      case .timedOut(let round): hasher.combine(-1 - Int(round))
      }
    }
  }

  /// How the node behaves; everything but ``correct`` is a fault for a test to catch.
  public enum Rules: Hashable, Sendable {
    /// An answer cancels the timeout.
    case correct
    /// An answer leaves the timeout as it is.
    case leavesTheTimeout
  }

  /// How long an answer may take.
  public let patience: Duration
  /// The time from one question's end to the next question.
  public let pause: Duration
  private let rules: Rules
  private var peer = NodeID(0)
  private var round: UInt32 = 0
  private var rounds: UInt32 = 0
  private var askedAt = Instant.zero
  private var isWaiting = false

  /// Makes a node that asks when it is told to, and answers always.
  public init(
    patience: Duration = .milliseconds(50), pause: Duration = .milliseconds(10),
    rules: Rules = .correct
  ) {
    self.patience = patience
    self.pause = pause
    self.rules = rules
  }

  public mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    switch command {
    case .play(let peer, let rounds):
      (self.peer, self.rounds, round) = (peer, rounds, 0)
      ask(&step)
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    switch message {
    case .ping(let round): step.send(.pong(round), to: sender)
    case .pong(let answered):
      guard isWaiting, answered == round, sender == peer else { return }
      if rules == .correct { step.cancel(.timeout) }
      step.report(.answered(round, after: step.now - askedAt))
      finishRound(&step)
    }
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    switch timer {
    case .next: ask(&step)
    case .timeout:
      step.report(.timedOut(round))
      if isWaiting { finishRound(&step) }
    }
  }

  private mutating func ask(_ step: inout Step<Self>) {
    guard round < rounds else { return }
    round += 1
    (isWaiting, askedAt) = (true, step.now)
    step.send(.ping(round), to: peer)
    step.set(.timeout, after: patience)
  }

  private mutating func finishRound(_ step: inout Step<Self>) {
    isWaiting = false
    step.set(.next, after: pause)
  }
}
