// What travels in the byte stream of a connection: handshake flights, requests and responses.
import LabCore

/// One unit of the stream, which says in its first bytes what it is.
enum StreamUnit: Hashable, Sendable {
  /// A flight of the handshake, by its place among the flights.
  case flight(Int)
  /// A request or a response.
  case message(ExchangeHead)

  /// The first bytes of the unit: those of an ``ExchangeHead``, with a number below 0 for a flight.
  var head: Bytes {
    switch self {
    case .message(let head): return head.encoded
    case .flight(let place):
      var writer = ByteWriter()
      writer.write(Int64(-1 - place))
      writer.write(0 as UInt64)
      return writer.finish()
    }
  }

  /// Reads the first bytes of a unit.
  ///
  /// - Returns: `nil` when the bytes begin no unit.
  init?(head: Bytes) {
    var reader = ByteReader(head)
    if let number = reader.read(Int64.self), number < 0 {
      guard number >= -8, reader.read(UInt64.self) == 0 else { return nil }
      self = .flight(-1 - Int(number))
    } else {
      guard let message = ExchangeHead(head) else { return nil }
      self = .message(message)
    }
  }
}

/// How many bytes units take in the stream, known to both ends.
struct StreamFraming: Hashable, Sendable {
  let handshake: TLSHandshake
  let http: HTTPFraming?

  /// The bytes of a unit; `nil` for a flight that the handshake does not have.
  func bytes(of unit: StreamUnit) -> Int? {
    switch unit {
    case .flight(let place):
      return handshake.flights.indices.contains(place) ? handshake.flights[place].bytes : nil
    case .message(let head):
      var bytes = head.bytes
      if let http { bytes += head.isRequest ? http.requestBytes : http.responseBytes }
      return handshake.streamBytes(for: bytes)
    }
  }
}

/// Cuts the bytes of a stream into units.
struct IncomingStream: Hashable, Sendable {
  private let framing: StreamFraming
  private var head: [UInt8] = []
  private var current: StreamUnit?
  private var rest = 0
  /// How many bytes have been read.
  private(set) var position = 0

  init(_ framing: StreamFraming) { self.framing = framing }

  /// Reads bytes of the stream.
  ///
  /// - Returns: The units that they end, in order; `nil` when they are no units, so that the stream
  ///   cannot be read any further.
  mutating func take(_ bytes: Bytes) -> [StreamUnit]? {
    var units: [StreamUnit] = []
    var bytes = bytes
    while !bytes.isEmpty {
      if let unit = current {
        let skipped = min(rest, bytes.count)
        rest -= skipped
        position += skipped
        bytes = bytes.slice(skipped..<bytes.count)
        guard rest == 0 else { break }
        units.append(unit)
        current = nil
      } else {
        let missing = min(ExchangeHead.size - head.count, bytes.count)
        head += bytes.slice(0..<missing)
        position += missing
        bytes = bytes.slice(missing..<bytes.count)
        guard head.count == ExchangeHead.size else { break }
        guard let unit = StreamUnit(head: Bytes(head)), let length = framing.bytes(of: unit),
          length >= ExchangeHead.size
        else { return nil }
        head = []
        rest = length - ExchangeHead.size
        current = unit
        if rest == 0 {
          units.append(unit)
          current = nil
        }
      }
    }
    return units
  }
}
