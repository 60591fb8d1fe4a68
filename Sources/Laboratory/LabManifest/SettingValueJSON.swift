// Settings as plain JSON, for programs in other languages.

import LabCore

/// A value of plain JSON: what a setting is to a program that knows neither units nor laws.
///
/// Lengths of time are numbers of seconds, sizes numbers of bytes, rates numbers of bits a second,
/// ratios numbers from 0 to 1; a law is its canonical text, as in `exponential(0.01)`, whose
/// parameters have the same units.
public indirect enum SettingValueJSON: Hashable, Sendable {
  /// A whole number.
  case integer(Int)
  /// A finite number.
  case number(Double)
  /// A word, or whatever else has no number.
  case text(String)
  /// True or false.
  case flag(Bool)
  /// Values in an order that means something.
  case list([SettingValueJSON])
  /// Values by their keys.
  case object([String: SettingValueJSON])
}

extension SettingValueJSON: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let number): try container.encode(number)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    case .flag(let flag): try container.encode(flag)
    case .list(let items): try container.encode(items)
    case .object(let members): try container.encode(members)
    }
  }
}

extension Settings {
  /// The settings as plain JSON: each parameter by its name, and `network` and `workload` as
  /// objects with the keys of manifests where the experiment takes them.
  public var json: SettingValueJSON {
    var members = parameters.mapValues(\.json)
    members["network"] = network?.json
    members["workload"] = workload?.json
    return .object(members)
  }
}

extension Value {
  /// The value in plain numbers and words.
  var json: SettingValueJSON {
    switch self {
    case .integer(let number): .integer(number)
    case .number(let number): .number(number)
    case .ratio(let ratio): .number(ratio.value)
    case .duration(let duration): .number(duration.seconds)
    case .size(let size): .integer(size.bytes)
    case .text(let text): .text(text)
    case .flag(let flag): .flag(flag)
    case .law(let law): .text(law.canonicalText)
    }
  }
}
