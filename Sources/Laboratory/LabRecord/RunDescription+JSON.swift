// How `run.json` is written and read.

import FoundationEssentials

extension RunDescription {
  /// The longest `run.json` that is read, in bytes.
  static let sizeLimit = 16 << 20

  /// The description as JSON with sorted keys, one a line.
  func json(path: String) throws(RecordError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try Array(encoder.encode(self)) + [UInt8(ascii: "\n")]
    } catch {
      throw RecordError(path: path, .badDescription(reason: Self.reason(error)))
    }
  }

  /// Reads the description of a run alone, without its tables.
  ///
  /// - Throws: ``RecordError`` when the file is missing, too long or not a description of a run in
  ///   the form that this program knows.
  public static func load(folder: String) throws(RecordError) -> RunDescription {
    let path = RecordFile.run.path(in: folder)
    let bytes = try RecordFile.read(path, limit: sizeLimit)
    return try decode(bytes, path: path)
  }

  private struct Form: Decodable {
    var format: Int
    var program: String?

    /// What is said of a form that this program does not know.
    var refusal: String {
      guard format > currentFormat else { return "there is no format \(format) of records" }
      let writer = program.map { "fleetlab \($0.prefix(20))" } ?? "a later fleetlab"
      return "the record has format \(format), and this is fleetlab \(ProgramVersion.current), "
        + "which reads formats up to \(currentFormat); \(writer) wrote it and that version or a "
        + "newer one is needed"
    }
  }

  static func decode(_ bytes: [UInt8], path: String) throws(RecordError) -> RunDescription {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      let form = try decoder.decode(Form.self, from: Data(bytes))
      guard form.format == currentFormat else {
        throw RecordError(path: path, .otherFormat(form.refusal))
      }
      return try decoder.decode(RunDescription.self, from: Data(bytes))
    } catch let error as RecordError {
      throw error
    } catch {
      throw RecordError(path: path, .badDescription(reason: reason(error)))
    }
  }

  /// The first line of what the JSON coder says, with the key that it speaks of.
  private static func reason(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "the file" : "'\(path.map(\.stringValue).joined(separator: "."))'"
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context):
      "\(place(context.codingPath + [key])) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(place(context.codingPath)) has the wrong type"
    case DecodingError.dataCorrupted(let context):
      "\(place(context.codingPath)) is not valid: \(context.debugDescription)"
    default: "the description is not valid: \(error)"
    }
  }
}
