// What one stream still has to send, and what may have to be sent again.
import DequeModule
import LabCore

/// The bytes of a stream from the first that is not acknowledged.
///
/// ngtcp2 borrows them until they are acknowledged. Nothing is copied: the buffer holds the
/// ``Bytes`` that were written, whose array nobody can change or move as long as it is held, and
/// hands out where its elements stand. Where early data is refused, everything is still here and
/// goes out again.
///
/// An endpoint is used by one thread at a time and no call comes back into a buffer, so what every
/// packet touches goes without the checks of exclusive access, which cost a third of the time.
final class QUICSendBuffer {
  private struct Piece {
    var bytes: Bytes
    /// The offset in the stream of its first byte.
    var start: UInt64

    var end: UInt64 { start + UInt64(bytes.count) }

    /// Where the bytes stand as long as the piece is held.
    var memory: UnsafeRawBufferPointer { bytes.withUnsafeBytes { $0 } }
  }

  /// The number of the stream.
  let id: Int64
  /// The oldest piece that is held; most streams have one only.
  @exclusivity(unchecked) private var oldest: Piece?
  /// Those behind it.
  @exclusivity(unchecked) private var others: Deque<Piece> = []
  /// How many of the pieces that are held were sent whole, and how many bytes of the next one.
  @exclusivity(unchecked) private var sent = (pieces: 0, bytes: 0)
  /// How many bytes were written in all.
  @exclusivity(unchecked) private var length: UInt64 = 0
  /// Whether nothing will be written any more, and whether the peer was told.
  @exclusivity(unchecked) private(set) var isEnded = false
  @exclusivity(unchecked) private var isEndSent = false
  /// Whether the stream stands among the turns.
  @exclusivity(unchecked) var hasTurn = false

  init(_ id: Int64) { self.id = id }

  /// The buffer that a callback's stream data points to; `nil` for a stream that sent nothing.
  ///
  /// Its connection holds it as long as ngtcp2 knows the pointer.
  static func of(_ pointer: UnsafeMutableRawPointer?) -> QUICSendBuffer? {
    pointer.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }

  /// What ngtcp2 keeps of it.
  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  private var count: Int { (oldest == nil ? 0 : 1) + others.count }

  /// Whether something can be sent now.
  var hasMore: Bool { sent.pieces < count || (isEnded && !isEndSent) }

  /// Bytes that were written and are not acknowledged yet.
  var heldBytes: Int { Int(length - (oldest?.start ?? length)) }

  /// Adds bytes, and maybe the end.
  func write(_ bytes: Bytes, isEnd: Bool) {
    isEnded = isEnded || isEnd
    guard !bytes.isEmpty else { return }
    let piece = Piece(bytes: bytes, start: length)
    if oldest == nil { oldest = piece } else { others.append(piece) }
    length += UInt64(bytes.count)
  }

  /// What is to be sent next, and whether the stream's end follows it.
  var next: (bytes: UnsafeRawBufferPointer, isEnd: Bool) {
    let (place, count) = (sent.pieces, count)
    guard place < count, let first = oldest else {
      return (UnsafeRawBufferPointer(start: nil, count: 0), isEnded)
    }
    let memory = place == 0 ? first.memory : others[place - 1].memory
    return (
      UnsafeRawBufferPointer(rebasing: memory[sent.bytes...]), isEnded && place == count - 1
    )
  }

  /// Notes that so many bytes of ``next`` went into a packet, all of them with the end if it
  /// follows.
  func advance(_ count: Int) {
    let (bytes, isEnd) = next
    sent.bytes += count
    guard count == bytes.count else { return }
    isEndSent = isEndSent || isEnd
    if sent.pieces < self.count { sent = (sent.pieces + 1, 0) }
  }

  /// Lets go of what lies wholly before an offset.
  func acknowledge(upTo offset: UInt64) {
    while let piece = oldest, sent.pieces > 0, piece.end <= offset {
      oldest = others.isEmpty ? nil : others.removeFirst()
      sent.pieces -= 1
    }
  }

  /// Sends nothing more; what was sent is held until it is acknowledged.
  func giveUp() {
    isEnded = true
    isEndSent = true
    sent = (count, 0)
  }

  /// Forgets that anything was sent; nothing may have been acknowledged.
  func rewind() {
    sent = (0, 0)
    isEndSent = false
  }
}
