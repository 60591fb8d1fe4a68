// The bytes that one end of a connection has been given to send, kept until they are acknowledged.
import LabCore

/// A stream of messages, each with some bytes of its own in front and filling behind them.
///
/// Filling is a pattern of the position in the stream, so that a byte out of place is seen, and
/// takes no memory.
struct OutgoingStream: Hashable, Sendable {
  private struct Piece: Hashable, Sendable {
    var start: Int
    var head: Bytes
  }

  /// One whole turn of the pattern and the longest run that is cut from it.
  private static let pattern = Bytes((0..<turn + longestRun).map { UInt8($0 % turn) })
  private static let turn = 251
  private static let longestRun = 1 << 16

  /// The heads that may still be needed, in the order of the stream.
  private var pieces: [Piece] = []
  /// The position behind the last byte.
  private(set) var end = 0

  /// The filling at a position.
  static func filling(at position: Int) -> UInt8 { UInt8(position % turn) }

  /// Adds a message.
  ///
  /// - Parameters:
  ///   - head: Its first bytes.
  ///   - length: Its length with the head, at least that of the head.
  mutating func append(_ head: Bytes, length: Int) {
    if !head.isEmpty { pieces.append(Piece(start: end, head: head)) }
    end += max(length, head.count)
  }

  /// The bytes of a range, which has not been forgotten.
  ///
  /// - Complexity: Constant where there is only filling, linear in the length elsewhere.
  func bytes(_ range: Range<Int>) -> Bytes {
    let first = firstPiece(endingAfter: range.lowerBound)
    guard first < pieces.count, pieces[first].start < range.upperBound else {
      return Self.run(range)
    }
    var result = Self.run(range).array
    for piece in pieces[first...] {
      guard piece.start < range.upperBound else { break }
      for (place, byte) in piece.head.enumerated() where range.contains(piece.start + place) {
        result[piece.start + place - range.lowerBound] = byte
      }
    }
    return Bytes(result)
  }

  /// Gives up what lies before a position.
  mutating func forget(before position: Int) {
    let kept = firstPiece(endingAfter: position)
    if kept > 0 { pieces.removeFirst(kept) }
  }

  private static func run(_ range: Range<Int>) -> Bytes {
    let phase = range.lowerBound % turn
    guard range.count <= longestRun else { return Bytes(range.map(filling)) }
    return pattern.slice(phase..<phase + range.count)
  }

  /// The index of the first piece whose head ends behind a position.
  private func firstPiece(endingAfter position: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start + pieces[middle].head.count > position {
        high = middle
      } else {
        low = middle + 1
      }
    }
    return low
  }
}
