// Captures: their structure, block by block, and what tshark reads in them.
import Foundation
import LabCore
import Network
import Testing

@testable import Simulation

/// The blocks of a capture, read without any of the code that wrote it.
private struct Capture {
  struct Packet {
    var time: UInt64
    var bytes: [UInt8]
    var comment: String?
  }

  var sections = 0
  var linkTypes: [Int] = []
  var timeUnits: [UInt8] = []
  var packets: [Packet] = []
  /// What breaks the format, in words.
  var faults: [String] = []

  private let file: [UInt8]

  private func number(_ place: Int, _ width: Int) -> Int {
    (0..<width).reduce(0) { $0 | Int(file[place + $1]) << (8 * $1) }
  }

  init(_ bytes: Bytes) {
    file = bytes.array
    var place = 0
    while place < file.count {
      guard file.count - place >= 12 else {
        faults.append("\(file.count - place) bytes after the last block")
        return
      }
      let (type, length) = (number(place, 4), number(place + 4, 4))
      guard length % 4 == 0, length >= 12, place + length <= file.count,
        number(place + length - 4, 4) == length
      else {
        faults.append("block at \(place) with a length of \(length)")
        return
      }
      block(type, place + 8, place + length - 4)
      place += length
    }
  }

  private mutating func block(_ type: Int, _ start: Int, _ end: Int) {
    switch type {
    case 0x0a0d_0d0a:
      sections += 1
      if number(start, 4) != 0x1a2b_3c4d { faults.append("byte-order magic") }
      if number(start + 4, 2) != 1 || number(start + 6, 2) != 0 { faults.append("version") }
    case 1:
      linkTypes.append(number(start, 2))
      for option in options(start + 8, end) where option.code == 9 { timeUnits += option.content }
    case 6:
      let (captured, original) = (number(start + 12, 4), number(start + 16, 4))
      if captured != original { faults.append("a packet of \(captured) of \(original) bytes") }
      let time = UInt64(number(start + 4, 4)) << 32 | UInt64(number(start + 8, 4))
      let after = start + 20 + (captured + 3) / 4 * 4
      let comment = options(after, end).first { $0.code == 1 }
      packets.append(
        Packet(
          time: time, bytes: Array(file[start + 20..<start + 20 + captured]),
          comment: comment.map { String(decoding: $0.content, as: UTF8.self) }))
    default: faults.append("a block of type \(type)")
    }
  }

  private mutating func options(_ start: Int, _ end: Int) -> [(code: Int, content: [UInt8])] {
    var (place, found): (Int, [(Int, [UInt8])]) = (start, [])
    while place < end {
      let (code, length) = (number(place, 2), number(place + 2, 2))
      if code == 0 {
        if place + 4 != end { faults.append("bytes after the last option") }
        return found
      }
      found.append((code, Array(file[place + 4..<place + 4 + length])))
      place += 4 + (length + 3) / 4 * 4
    }
    if start < end { faults.append("options without an end") }
    return found
  }
}

@Suite struct `Packet captures` {
  /// The packets that a trace means: payload length, time and why it was lost.
  private struct Expected: Equatable {
    var length: Int
    var time: Int64
    var comment: String?
  }

  private func expected(of trace: Trace) -> [Expected] {
    trace.events.compactMap { event in
      switch event.kind {
      case .received(_, _, let payload):
        Expected(length: payload.count + 28, time: event.time.nanoseconds, comment: nil)
      case .lost(_, let reason, let payload) where payload.count <= 65_507:
        Expected(
          length: payload.count + 28, time: event.time.nanoseconds, comment: "lost: \(reason)")
      default: nil
      }
    }
  }

