// Histories as test runners write them: one JUnit document a cycle.

import Foundation
import FoundationXML
import LabCore

/// Reads a JUnit document of bounded size, depth and count.
///
/// Each `testcase` is a run, named by `classname` and `name`; it failed where it holds a `failure`
/// or an `error`, and did not run where it holds `skipped`. `time` is in seconds, with a point
/// before decimals and with or without commas between thousands; where it is missing, the duration
/// is zero. External entities are never resolved, and a document with a declaration of its type, in
/// which entities could be declared, is refused, so that nothing grows beyond what stands in the
/// file.
final class JUnitReport: NSObject, XMLParserDelegate {
  private let path: String
  private let limits: TestHistoryLimits
  private let cycle: Int
  private let builder: TestHistoryBuilder
  private var problem: TestHistoryError?
  private var depth = 0
  private var cases = 0
  /// The run that is being read.
  private var open: (name: String, duration: Duration, hasFailed: Bool, isSkipped: Bool)?

  private init(
    path: String, limits: TestHistoryLimits, cycle: Int, adding builder: TestHistoryBuilder
  ) {
    self.path = path
    self.limits = limits
    self.cycle = cycle
    self.builder = builder
  }

  /// Adds the runs of a document to those of earlier ones.
  ///
  /// - Parameter path: Stands in errors only.
  static func read(
    _ bytes: [UInt8], path: String, limits: TestHistoryLimits, cycle: Int,
    adding builder: TestHistoryBuilder
  ) throws(TestHistoryError) {
    guard !declaresTypes(bytes) else {
      throw .malformed(
        path: path, line: 1, column: 1,
        message: "the document declares its type, and so may declare entities; a JUnit report "
          + "without '<!DOCTYPE' in UTF-8 was expected; leave the file out")
    }
    let report = JUnitReport(path: path, limits: limits, cycle: cycle, adding: builder)
    let parser = XMLParser(data: Data(bytes))
    parser.shouldResolveExternalEntities = false
    parser.delegate = report
    let isWhole = parser.parse()
    if let problem = report.problem { throw problem }
    guard isWhole else {
      throw .malformed(
        path: path, line: max(parser.lineNumber, 1), column: max(parser.columnNumber, 1),
        message: "the document is no well-formed XML; a JUnit report was expected; "
          + "write the report anew or leave the file out")
    }
    guard report.cases > 0 else {
      throw .malformed(
        path: path, line: 1, column: 1,
        message: "the document holds no 'testcase'; a JUnit report was expected; "
          + "leave the file out")
    }
  }

  /// Whether a document declares its type before its first element, or is in no encoding in which
  /// that could be told.
  private static func declaresTypes(_ bytes: [UInt8]) -> Bool {
    // Instructions and comments may stand before the first element.
    var rest = bytes[...]
    func skip(_ opening: String, _ closing: String) -> Bool {
      guard rest.starts(with: opening.utf8) else { return false }
      let end = Array(closing.utf8)
      while !rest.isEmpty && !rest.starts(with: end) { rest = rest.dropFirst() }
      rest = rest.dropFirst(end.count)
      return true
    }
    if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    repeat {
      rest = rest.drop { $0 <= 32 && $0 > 0 }
    } while skip("<?", "?>") || skip("<!--", "-->")
    guard rest.first == UInt8(ascii: "<"), let next = rest.dropFirst().first else { return true }
    return next == UInt8(ascii: "!") || next == 0
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    depth += 1
    guard depth <= limits.depth else {
      return refuse(
        parser,
        "elements stand more than \(limits.depth) deep; a JUnit report was expected; "
          + "leave the file out")
    }
    switch element {
    case "testcase": begin(parser, attributes)
    case "failure", "error": open?.hasFailed = true
    case "skipped": open?.isSkipped = true
    default: break
    }
  }

  func parser(
    _ parser: XMLParser, didEndElement element: String, namespaceURI: String?,
    qualifiedName: String?
  ) {
    depth -= 1
    guard element == "testcase", let run = open else { return }
    open = nil
    guard !run.isSkipped else { return }
    guard builder.count < limits.executions else {
      return refuse(
        parser,
        "there are more than \(limits.executions) runs; fewer were expected; "
          + "leave old files out, or raise the limit")
    }
    builder.append(
      TestExecution(test: 0, duration: run.duration, hasFailed: run.hasFailed), of: run.name,
      in: cycle)
  }

  /// The parser mends what it can and goes on; a report that needs mending is not one.
  func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
    refuse(
      parser,
      "the document is no well-formed XML; a JUnit report was expected; "
        + "write the report anew or leave the file out")
  }

  private func begin(_ parser: XMLParser, _ attributes: [String: String]) {
    cases += 1
    guard let name = attributes["name"], !name.isEmpty else {
      return refuse(
        parser, "a testcase has no name; the attribute 'name' was expected; add it")
    }
    // A runner that measures nothing leaves the time out.
    let time = attributes["time"] ?? "0"
    guard let seconds = Self.seconds(time), seconds.isFinite, seconds >= 0,
      seconds <= limits.seconds, let duration = Duration(seconds: seconds)
    else {
      return refuse(
        parser,
        "the time of '\(name)' is '\(time.prefix(40))'; a number of seconds from 0, with a "
          + "point before decimals and commas between thousands alone, was expected; correct it")
    }
    let group = attributes["classname"].map { "\($0)." } ?? ""
    open = (group + name, duration, false, false)
  }

  /// The number of a text, in which commas may stand between thousands, as in `1,234.5`.
  ///
  /// - Returns: Nothing for other commas: `0,123` may mean a decimal, and `12,34` means neither.
  private static func seconds(_ text: String) -> Double? {
    guard text.contains(",") else { return Double(text) }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let groups = parts[0].split(separator: ",", omittingEmptySubsequences: false)
    let decimals = parts.count > 1 ? parts[1] : "0"
    let digits = Set("0123456789")
    guard (groups + [decimals]).allSatisfy({ !$0.isEmpty && $0.allSatisfy(digits.contains) }),
      groups[0].count <= 3, groups[0].first != "0", groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    return Double(groups.joined() + "." + decimals)
  }

  private func refuse(_ parser: XMLParser, _ message: String) {
    guard problem == nil else { return }
    problem = .malformed(
      path: path, line: max(parser.lineNumber, 1), column: max(parser.columnNumber, 1),
      message: message)
    parser.abortParsing()
  }
}
