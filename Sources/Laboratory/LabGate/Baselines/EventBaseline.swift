// The events of a trial in short, so that a fingerprint that differs can say where.

import Journal
import LabCore
import LabRecord

/// The lines of a trial's `events.txt`, each kept as 24 bits of its hash.
///
/// The file is text: a line with form, count and SHA-256 of the rest, then four letters an event,
/// 24 events a line. Two lines that differ look alike with a chance of one in 16 million, so a
/// difference may be named one event late, and never where there is none.
public struct EventBaseline: Hashable, Sendable {
  /// The most events that are kept; a trial with more is compared as far as that.
  public static let eventsMax = 100_000
  private static let form = "fleetlab-events"
  private static let currentFormat = 1
  private static let perLine = 24
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The hash of each event in its four letters.
  private let hashes: [String]

  /// Keeps events.
  public init(lines: [String]) { hashes = lines.prefix(Self.eventsMax).map(Self.hash) }

  private init(hashes: [String]) { self.hashes = hashes }

  /// How many events are kept.
  public var count: Int { hashes.count }

  /// The path of the file of a trial in a folder of events.
  public static func path(in folder: String, cell: String, arm: String) -> String {
    "\(folder)/\(cell)-\(arm).txt"
  }

  private static func hash(_ line: String) -> String {
    var hasher = StableHasher()
    hasher.combine(line)
    let bits = hasher.finalize()
    let word = stride(from: 18, through: 0, by: -6).map { shift in
      letters[Int((bits >> UInt64(shift)) & 63)]
    }
    return String(decoding: word, as: UTF8.self)
  }

  /// The first of some events that differs, in words.
  ///
  /// - Returns: `nil` when all that are kept agree.
  public func firstDifference(to lines: [String]) -> String? {
    let now = lines.prefix(Self.eventsMax)
    for (index, (kept, line)) in zip(hashes, now).enumerated() where kept != Self.hash(line) {
      return "event \(index) is the first to differ: \(line)"
    }
    if now.count > count { return "event \(count) is new: \(now[count])" }
    if now.count < count { return "after \(now.count) of \(count) events there are no more" }
    return nil
  }

  /// The content of the file.
  public var text: String {
    var body = ""
    for start in stride(from: 0, to: hashes.count, by: Self.perLine) {
      body += hashes[start..<min(start + Self.perLine, hashes.count)].joined() + "\n"
    }
    let digest = ContentDigest.sha256(Array(body.utf8))
    return "\(Self.form) \(Self.currentFormat) \(hashes.count) \(digest)\n" + body
  }

  /// Replaces or makes the file of a trial, and the folders above it.
  ///
  /// - Throws: ``BaselineError/unwritable(path:reason:)``.
  public func write(in folder: String, cell: String, arm: String) throws(BaselineError) {
    let path = Self.path(in: folder, cell: cell, arm: arm)
    try BaselineFolder.make(folder)
    do {
      try AtomicFile.write(text, to: path)
    } catch { throw .unwritable(path: path, reason: "\(error)") }
  }

  /// Reads a file and checks it.
  ///
  /// - Throws: ``BaselineError``.
  public static func load(path: String) throws(BaselineError) -> EventBaseline {
    let bytes: [UInt8]
    do throws(RecordError) {
      bytes = try RecordFile.read(path, limit: 5 * eventsMax)
    } catch { throw .unreadable(error) }
    return try decode(String(decoding: bytes, as: UTF8.self), path: path)
  }

  static func decode(_ text: String, path: String) throws(BaselineError) -> EventBaseline {
    guard let end = text.firstIndex(of: "\n") else {
      throw .damaged(path: path, reason: "the file has no first line")
    }
    let head = text[..<end].split(separator: " ")
    guard head.count == 4, head[0] == form, let format = Int(head[1]), let count = Int(head[2])
    else { throw .damaged(path: path, reason: "the first line is not that of a file of events") }
    guard format <= currentFormat else { throw .newer(path: path, format: format) }
    let body = text[text.index(after: end)...]
    guard ContentDigest.sha256(Array(body.utf8)) == head[3] else {
      throw .damaged(path: path, reason: "the content differs from its checksum")
    }
    let words = Array(body.utf8.filter { $0 != UInt8(ascii: "\n") })
    guard count >= 0, count <= eventsMax, words.count == 4 * count else {
      throw .damaged(path: path, reason: "the file does not hold \(count) events")
    }
    return EventBaseline(
      hashes: (0..<count).map { String(decoding: words[(4 * $0)..<(4 * $0 + 4)], as: UTF8.self) })
  }
}
