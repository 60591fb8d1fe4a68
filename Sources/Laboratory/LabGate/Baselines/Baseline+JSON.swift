// How baselines are written and read.

import FoundationEssentials
import Journal
import LabManifest
import LabRecord

extension Baseline {
  /// The longest file that is read, in bytes.
  static let sizeLimit = 64 << 20
  private static let checksumMark = "\"sha256\": \""
  private static let unsealed = String(repeating: "0", count: 64)

  /// The file as canonical JSON with sorted keys.
  ///
  /// Its checksum is SHA-256 over all of its bytes, with zeros in place of the checksum's own
  /// digits, so that any change by hand shows.
  public var text: String {
    let body = JSONValue.sorted([
      "format": .integer(Self.currentFormat), "experiment": .string(experiment),
      "size": .string(size.rawValue), "exactness": Self.texts(exactness),
      "cells": Self.texts(cells),
      "seeds": .sorted(seeds.mapValues { .array($0.map { .string($0) }) }),
      "entries": .array(entries.map(\.json)), "sha256": .string(Self.unsealed),
    ]).text
    return body.replacingFirst(
      Self.checksumMark + Self.unsealed,
      by: Self.checksumMark + ContentDigest.sha256(Array(body.utf8)))
  }

  private static func texts(_ texts: [String: String]) -> JSONValue {
    .sorted(texts.mapValues { .string($0) })
  }

  /// Replaces or makes a file.
  ///
  /// - Throws: ``BaselineError/unwritable(path:reason:)``; the old file is intact.
  public func write(to path: String) throws(BaselineError) {
    do {
      try AtomicFile.write(text, to: path)
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  /// Reads a file and checks it against its checksum.
  ///
  /// - Throws: ``BaselineError``; nothing is repaired.
  public static func load(path: String) throws(BaselineError) -> Baseline {
    let bytes: [UInt8]
    do throws(RecordError) {
      bytes = try RecordFile.read(path, limit: sizeLimit)
    } catch { throw .unreadable(error) }
    return try decode(bytes, path: path)
  }

  private struct Form: Decodable {
    var format: Int
  }

  private struct Content: Decodable {
    var experiment: String
    var size: String
    var exactness: [String: String]
    var cells: [String: String]
    var seeds: [String: [String]]
    var entries: [BaselineEntry]
  }

  static func decode(_ bytes: [UInt8], path: String) throws(BaselineError) -> Baseline {
    let data = Data(bytes)
    let format: Int
    do {
      format = try JSONDecoder().decode(Form.self, from: data).format
    } catch {
      throw .damaged(path: path, reason: "the file is cut off or no JSON of a baseline")
    }
    guard format <= currentFormat else { throw .newer(path: path, format: format) }
    guard format >= 1 else { throw .damaged(path: path, reason: "the format is \(format)") }
    try checkSeal(String(decoding: bytes, as: UTF8.self), path: path)
    let content: Content
    do {
      content = try JSONDecoder().decode(Content.self, from: data)
    } catch {
      throw .damaged(path: path, reason: "the content is not that of a baseline: \(error)")
    }
    return try baseline(content, path: path)
  }

  private static func checkSeal(_ text: String, path: String) throws(BaselineError) {
    guard let mark = text.firstRange(of: checksumMark) else {
      throw .damaged(path: path, reason: "there is no checksum")
    }
    let stated = String(text[mark.upperBound...].prefix(64))
    let open = text.replacingFirst(checksumMark + stated, by: checksumMark + unsealed)
    guard ContentDigest.sha256(Array(open.utf8)) == stated else {
      throw .damaged(path: path, reason: "the content differs from its checksum")
    }
  }

  private static func baseline(
    _ content: Content, path: String
  ) throws(BaselineError) -> Baseline {
    guard let size = RunSize(rawValue: content.size) else {
      throw .damaged(path: path, reason: "the size '\(content.size)' is not known")
    }
    var keys: Set<GateKey> = []
    for entry in content.entries {
      let place = "\(entry.cell) \(entry.arm) \(entry.metricText)"
      if let defect = entry.defect { throw .damaged(path: path, reason: "\(place): \(defect)") }
      guard let key = entry.key, keys.insert(key).inserted else {
        throw .damaged(path: path, reason: "\(place) stands there twice")
      }
      guard content.seeds[entry.seeds]?.count == entry.count else {
        throw .damaged(path: path, reason: "\(place) names no list of \(entry.count) seeds")
      }
    }
    var baseline = Baseline(
      experiment: content.experiment, size: size, exactness: content.exactness)
    (baseline.cells, baseline.seeds, baseline.entries) = (
      content.cells, content.seeds, content.entries
    )
    return baseline
  }
}

extension BaselineEntry {
  /// The entry as JSON with sorted keys; what it does not have is left out.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "cell": .string(cell), "arm": .string(arm), "metric": .string(metric),
      "class": .string(self.class.rawValue), "unit": .string(unit),
      "direction": .string(direction.rawValue), "count": .integer(count), "seeds": .string(seeds),
      "run": .string(run), "changed": .string(changed),
    ]
    if let statistic { members["statistic"] = .string(statistic) }
    if let mean { members["mean"] = .number(mean) }
    if let spread { members["spread"] = .number(spread) }
    if let values { members["values"] = .array(values.map { .number($0) }) }
    if let digest { members["digest"] = .string(digest) }
    if let commit { members["commit"] = .string(commit) }
    if let reason { members["reason"] = .string(reason) }
    return .sorted(members)
  }
}

extension String {
  /// The text with the first place of another text replaced.
  fileprivate func replacingFirst(_ part: String, by other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return replacingCharacters(in: range, with: other)
  }

  private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
    String(self[..<range.lowerBound]) + other + self[range.upperBound...]
  }
}
