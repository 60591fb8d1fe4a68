// A picture of a small run: nodes as lanes, time to the right, datagrams as arrows.
import LabCore

/// Draws a trace as SVG.
///
/// - Determinism: The trace fixes every byte.
public enum Timeline {
  /// The picture of a trace, from the beginning of its world on.
  ///
  /// Faults stand as bars above the lanes, with their words, and as shadows over the lanes that
  /// they concern.
  /// - Parameters:
  ///   - trace: What happened; at most some thousand events stay legible.
  ///   - names: The names of the lanes, by node.
  ///   - title: The heading.
  /// - Returns: A complete SVG document on a white ground.
  public static func svg(_ trace: Trace, names: [String], title: String) -> String {
    let end = max(trace.events.last?.time.seconds ?? 0, 1e-9)
    let longest = names.map(\.count).max() ?? 0
    var frame = TimelineFrame(end: end, lanes: names.count, longestName: longest)
    let faults = TimelineFault.all(in: trace, of: &frame)
    var body = faults.map { shadow(of: $0, frame) }
    body += axis(frame)
    for (index, name) in names.enumerated() {
      body.append(text(8, frame.y(index) + 4, escape(name), anchor: "start", size: 13))
      body.append(
        line(
          frame.left, frame.y(index), frame.right, frame.y(index), "#c8ccd0", 1, name: "lane"))
    }
    var departures: [Int: Trace.Event] = [:]
    for event in trace.events {
      guard let node = event.node.map({ Int($0.index) }) else { continue }
      if case .sent(_, let serial, _) = event.kind { departures[serial] = event }
      var departure: Trace.Event?
      if case .received(_, let serial, _) = event.kind {
        departure = departures.removeValue(forKey: serial)
      }
      body += mark(event, at: node, departure, frame)
    }
    body += faults.map { label(of: $0, frame) }
    return document(title, frame, body)
  }

  /// What stands for one event; nothing for those that belong to another.
  private static func mark(
    _ event: Trace.Event, at node: Int, _ departure: Trace.Event?, _ frame: TimelineFrame
  ) -> [String] {
    let (x, y) = (frame.x(event.time), frame.y(node))
    switch event.kind {
    case .received:
      guard let departure, let from = departure.node else { return [] }
      let arrow = line(
        frame.x(departure.time), frame.y(Int(from.index)), x, y, "#0072b2", 1.2, arrow: true)
      let words = "\(escape(departure.description)) — \(escape(event.description))"
      return ["<g><title>\(words)</title>\(arrow)</g>"]
    case .lost(let receiver, _, _):
      let end = min(x + 8, frame.right)
      let target = y + (frame.y(Int(receiver.index)) - y) * 0.4
      return [
        "<g><title>\(escape(event.description))</title>"
          + line(x, y, end, target, "#d55e00", 1.2, dash: true)
          + text(end, target + 4, "×", anchor: "middle", size: 13, colour: "#d55e00") + "</g>"
      ]
    case .fired: return [dot(x, y, "#e69f00", event)]
    case .submitted: return [dot(x, y, "#009e73", event)]
    case .started: return [dot(x, y, "#56606a", event)]
    case .reported: return [dot(x, y - 7, "#cc79a7", event)]
    case .stored: return [dot(x, y + 7, "#56b4e9", event)]
    case .sent, .faultBegan, .faultEnded: return []
    }
  }

  private static func shadow(of fault: TimelineFault, _ frame: TimelineFrame) -> String {
    let top = fault.lane.map { frame.y($0) - frame.laneHeight / 2 } ?? frame.top
    let height = fault.lane == nil ? frame.bottom - frame.top : frame.laneHeight
    return rectangle(fault.begin, top, fault.end - fault.begin, height, opacity: 0.1)
  }

