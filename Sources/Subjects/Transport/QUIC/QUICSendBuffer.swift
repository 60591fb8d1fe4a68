// What one stream still has to send, and what may have to be sent again.
import LabCore

/// The bytes of a stream from the first that is not acknowledged.
///
/// ngtcp2 borrows them until they are acknowledged, so they stand in memory that does not move.
/// Where early data is refused, everything is still here and goes out again.
final class QUICSendBuffer {
  private struct Piece {
    var memory: UnsafeMutableBufferPointer<UInt8>
    /// The offset in the stream of its first byte.
    var start: UInt64
  }

  private var pieces: [Piece] = []
  /// Pieces before this one are freed.
  private var firstHeld = 0
  /// The piece with the next byte to send, and how many of its bytes were sent.
  private var sending = (piece: 0, offset: 0)
  /// How many bytes were written in all.
  private var length: UInt64 = 0
  /// Whether nothing will be written any more, and whether the peer was told.
  private(set) var isEnded = false
  private var isEndSent = false
  /// Whether the stream stands among the turns.
  var hasTurn = false

  deinit {
    for piece in pieces[firstHeld...] { piece.memory.deallocate() }
  }

  /// Whether something can be sent now.
  var hasMore: Bool { sending.piece < pieces.count || (isEnded && !isEndSent) }

  /// Bytes that were written and are not acknowledged yet.
  var heldBytes: Int { pieces[firstHeld...].reduce(0) { $0 + $1.memory.count } }

  /// Adds bytes, and maybe the end.
  func write(_ bytes: Bytes, isEnd: Bool) {
    isEnded = isEnded || isEnd
    guard !bytes.isEmpty else { return }
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0) }
    pieces.append(Piece(memory: memory, start: length))
    length += UInt64(bytes.count)
  }

  /// What is to be sent next, and whether the stream's end follows it.
  var next: (bytes: UnsafeMutableBufferPointer<UInt8>, isEnd: Bool) {
    guard sending.piece < pieces.count else {
      return (UnsafeMutableBufferPointer(start: nil, count: 0), isEnded)
    }
    let rest = pieces[sending.piece].memory[sending.offset...]
    return (
      UnsafeMutableBufferPointer(rebasing: rest), isEnded && sending.piece == pieces.count - 1
    )
  }

  /// Notes that so many bytes of ``next`` went into a packet, all of them with the end if it
  /// follows.
  func advance(_ count: Int) {
    let (bytes, isEnd) = next
    sending.offset += count
    guard count == bytes.count else { return }
    isEndSent = isEndSent || isEnd
    guard sending.piece < pieces.count else { return }
    sending = (sending.piece + 1, 0)
  }

  /// Frees what lies wholly before an offset.
  func acknowledge(upTo offset: UInt64) {
    while firstHeld < sending.piece,
      pieces[firstHeld].start + UInt64(pieces[firstHeld].memory.count) <= offset
    {
      pieces[firstHeld].memory.deallocate()
      firstHeld += 1
    }
    guard firstHeld > 64, firstHeld * 2 > pieces.count else { return }
    pieces.removeFirst(firstHeld)
    sending.piece -= firstHeld
    firstHeld = 0
  }

  /// Forgets that anything was sent; nothing may have been acknowledged.
  func rewind() {
    sending = (0, 0)
    isEndSent = false
  }
}
