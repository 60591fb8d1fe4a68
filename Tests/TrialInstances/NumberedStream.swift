// A stream of numbered items that says when one is missing, twice there or out of place.
public import LabCore

/// Sends numbered items to a peer as fast as it is told to, and reports what arrives.
///
/// It repairs nothing: over a bare link it shows what the link does, over a ``GoBackN`` that
/// nothing is lost, doubled or overtaken.
public struct NumberedStream: Instance, Hashable {
  /// One item: its number and bytes that follow from the number.
  public struct Message: WireMessage {
    /// The number, counted from 0.
    public var number: UInt32
    /// The filling.
    public var filling: Bytes

    /// Makes the item with a number.
    public init(number: UInt32, length: Int) {
      self.number = number
      filling = Self.filling(of: number, length: length)
    }

    private static func filling(of number: UInt32, length: Int) -> Bytes {
      Bytes((0..<length).map { UInt8(truncatingIfNeeded: Int(number) &* 31 &+ $0) })
    }

    public func encode(into writer: inout ByteWriter) {
      writer.write(number)
      writer.write(counted: filling)
    }

    public static func decode(_ bytes: Bytes) -> Message? {
      var reader = ByteReader(bytes)
      guard let number = reader.read(UInt32.self), let filling = reader.readCounted(),
        reader.remaining == 0
      else { return nil }
      let message = Message(number: number, length: filling.count)
      return message.filling == filling ? message : nil
    }
  }

  /// What a client asks.
  public enum Command: Hashable, Sendable {
    /// Send the next items, each with a filling of a length.
    case send(count: UInt32, length: Int, to: NodeID)
  }

  /// What arrived.
  public struct Report: Hashable, Sendable, StableHashable {
    /// The number of the item.
    public var number: UInt32
    /// Whose item it is.
    public var sender: NodeID

    /// Describes an arrival.
    public init(number: UInt32, sender: NodeID) {
      self.number = number
      self.sender = sender
    }

    public func hash(into hasher: inout StableHasher) {
      hasher.combine(Int(number))
      hasher.combine(Int(sender.index))
    }
  }

  private var nextNumber: UInt32 = 0

  /// Makes a node that has sent nothing.
  public init() {}

  public mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    switch command {
    case .send(let count, let length, let receiver):
      for _ in 0..<count {
        step.send(Message(number: nextNumber, length: length), to: receiver)
        nextNumber += 1
      }
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    step.report(Report(number: message.number, sender: sender))
  }
}
