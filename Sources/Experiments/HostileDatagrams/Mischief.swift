// What a network of strangers does to datagrams.
import LabCore
import Transport

/// Lets every datagram through, and sends bent, cut, joined and old ones with it, from its sender's
/// address and from others.
struct Mischief {
  /// How many hostile datagrams travel with each of the two ends'.
  let hostilePerDatagram: Int
  /// Whether the datagram itself is left out.
  let losesOriginals: Bool
  private var random: RandomStream
  /// Some earlier datagrams, for replays.
  private var earlier: [Bytes] = []
  /// How many hostile datagrams there were.
  private(set) var count = 0

  private static let remembered = 64

  init(hostilePerDatagram: Int, losesOriginals: Bool, seed: Seed) {
    self.hostilePerDatagram = hostilePerDatagram
    self.losesOriginals = losesOriginals
    random = seed.stream()
  }

  /// What travels in the place of a datagram, each with the stranger that it comes from, if it does
  /// not come from the datagram's sender.
  mutating func bend(_ datagram: Bytes) -> [(datagram: Bytes, stranger: QUICAddress?)] {
    var result: [(datagram: Bytes, stranger: QUICAddress?)] = []
    if !losesOriginals { result.append((datagram, nil)) }
    for _ in 0..<hostilePerDatagram {
      count += 1
      let isStranger = random.below(4) == 0
      result.append((hostile(datagram), isStranger ? stranger() : nil))
    }
    if earlier.count < Self.remembered {
      earlier.append(datagram)
    } else {
      earlier[random.below(Self.remembered)] = datagram
    }
    return result
  }

  private mutating func hostile(_ datagram: Bytes) -> Bytes {
    var bytes = datagram.array
    switch random.below(7) {
    case 0:
      bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
    case 1:
      for _ in 0...random.below(16) {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
    case 2:
      bytes.removeLast(random.below(bytes.count + 1))
    case 3:
      bytes += (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    case 4:
      // The fields that tell the version, and the lengths of the connection ids.
      bytes[random.below(min(8, bytes.count))] = UInt8(truncatingIfNeeded: random.next())
    case 5:
      // Another datagram's end behind this one's beginning.
      let other = old(datagram)
      let place = random.below(min(bytes.count, other.count) + 1)
      bytes = Array(bytes[..<place]) + other.array[place...]
    default:
      return old(datagram)
    }
    return Bytes(bytes)
  }

  private mutating func old(_ datagram: Bytes) -> Bytes {
    earlier.isEmpty ? datagram : earlier[random.below(earlier.count)]
  }

  private mutating func stranger() -> QUICAddress {
    let bytes = random.next()
    return QUICAddress(
      203, 0, 113, UInt8(truncatingIfNeeded: bytes),
      port: UInt16(truncatingIfNeeded: bytes >> 16) | 1)
  }
}
