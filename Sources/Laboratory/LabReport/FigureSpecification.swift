// From a request and a record to a Vega-Lite specification.

public import LabGate
public import LabManifest
public import LabRecord

/// A figure as a Vega-Lite specification of version 5 with its data, and what must be said about
/// it.
///
/// - Determinism: A pure function of the manifest and the record: the same ones give the same
///   bytes.
public struct FigureSpecification: Hashable, Sendable {
  /// What was asked for.
  public let request: FigureRequest
  /// The specification as JSON with sorted keys.
  public let text: String
  /// What a reader must know, one sentence each without a full stop: how values were averaged and
  /// which ones are not there.
  public let notes: [String]
  /// Whether there is anything to draw.
  public let isEmpty: Bool

  /// The version of Vega-Lite whose schema the specification names.
  static let schema = "https://vega.github.io/schema/vega-lite/v5.json"

  /// Draws a figure of a manifest from a record.
  ///
  /// - Parameter index: The rows of the record, where the caller has sorted them already.
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)`` when rows hold what is no
  ///   measurement; a record that ``RunRecord/load(folder:tableLimit:)`` accepted holds none.
  public init(
    _ request: FigureRequest, manifest: Manifest, record: RunRecord,
    index: MeasurementIndex? = nil
  ) throws(ReportError) {
    let source = FigureSource(
      manifest: manifest, record: record, index: index ?? MeasurementIndex(record.rows))
    self.request = request
    let drawn = try FigureBlock.drawing(request, source)
    var notes = [Self.method(request, times: RunReport.repetitions(record.run))]
    let averaged = source.averagedKeys(request)
    if !averaged.isEmpty {
      let names = averaged.map(FigureWords.title(ofKey:)).joined(separator: ", ")
      notes.append("All values of \(names) together")
    }
    self.notes = notes + drawn.notes
    isEmpty = drawn.blocks.isEmpty
    text = Self.document(request, drawn.blocks).text
  }

  static func method(_ request: FigureRequest, times: String) -> String {
    switch request.mark {
    case .line where times == "1 repetition", .bar where times == "1 repetition": "Mean of \(times)"
    case .line: "Mean of \(times); the band is the 95 % interval by Student's t"
    case .bar: "Mean of \(times); the whisker is the 95 % interval by Student's t"
    case .distribution: "All values of \(times) together"
    case .curve: "A point for each cell, in the order of the sweep: the means of \(times)"
    case .heatmap:
      "Ratio of the means of \(times), with the 95 % interval by a paired bootstrap"
        + request.crossings.map {
          "; a frame where all of it lies at \(FigureText.number($0.times)) or above"
        }.joined()
    }
  }

  private static func document(_ request: FigureRequest, _ blocks: [FigureBlock]) -> JSONValue {
    let width = blocks.first?.layout.totalWidth ?? 520
    let title = FigureWords.lines(request.title, width: max(36, width * 10 / 84))
    return document(
      blocks,
      with: [
        "config": FigureTheme.configuration,
        "description": .string(request.title),
        "title": .array(title.map { .string($0) }),
      ])
  }

  /// A specification of blocks, one below the other.
  static func document(_ blocks: [FigureBlock], with head: [String: JSONValue]) -> JSONValue {
    var members = head
    members["$schema"] = .string(schema)
    if blocks.count == 1, let block = blocks.first {
      members.merge(block.members) { first, _ in first }
    } else {
      members["vconcat"] = .array(blocks.map { .sorted($0.members) })
      members["spacing"] = .integer(34)
      // One legend serves all blocks where a colour stands for the same arm in each.
      let colours = Set(blocks.map(\.series.legendKey)).count == 1 ? "shared" : "independent"
      members["resolve"] = .sorted([
        "scale": .sorted([
          "color": .string(colours), "shape": .string(colours),
          "strokeDash": .string("independent"),
        ])
      ])
    }
    return .sorted(members)
  }
}
