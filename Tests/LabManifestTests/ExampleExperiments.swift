// The experiments against which the tests load manifests.

import LabCore
import LabManifest
import Statistics

enum Example {
  /// An experiment with two arms, a network, and a parameter of every kind.
  static let transport = ExperimentDescription(
    name: "literal-transport", summary: "Nodes that broadcast events.", version: 1,
    arms: [ArmDescription("literal", "As written."), ArmDescription("corrected", "Mended.")],
    parameters: [
      ParameterDescription("events", .integer(1...1_000_000), default: .integer(10), "How many."),
      ParameterDescription("payload", .size, default: .size(ByteCount(64)), "How large."),
      ParameterDescription(
        "world", .text(choices: ["simulated", "shaped", "broken"]), default: .text("simulated"),
        "Where it runs."),
      ParameterDescription("share", .ratio, default: .ratio(.percent(50)), "A share."),
      ParameterDescription("wait", .duration, default: .duration(.milliseconds(1)), "A time."),
      ParameterDescription("factor", .number(0...10), default: .number(1), "A number."),
      ParameterDescription("fast", .flag, default: .flag(false), "A switch."),
      ParameterDescription("label", .text(choices: []), default: .text("x"), "Any word."),
      ParameterDescription(
        "service", .law(unit: .seconds), default: .law(.constant(0.01)), "A law."),
    ],
    metrics: [
      MetricDescription("parsed_fraction", .exact, unit: "1", .higher, "The share that parses."),
      MetricDescription("events_parsed", .exact, unit: "1", .higher, "How many parse."),
      MetricDescription("waiting", .sampled, unit: "s", .lower, "How long."),
      MetricDescription("expected_waiting", .exact, unit: "s", .neutral, "By the formula."),
      MetricDescription("traffic", .exact, unit: "B", .lower, "How much."),
      MetricDescription("latency", .sampled, unit: "histogram", .lower, "How late."),
      MetricDescription("trajectory", .exact, unit: "hash", .neutral, "The fingerprint."),
    ],
    takesNetwork: true)

  /// An experiment with one arm and neither network nor workload.
  static let queue = ExperimentDescription(
    name: "queue", summary: "A queue.", version: 1, arms: [ArmDescription("only", "The queue.")],
    parameters: [
      ParameterDescription("a", .integer(0...1_000_000_000), default: .integer(0), "One."),
      ParameterDescription("b", .integer(0...1_000_000_000), default: .integer(0), "Two."),
      ParameterDescription("c", .number(-1e9...1e9), default: .number(0), "Three."),
      ParameterDescription("time", .duration, default: .duration(.zero), "Four."),
      ParameterDescription("size", .size, default: .size(ByteCount(0)), "Five."),
      ParameterDescription("law", .law(unit: .seconds), default: .law(.constant(0)), "Six."),
    ],
    metrics: [MetricDescription("waiting", .sampled, unit: "s", .lower, "How long.")])

  /// An experiment that takes a workload.
  static let server = ExperimentDescription(
    name: "server", summary: "A server.", version: 3, arms: [ArmDescription("only", "The server.")],
    parameters: [],
    metrics: [MetricDescription("waiting", .sampled, unit: "s", .lower, "How long.")],
    takesNetwork: true, takesWorkload: true)

  static let loader = ManifestLoader(experiments: [transport, queue, server])

  /// A manifest of the transport experiment with some lines behind its header of six lines.
  static func transport(_ lines: String) -> String {
    """
    fleetlab: 1
    id: trial
    title: A trial
    question: Does it work?
    experiment: literal-transport
    network: {nodes: 3, link: {delay: 20ms}}
    \(lines)
    """
  }

  /// A manifest of the queue experiment with some lines behind its header of five lines.
  static func queue(_ lines: String) -> String {
    """
    fleetlab: 1
    id: trial
    title: A trial
    question: Does it work?
    experiment: queue
    \(lines)
    """
  }

  /// A manifest of the server experiment with some lines behind its header of five lines.
  static func server(_ lines: String) -> String {
    queue(lines).replacing("experiment: queue", with: "experiment: server")
  }

  static func plan(
    _ text: String, size: RunSize = .standard, path: String = "trial.yaml",
    settings: [String: String] = [:]
  ) throws -> Plan {
    try loader.plan(text: text, path: path, size: size, settings: settings)
  }

  /// What loading a text reports, one `line:column: message` a line without the path.
  static func problems(
    _ text: String, size: RunSize = .standard, path: String = "trial.yaml",
    settings: [String: String] = [:]
  ) -> [String] {
    do throws(ManifestProblems) {
      _ = try loader.plan(text: text, path: path, size: size, settings: settings)
      return []
    } catch {
      return error.diagnostics.map { diagnostic in
        let path = diagnostic.path == path ? "" : "\(diagnostic.path):"
        return "\(path)\(diagnostic.line):\(diagnostic.column): \(diagnostic.message)"
      }
    }
  }
}