  private func checksum(_ header: [UInt8]) -> Int {
    var sum = stride(from: 0, to: header.count, by: 2).reduce(0) {
      $0 + Int(header[$1]) << 8 + Int(header[$1 + 1])
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return sum
  }

  @Test func `have the structure of pcapng, and one packet for each arrival and loss`() {
    let trace = SmallRun.trace()
    let capture = Capture(PacketCapture.pcapng(trace))
    #expect(capture.faults.isEmpty, "\(capture.faults)")
    #expect(capture.sections == 1 && capture.linkTypes == [101] && capture.timeUnits == [9])
    let found = capture.packets.map {
      Expected(length: $0.bytes.count, time: Int64($0.time), comment: $0.comment)
    }
    #expect(found == expected(of: trace))
    #expect(found.contains { $0.comment != nil } && found.contains { $0.comment == nil })
  }

  @Test func `hold IPv4 and UDP packets whose lengths and checksums are right`() {
    for packet in Capture(PacketCapture.pcapng(SmallRun.trace())).packets.map(\.bytes) {
      #expect(packet[0] == 0x45 && packet[9] == 17)
      #expect(Int(packet[2]) << 8 | Int(packet[3]) == packet.count)
      #expect(Int(packet[24]) << 8 | Int(packet[25]) == packet.count - 20)
      #expect(checksum(Array(packet[..<20])) == 0xffff)
      #expect(packet[12] == 10 && packet[16] == 10 && (1...3).contains(packet[15]))
    }
  }

  private func sizes() -> Trace {
    var world = SimulatedWorld(2, LinkModel(delay: .constant(.milliseconds(1))))
    world.trace = Trace()
    for bytes in [4, 5, 6, 7, 1_472, 65_506, 65_507, 65_508] {
      world.ask(.send(1, to: [1], bytes: bytes), of: 0, at: Int64(bytes))
    }
    world.run(until: .after(100_000))
    return world.trace ?? Trace()
  }

  @Test func `pad payloads of every length, and leave out what no packet holds`() {
    let capture = Capture(PacketCapture.pcapng(sizes()))
    #expect(capture.faults.isEmpty, "\(capture.faults)")
    #expect(
      capture.packets.map { $0.bytes.count - 28 } == [4, 5, 6, 7, 1_472, 65_506, 65_507])
  }

  @Test func `of nothing are a file without packets`() {
    let capture = Capture(PacketCapture.pcapng(Trace()))
    #expect(capture.faults.isEmpty && capture.packets.isEmpty && capture.sections == 1)
  }

  @Test func `that are cut or bent are noticed by the structural check`() {
    let whole = PacketCapture.pcapng(SmallRun.trace())
    #expect(!Capture(whole.slice(0..<whole.count - 3)).faults.isEmpty)
    var bent = whole.array
    bent[4] ^= 4
    #expect(!Capture(Bytes(bent)).faults.isEmpty)
  }

  private static let tshark = ProcessInfo.processInfo.environment["PATH", default: ""]
    .split(separator: ":").map { "\($0)/tshark" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// One line a packet, as tshark prints it.
  private func lines(of capture: Bytes) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "capture-\(ProcessInfo.processInfo.globallyUniqueString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "run.pcapng")
    try Data(capture.array).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.tshark))
    process.arguments = ["-n", "-r", file.path, "-T", "fields", "-E", "separator=|"]
    for field in [
      "frame.len", "frame.time_epoch", "ip.src", "ip.dst", "udp.length", "frame.comment",
      "_ws.malformed",
    ] {
      process.arguments? += ["-e", field]
    }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(.enabled(if: tshark != nil, "tshark is not installed; apt-get install tshark"))
  func `are read by tshark with the same packets, lengths and comments`() throws {
    for trace in [SmallRun.trace(), sizes()] {
      let packets = expected(of: trace)
      let lines = try lines(of: PacketCapture.pcapng(trace))
      #expect(lines.count == packets.count)
      for (line, packet) in zip(lines, packets) {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        try #require(fields.count == 7)
        #expect(fields[0] == "\(packet.length)" && fields[4] == "\(packet.length - 20)")
        #expect(fields[1] == Instant(nanoseconds: packet.time).description.dropLast())
        #expect(fields[2].hasPrefix("10.0.0.") && fields[3].hasPrefix("10.0.0."))
        #expect(fields[5] == packet.comment ?? "")
        #expect(fields[6].isEmpty)
      }
    }
  }
}
