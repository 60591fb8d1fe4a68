// A trial Instance that sends numbered letters and reports what arrives.
import LabCore

/// Sends letters on command, answers those that ask for it, and reports every arrival.
struct Courier: Instance {
  /// A numbered letter with the time of its sending and a checksum.
  struct Letter: WireMessage {
    var number: UInt32
    var asksForAnswer = false
    var sentAt: Instant
    var payload: Bytes

    /// The bytes of a letter without payload.
    static let overhead = 26
    private static let mark: UInt8 = 0xc0

    private var checksum: UInt64 {
      var hasher = StableHasher()
      hasher.combine(UInt64(number))
      hasher.combine(asksForAnswer ? 1 : 0)
      hasher.combine(sentAt.nanoseconds)
      hasher.combine(payload)
      return hasher.finalize()
    }

    func encode(into writer: inout ByteWriter) {
      writer.write(Self.mark)
      writer.write(UInt8(asksForAnswer ? 1 : 0))
      writer.write(number)
      writer.write(sentAt.nanoseconds)
      writer.write(checksum)
      writer.write(payload.length)
      writer.write(raw: payload.array)
    }

    static func decode(_ bytes: Bytes) -> Letter? {
      var reader = ByteReader(bytes)
      guard reader.read(UInt8.self) == mark, let asks = reader.read(UInt8.self), asks <= 1,
        let number = reader.read(UInt32.self), let sentAt = reader.read(Int64.self),
        let checksum = reader.read(UInt64.self), let payload = reader.readCounted(),
        reader.remaining == 0
      else { return nil }
      let letter = Letter(
        number: number, asksForAnswer: asks == 1, sentAt: Instant(nanoseconds: sentAt),
        payload: payload)
      return letter.checksum == checksum ? letter : nil
    }
  }

  /// Letters to send in one handler.
  struct Command: Sendable {
    var letters = 1
    var firstNumber: UInt32 = 0
    var size = 0
    var receiver: NodeID
    var asksForAnswer = false
  }

  /// A letter that arrived.
  struct Report: Hashable, Sendable, StableHashable {
    var number: UInt32
    var sender: NodeID
    var size: Int
    var travelled: Duration

    func hash(into hasher: inout StableHasher) { hasher.combine(UInt64(number)) }
  }

  typealias Message = Letter

  mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    let payload = Bytes([UInt8](repeating: 0x5a, count: command.size))
    for number in 0..<command.letters {
      let letter = Letter(
        number: command.firstNumber + UInt32(number), asksForAnswer: command.asksForAnswer,
        sentAt: step.now, payload: payload)
      step.send(letter, to: command.receiver)
    }
  }

  mutating func receive(_ letter: Letter, from sender: NodeID, _ step: inout Step<Self>) {
    step.report(
      Report(
        number: letter.number, sender: sender, size: letter.payload.count,
        travelled: step.now - letter.sentAt))
    if letter.asksForAnswer {
      var answer = letter
      answer.asksForAnswer = false
      step.send(answer, to: sender)
    }
  }
}