  private static func label(of fault: TimelineFault, _ frame: TimelineFrame) -> String {
    let y = frame.y(faultRow: fault.row)
    return rectangle(fault.begin, y, fault.end - fault.begin, 13, opacity: 0.35)
      + text(fault.labelX, y + 10, escape(fault.words), anchor: "start", size: 10)
  }

  private static func document(
    _ title: String, _ frame: TimelineFrame, _ body: [String]
  ) -> String {
    let legend: [(String, String)] = [
      ("#56606a", "start"), ("#009e73", "asked"), ("#e69f00", "timer"), ("#cc79a7", "report"),
      ("#56b4e9", "stored"), ("#0072b2", "datagram"), ("#d55e00", "lost, fault"),
    ]
    let (width, height) = (frame.right + 24, frame.bottom + 66)
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) "
        + "\(number(height))\" font-family=\"system-ui, sans-serif\">",
      "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
        + "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#0072b2\"/></marker>"
        + "</defs>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      text(8, 24, escape(title), anchor: "start", size: 16),
    ]
    parts += body
    for (index, (colour, name)) in legend.enumerated() {
      let (x, y) = (frame.left + Double(index) * 130, frame.bottom + 46)
      parts.append(
        "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"4\" fill=\"\(colour)\"/>")
      parts.append(text(x + 10, y + 4, name, anchor: "start", size: 12))
    }
    parts.append("</svg>\n")
    return parts.joined(separator: "\n")
  }

  private static func axis(_ frame: TimelineFrame) -> [String] {
    let raw = frame.end / 8
    let magnitude = pow10(floorLog10(raw))
    let step = [1.0, 2, 5, 10].map { $0 * magnitude }.first { $0 >= raw } ?? raw
    var parts: [String] = []
    var tick = 0
    while Double(tick) * step <= frame.end * (1 + 1e-12) {
      let seconds = Double(tick) * step
      let x = frame.left + seconds / frame.end * frame.width
      parts.append(line(x, frame.top, x, frame.bottom, "#eceff1", 1))
      parts.append(text(x, frame.bottom + 18, label(seconds), anchor: "middle", size: 11))
      tick += 1
    }
    return parts
  }

  private static func label(_ seconds: Double) -> String {
    Duration(seconds: seconds).map { $0 == .zero ? "0" : "\($0)" } ?? ""
  }

  private static func floorLog10(_ value: Double) -> Int {
    var exponent = 0
    var rest = value
    while rest >= 10 { (rest, exponent) = (rest / 10, exponent + 1) }
    while rest < 1 { (rest, exponent) = (rest * 10, exponent - 1) }
    return exponent
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { value, _ in exponent < 0 ? value / 10 : value * 10 }
  }

  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  private static func dot(_ x: Double, _ y: Double, _ colour: String, _ event: Trace.Event)
    -> String
  {
    "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"3.5\" fill=\"\(colour)\">"
      + "<title>\(escape(event.description))</title></circle>"
  }

  private static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, _ width: Double,
    dash: Bool = false, arrow: Bool = false, name: String? = nil
  ) -> String {
    "<line" + (name.map { " class=\"\($0)\"" } ?? "")
      + " x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(colour)\" stroke-width=\"\(number(width))\""
      + (dash ? " stroke-dasharray=\"3 3\"" : "") + (arrow ? " marker-end=\"url(#tip)\"" : "")
      + "/>"
  }

  private static func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, opacity: Double
  ) -> String {
    "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(max(width, 1)))\" "
      + "height=\"\(number(height))\" fill=\"#d55e00\" fill-opacity=\"\(opacity)\"/>"
  }

  private static func text(
    _ x: Double, _ y: Double, _ content: String, anchor: String, size: Int,
    colour: String = "#24292f"
  ) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" fill=\"\(colour)\" "
      + "text-anchor=\"\(anchor)\">\(content)</text>"
  }

  private static func escape(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, character in
      switch character {
      // XML 1.0 knows no control characters but these three.
      case "\t", "\n", "\r": result += " "
      case "\0"..<" ", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
  }
}
