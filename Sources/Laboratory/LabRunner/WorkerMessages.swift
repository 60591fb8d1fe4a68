// What the runner and its workers say to each other: one JSON object a line.

import FoundationEssentials
public import LabManifest
public import LabRecord

/// The first line that a worker reads: which plan it serves.
public struct WorkerGreeting: Codable, Hashable, Sendable {
  /// The path of the frozen manifest.
  public var manifest: String
  /// The path of the manifest as its author wrote it, against which data files are named.
  public var source: String
  /// The digest that the plan must have.
  public var digest: String
  /// The size for which the manifest was resolved.
  @ByName public var size: RunSize
  /// The root of all random streams.
  public var seed: UInt64

  /// Describes a plan.
  public init(manifest: String, source: String, digest: String, size: RunSize, seed: UInt64) {
    self.manifest = manifest
    self.source = source
    self.digest = digest
    self.size = size
    self.seed = seed
  }
}

/// Every further line that a worker reads.
struct WorkerRequest: Codable, Hashable, Sendable {
  /// The index of the trial to run; `nil` asks the worker to end.
  var trial: Int?
}

/// A line that a worker writes.
enum WorkerReply: Codable, Hashable, Sendable {
  /// The plan is loaded and has so many trials.
  case ready(trials: Int)
  /// The worker cannot serve the plan.
  case refused(String)
  /// A trial is over.
  case done(TrialOutcome)
  /// A program from outside was started, with this process group, which is to end with the worker.
  case started(group: Int32)
  /// Nothing is left of that process group.
  case ended(group: Int32)
}

/// JSON objects as single lines.
package enum LineCoder {
  /// The longest line, and with it the most that one trial may record.
  package static let limit = 32 << 20

  /// The object in one line with its line end.
  package static func line(_ object: some Encodable) throws -> [UInt8] {
    var line = Array(try JSONEncoder().encode(object))
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// Reads an object from a line without its line end.
  package static func object<Object: Decodable>(_ type: Object.Type, from line: [UInt8]) throws
    -> Object
  {
    try JSONDecoder().decode(type, from: Data(line))
  }
}

/// Cuts a stream of bytes into lines of bounded length.
package struct LineBuffer: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []
  private var start = 0
  private var searched = 0

  /// Makes a buffer for lines of so many bytes at the most.
  package init(limit: Int = LineCoder.limit) { self.limit = limit }

  /// Takes what was read.
  package mutating func append(_ piece: some Sequence<UInt8>) { bytes.append(contentsOf: piece) }

  /// Whether more bytes wait for their line end than any line may have.
  package var isOverlong: Bool { bytes.count - start > limit }

  /// Whether no byte waits for its line end.
  package var isEmpty: Bool { bytes.count == start }

  /// Removes and returns the next whole line, without its line end.
  package mutating func next() -> [UInt8]? {
    guard let end = bytes[max(start, searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
      bytes.removeSubrange(..<start)
      start = 0
      searched = bytes.count
      return nil
    }
    defer { start = end + 1 }
    return Array(bytes[start..<end])
  }

  /// Removes and returns what waits for its line end, which will not come; `nil` for nothing.
  package mutating func takeRest() -> [UInt8]? {
    guard !isEmpty else { return nil }
    defer { self = LineBuffer(limit: limit) }
    return Array(bytes[start...])
  }
}
