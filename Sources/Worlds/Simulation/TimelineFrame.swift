// Where things stand in the picture of a run.
import LabCore
import Network

/// The measures of a timeline, in the units of its view box.
struct TimelineFrame {
  /// The last moment, in seconds.
  let end: Double
  let lanes: Int
  let laneHeight = 64.0
  let width = 1_000.0
  let left: Double
  /// How many rows of faults stand above the lanes.
  var faultRows = 0

  /// Measures a picture; the longest name counts in characters.
  init(end: Double, lanes: Int, longestName: Int) {
    self.end = end
    self.lanes = lanes
    left = max(96, 24 + 7.8 * Double(longestName))
  }

  var right: Double { left + width }
  var top: Double { 44 + Double(faultRows) * 16 }
  var bottom: Double { top + Double(lanes) * laneHeight }

  func x(_ time: Instant) -> Double { left + time.seconds / end * width }
  func y(_ lane: Int) -> Double { top + (Double(lane) + 0.5) * laneHeight }
  func y(faultRow row: Int) -> Double { 40 + Double(row) * 16 }
}

/// A fault as a bar: from where to where, in which row, and over which lane.
struct TimelineFault {
  let begin: Double
  let end: Double
  let row: Int
  let labelX: Double
  let words: String
  /// The lane of the node that it concerns; `nil` for one between nodes.
  let lane: Int?

  /// The faults of a trace in rows that do not overlap; a fault without an end lasts to the right.
  static func all(in trace: Trace, of frame: inout TimelineFrame) -> [TimelineFault] {
    var faults: [TimelineFault] = []
    var rowEnds: [Double] = []
    for (kind, begin, end) in spans(of: trace) {
      let (begin, end) = (frame.x(begin), end.map(frame.x) ?? frame.right)
      // At 10 units a letter is about 5.7 wide.
      let width = Double(kind.words.count) * 5.7 + 8
      let labelX = max(frame.left, min(begin + 2, frame.right - width))
      let row = rowEnds.firstIndex { $0 <= min(begin, labelX) } ?? rowEnds.count
      if row == rowEnds.count { rowEnds.append(0) }
      rowEnds[row] = max(end, labelX + width)
      faults.append(
        TimelineFault(
          begin: begin, end: end, row: row, labelX: labelX, words: kind.words, lane: kind.lane))
    }
    frame.faultRows = rowEnds.count
    return faults
  }

  private static func spans(
    of trace: Trace
  ) -> [(kind: FaultKind, begin: Instant, end: Instant?)] {
    var spans: [(kind: FaultKind, begin: Instant, end: Instant?)] = []
    for event in trace.events {
      if case .faultBegan(let kind) = event.kind { spans.append((kind, event.time, nil)) }
      guard case .faultEnded(let kind) = event.kind,
        let open = spans.firstIndex(where: { $0.kind == kind && $0.end == nil })
      else { continue }
      spans[open].end = event.time
    }
    return spans
  }
}

extension FaultKind {
  /// The lane of the only node that the fault concerns.
  fileprivate var lane: Int? {
    switch self {
    case .crash(let node), .pause(let node), .clockSkew(let node, _, _): Int(node.index)
    case .partition, .oneWay, .bridge, .majoritiesRing, .clog: nil
    }
  }
}
