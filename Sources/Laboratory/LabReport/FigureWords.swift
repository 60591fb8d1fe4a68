// The words on axes, in legends and over panels.

import LabGate

/// Turns keys and metrics into titles.
enum FigureWords {
  /// The last part of a dotted key in plain words: `network.link.loss` becomes `loss`.
  static func title(ofKey key: String) -> String {
    plain(key.split(separator: ".").last.map(String.init) ?? key)
  }

  /// A name in plain words: `delivered_share` becomes `delivered share`.
  static func plain(_ name: String) -> String {
    String(name.map { $0 == "_" || $0 == "-" ? " " : $0 })
  }

  /// A title with its unit in brackets; none for plain numbers.
  static func title(_ name: String, unit: String) -> String {
    unit.isEmpty || unit == "1" ? name : "\(name) (\(unit))"
  }

  /// What an axis of some metrics is called; several whose names do not fit are values, which the
  /// legend tells apart.
  ///
  /// - Parameter length: How long the axis is, in pixels.
  static func title(of metrics: [String], unit: String, length: Int) -> String {
    let names = title(metrics.map(plain).joined(separator: ", "), unit: unit)
    return metrics.count > 1 && pixels(names) > Double(length) ? title("value", unit: unit) : names
  }

  /// A text cut into lines of at most some characters, between words.
  static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// Paths without the folder that all of them lie in: `data/a` and `data/b` become `a` and `b`.
  static func withoutCommonFolder(_ paths: [String]) -> [String] {
    guard let first = paths.first, let end = first.lastIndex(of: "/") else { return paths }
    var folder = first[...end]
    while !paths.allSatisfy({ $0.hasPrefix(folder) }) {
      guard let end = folder.dropLast().lastIndex(of: "/") else { return paths }
      folder = first[...end]
    }
    return paths.map { String($0.dropFirst(folder.count)) }
  }

  /// How wide a label of twelve points is at most, in pixels.
  static func pixels(_ label: String) -> Double { Double(label.count) * 6.8 }
}

/// The unit in which numbers stand on an axis.
struct AxisUnit: Hashable {
  /// What the numbers of the record are divided by.
  var divisor: Double
  /// The unit's name, empty for plain numbers.
  var name: String

  /// The unit that suits the largest number.
  init(unit: String, largest: Double) {
    let steps: [(Double, String)] =
      switch unit {
      case "s", "histogram": [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]
      case "B": [(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")]
      case "1", "": [(1, "")]
      default: [(1, unit)]
      }
    let fit = largest > 0 ? steps.first { largest >= $0.0 } ?? steps.last : steps.first
    let step = largest == 0 && unit == "B" ? (1, "B") : fit ?? (1, unit)
    divisor = step.0
    name = step.1
  }
}
