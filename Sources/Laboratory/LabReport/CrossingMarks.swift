// Where two lines of a figure meet.

import Glibc
import LabGate
import LabManifest

/// Marks on the horizontal axis where the mean of an arm reaches a multiple of another's.
///
/// A place is interpolated between two neighbouring points on logarithmic axes; it counts where the
/// ratio reaches the multiple and does not lose it again.
struct CrossingMarks {
  /// A crossing with its place; `nil` where the measured points do not enclose it.
  private struct Mark {
    var words: String
    var place: Double?
    /// Whether it stands left of the middle, where words have room on its right.
    var isLeft: Bool
  }

  private let marks: [Mark]

  /// Looks for crossings.
  ///
  /// - Parameters:
  ///   - points: The points of the block; those of panels cannot be told apart, so a figure that
  ///     has any gets no mark.
  ///   - places: The amounts of the texts on the axis.
  init(
    _ crossings: [FigureRequest.Crossing], points: [FigurePoint], metric: String,
    places: [String: Double]
  ) {
    func line(_ arm: String) -> [Double: Double] {
      var means: [Double: Double] = [:]
      for point in points where point.arm == arm && point.metric == metric {
        if let place = places[point.x], place > 0, point.mean > 0, point.panels.isEmpty {
          means[place] = point.mean
        }
      }
      return means
    }
    marks = crossings.map { crossing in
      let (one, other) = (line(crossing.arm), line(crossing.other))
      let ratios = one.compactMap { place, mean in
        other[place].map { (place: place, ratio: mean / $0) }
      }.sorted { $0.place < $1.place }
      let factor = crossing.times == 1 ? "" : "\(FigureText.quantity(crossing.times, unit: "1")) × "
      let place = Self.place(of: crossing.times, in: ratios)
      let ends = (places.values.min() ?? 0) * (places.values.max() ?? 0)
      return Mark(
        words: "\(crossing.arm) = \(factor)\(crossing.other)",
        place: place, isLeft: place.map { $0 * $0 < ends } ?? false)
    }
  }

  private static func place(
    of times: Double, in ratios: [(place: Double, ratio: Double)]
  ) -> Double? {
    guard let last = ratios.last, last.ratio >= times,
      let below = ratios.lastIndex(where: { $0.ratio < times })
    else { return nil }
    let (before, after) = (ratios[below], ratios[below + 1])
    let share = log(times / before.ratio) / log(after.ratio / before.ratio)
    return before.place * pow(after.place / before.place, share)
  }

  /// What must be said of crossings that are not marked.
  var notes: [String] {
    marks.filter { $0.place == nil }.map { "\($0.words) is not met between two measured points" }
  }

  /// A rule with its words for each crossing.
  var layers: [JSONValue] {
    marks.enumerated().flatMap { number, mark -> [JSONValue] in
      guard let place = mark.place else { return [] }
      // The last bits of the logarithm differ between machines; three digits are what is known.
      let digits = pow(10, (log10(place) - 2).rounded(.down))
      let rounded = (place / digits).rounded() * digits
      let data = JSONValue.sorted([
        "values": .array([
          .sorted([
            "at": .number(rounded),
            "words": .string("\(mark.words): \(FigureText.quantity(rounded, unit: "1"))"),
          ])
        ])
      ])
      let ink = JSONValue.sorted(["value": .string("#333333")])
      return [
        .sorted([
          "data": data, "encoding": .sorted(["color": ink]),
          "mark": .sorted([
            "strokeDash": .array([.integer(4), .integer(4)]), "type": .string("rule"),
          ]),
        ]),
        .sorted([
          "data": data,
          "encoding": .sorted([
            "color": ink,
            "text": .sorted(["field": .string("words"), "type": .string("nominal")]),
            "y": .sorted(["value": .integer(12 + 16 * number)]),
          ]),
          "mark": .sorted([
            "align": .string(mark.isLeft ? "left" : "right"),
            "dx": .integer(mark.isLeft ? 5 : -5), "fontSize": .integer(12),
            "type": .string("text"),
          ]),
        ]),
      ]
    }
  }
}
