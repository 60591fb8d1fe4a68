// An event as bytes, in messages and in the log.
import LabCore
import Transport

/// Writes and reads events without their source, which the message or the log names by number.
///
/// | field | bytes |
/// | --- | --- |
/// | length of the id, id | 2 + n |
/// | length of the type, type | 2 + n |
/// | 1 for a target, plus 2 for an event that was processed | 1 |
/// | length of the target, target, if there is one | 2 + n |
/// | length of the data, data | 4 + n |
/// | nanoseconds of the publisher's clock | 8 |
enum EventCoding {
  /// How many bytes ``write(_:into:)`` writes.
  static func size(of event: FleetEvent) -> Int {
    17 + event.id.utf8.count + event.type.utf8.count + event.data.utf8.count
      + (event.target.map { 2 + $0.utf8.count } ?? 0)
  }

  /// Appends an event whose id, type and target have fewer than 65,536 bytes each.
  static func write(_ event: FleetEvent, into writer: inout ByteWriter) {
    write(name: event.id, into: &writer)
    write(name: event.type, into: &writer)
    writer.write((event.target == nil ? 0 : 1) | (event.processed ? 2 : 0) as UInt8)
    if let target = event.target { write(name: target, into: &writer) }
    writer.write(UInt32(event.data.utf8.count))
    writer.write(raw: event.data.utf8)
    writer.write(event.timestamp.nanoseconds)
  }

  /// Reads an event from bytes that may come from a stranger.
  ///
  /// - Parameter source: The name of the node that published it.
  /// - Returns: `nil` when the bytes are no event, or one of a type that none may have.
  static func read(_ reader: inout ByteReader, source: String) -> FleetEvent? {
    guard let id = readName(&reader), let type = readName(&reader), EventRules.isType(type),
      let flags = reader.read(UInt8.self), flags < 4
    else { return nil }
    var target: String?
    if flags & 1 != 0 {
      guard let name = readName(&reader) else { return nil }
      target = name
    }
    guard let data = reader.readCounted().flatMap(text), let time = reader.read(Int64.self) else {
      return nil
    }
    return FleetEvent(
      id: id, type: type, source: source, target: target, data: data,
      timestamp: Instant(nanoseconds: time), processed: flags & 2 != 0)
  }

  /// Appends a name with its length.
  static func write(name: String, into writer: inout ByteWriter) {
    writer.write(UInt16(name.utf8.count))
    writer.write(raw: name.utf8)
  }

  /// Reads a name of at most ``EventBusLimits/nameBytes``.
  static func readName(_ reader: inout ByteReader) -> String? {
    guard let length = reader.read(UInt16.self), length <= EventBusLimits.nameBytes else {
      return nil
    }
    return reader.read(count: Int(length)).flatMap(text)
  }

  private static func text(_ bytes: Bytes) -> String? {
    String(validating: bytes, as: UTF8.self)
  }
}
