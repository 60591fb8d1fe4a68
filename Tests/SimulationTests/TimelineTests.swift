// Pictures of runs: sound XML with a lane for each node and an arrow for each arrival.
import Foundation
import LabCore
import Network
import Testing

@testable import Simulation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of a picture, read by Foundation's parser.
private final class Picture: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var texts: [String] = []
  private(set) var isSound = false
  private var open: [String] = []

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    isSound = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
    open.append(name)
    if name == "text" { texts.append("") }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if open.last == "text" { texts[texts.count - 1] += characters }
  }

  func count(_ name: String, _ key: String, _ value: String) -> Int {
    elements.count { $0.name == name && $0.attributes[key] == value }
  }

  /// Numbers of a kind of element that lie outside the picture or are no numbers.
  var strays: Int {
    let box = elements.first?.attributes["viewBox"]?.split(separator: " ").compactMap { Double($0) }
    guard let box, box.count == 4 else { return .max }
    return elements.reduce(0) { count, element in
      let strays = element.attributes.count { key, value in
        guard ["x", "x1", "x2", "cx", "y", "y1", "y2", "cy"].contains(key) else { return false }
        guard let number = Double(value) else { return true }
        return number < 0 || number > (key.hasPrefix("x") || key == "cx" ? box[2] : box[3])
      }
      return count + strays
    }
  }
}

@Suite struct `Timelines` {
  private let names = ["leader", "follower <1>", "follower & co"]

  @Test func `are sound XML with a lane for each node and an arrow for each arrival`() {
    let trace = SmallRun.trace()
    let picture = Picture(Timeline.svg(trace, names: names, title: "Three nodes & a \"crash\""))
    #expect(picture.isSound)
    for name in names { #expect(picture.texts.contains(name)) }
    #expect(picture.texts.contains("Three nodes & a \"crash\""))
    #expect(picture.count("line", "class", "lane") == 3)
    let arrivals = trace.events.count { if case .received = $0.kind { true } else { false } }
    #expect(picture.count("line", "marker-end", "url(#tip)") == arrivals && arrivals > 10)
    let losses = trace.events.count { if case .lost = $0.kind { true } else { false } }
    #expect(picture.texts.count { $0 == "×" } == losses && losses > 0)
    #expect(picture.texts.contains("crash of n1"))
    #expect(picture.strays == 0)
  }

  @Test func `mark each thing that happens at a node`() {
    let trace = SmallRun.trace()
    let picture = Picture(Timeline.svg(trace, names: names, title: ""))
    let dots = trace.events.count {
      switch $0.kind {
      case .started, .fired, .submitted, .stored, .reported: true
      default: false
      }
    }
    // Five kinds of marks and the datagram stand in the legend, as does the loss.
    #expect(picture.elements.count { $0.name == "circle" } == dots + 7)
  }

  @Test func `are fixed by the trace, byte for byte`() {
    let one = Timeline.svg(SmallRun.trace(), names: names, title: "t")
    #expect(one == Timeline.svg(SmallRun.trace(), names: names, title: "t"))
    #expect(one != Timeline.svg(SmallRun.trace(seed: 4), names: names, title: "t"))
  }

  @Test func `stay sound XML whatever nodes and reports say`() {
    var trace = Trace()
    for text in ["\u{0}\u{1}\u{1b}[0m", "<b>&amp;\"'", "a\r\nb\tc", "ß → 🙂 \u{ffff}", "]]>"] {
      trace.append(.reported(text), at: .after(1), node: NodeID(0), fingerprint: 0)
      trace.append(.fired(text), at: .after(2), node: NodeID(0), fingerprint: 0)
    }
    #expect(Picture(Timeline.svg(trace, names: ["\u{7}<a>"], title: "\u{8}")).isSound)
  }

  @Test(arguments: [0, 1, 999, 1_000_000_000, 3_600_000_000_000] as [Int64])
  func `of nothing, of a moment and of an hour stand within their frame`(nanoseconds: Int64) {
    var trace = Trace()
    if nanoseconds > 0 {
      trace.append(
        .started, at: Instant(nanoseconds: nanoseconds), node: NodeID(0), fingerprint: 0)
    }
    let picture = Picture(Timeline.svg(trace, names: ["a"], title: "t"))
    #expect(picture.isSound && picture.strays == 0)
  }
}
