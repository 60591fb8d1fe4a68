import LabCore
import Testing

@testable import Transport

@Suite struct `TCP segments` {
  private var samples: [TCPSegment] {
    var first = TCPSegment(
      port: 40_000, flags: [.synchronise, .fromOpener], sequence: .max, acknowledgement: 0)
    first.maximumSegment = 1_460
    var data = TCPSegment(
      port: 1, flags: [.acknowledge, .push], sequence: 7, acknowledgement: 1 << 31)
    (data.window, data.timestamp, data.echo) = (24_576, 1_000, 999)
    data.payload = Bytes((0..<1_448).map { UInt8($0 % 256) })
    var holes = data
    holes.payload = .empty
    holes.blocks = [.init(start: 1, end: 2), .init(start: 5, end: 9), .init(start: 20, end: 21)]
    return [first, data, holes]
  }

  @Test func `are read as they were written, in the length they state`() {
    for segment in samples {
      #expect(TCPSegment.decode(segment.encoded()) == segment)
      #expect(segment.encoded().count == segment.wireBytes)
    }
  }

  @Test func `make packets of the size that TCP's are, with the 28 bytes of the link`() {
    // 20 of IPv4, 20 of TCP, then 20 of options in a first segment, 12 of timestamps in all others.
    #expect(samples.map { $0.wireBytes + 28 } == [60, 1_500, 52 + 4 + 24])
  }

  @Test func `with any one byte changed are no segments`() {
    for segment in samples {
      let bytes = segment.encoded().array
      for place in bytes.indices {
        for change in [1, 0x80, 0xff] as [UInt8] {
          var changed = bytes
          changed[place] ^= change
          #expect(TCPSegment.decode(Bytes(changed)) == nil, "byte \(place)")
        }
      }
    }
  }

  @Test func `cut short are no segments`() {
    for segment in samples {
      let bytes = segment.encoded()
      for length in 0..<bytes.count { #expect(TCPSegment.decode(bytes.slice(0..<length)) == nil) }
    }
  }

  @Test func `count positions across the end of the sequence numbers`() {
    let first = UInt32.max - 10
    for position in [0, 5, 11, 12, 1 << 32, 5 << 32 | 77] {
      let number = SequenceNumber.wrap(position, from: first)
      for distance in [-1_000_000, 0, 1_000_000] {
        #expect(
          SequenceNumber.unwrap(number, from: first, near: position + distance) == position)
      }
    }
  }
}
