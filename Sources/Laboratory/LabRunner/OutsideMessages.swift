// The lines of the protocol between the runner and programs from outside, as values.

import ArrayFiles
import LabManifest
import LabRecord
import Statistics

/// What the runner says first.
struct OutsideGreeting: Encodable {
  /// The version of the protocol.
  var fleetlab: Int
  var experiment: String
  /// Where the program may leave arrays.
  var folder: String
}

/// What the program says first.
struct OutsideIntroduction: Decodable, Hashable {
  /// The version of the protocol that the program speaks.
  var fleetlab: Int
  var name: String
  var version: String
}

/// A trial that the runner asks for.
struct OutsideRequest: Encodable {
  var run: Run

  struct Run: Encodable {
    var trial: Int
    var arm: String
    var cell: String
    var repetition: Int
    var seed: String
    var settings: SettingValueJSON
  }
}

/// What the program says of a trial.
struct OutsideAnswer: Decodable, Hashable {
  var trial: Int
  /// How much was really done.
  var work: Int?
  var metrics: [String: OutsideValue]?
  /// Why there is nothing to say.
  var error: String?
}

/// A value that a program measured.
enum OutsideValue: Hashable {
  case integer(Int)
  case number(Double)
  case text(String)
  case series([OutsideValue])
  /// The name of a file.
  case array(String)
}

extension OutsideValue: Decodable {
  private enum Key: String, CodingKey {
    case npy
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .integer(number)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let object = try? decoder.container(keyedBy: Key.self) {
      self = .array(try object.decode(String.self, forKey: .npy))
    } else {
      self = .series(try container.decode([OutsideValue].self))
    }
  }
}

/// Turns the metrics of an answer into what an experiment would have recorded.
struct OutsideMeasures {
  /// What the experiment describes, by name.
  let described: [String: MetricDescription]
  /// The names of the metrics that the manifest keeps.
  let kept: Set<String>
  /// Where the program leaves its arrays.
  let folder: String

  /// The recorded values of an answer.
  ///
  /// - Throws: ``OutsideFailure`` with what the program left out or said too much of.
  func entries(of answer: OutsideAnswer) throws(OutsideFailure) -> [Recorder.Entry] {
    if let error = answer.error { throw .broken("the program says: \(error)") }
    guard let work = answer.work, work >= 1 else {
      throw .broken(
        "the program's work is \(answer.work.map(String.init) ?? "missing"); a count of at least 1 "
          + "was expected; count what was really done")
    }
    let metrics = answer.metrics ?? [:]
    for name in metrics.keys.sorted() {
      if RunnerMetric(rawValue: name) != nil {
        throw .broken(
          "the program measured '\(name)'; the runner measures that one itself; leave it out")
      }
      guard described[name] != nil else {
        throw .broken(
          "the program measured '\(name.prefix(80))'; one of "
            + "\(described.keys.sorted().joined(separator: ", ")) was expected; correct the name")
      }
    }
    var entries: [Recorder.Entry] = []
    for name in kept.sorted() where RunnerMetric(rawValue: name) == nil {
      guard let value = metrics[name], let metric = described[name] else {
        throw .broken(
          "the program did not measure '\(name)'; every metric that the manifest measures was "
            + "expected; add it, or name the others in 'measure'")
      }
      entries += try self.entries(of: metric, value)
    }
    return entries
  }

  private func entries(
    of metric: MetricDescription, _ value: OutsideValue
  ) throws(OutsideFailure) -> [Recorder.Entry] {
    switch value {
    case .series(let values):
      var entries: [Recorder.Entry] = []
      for (step, value) in values.enumerated() {
        entries.append(
          Recorder.Entry(metric: metric.name, step: step, value: try single(value, of: metric)))
      }
      guard !entries.isEmpty else { throw misfit(metric, "an empty array") }
      return entries
    case .array(let name): return try series(in: name, of: metric)
    case .integer, .number, .text:
      return [Recorder.Entry(metric: metric.name, step: nil, value: try single(value, of: metric))]
    }
  }

  private func single(
    _ value: OutsideValue, of metric: MetricDescription
  ) throws(OutsideFailure) -> MeasuredValue {
    let isNumeric = !["hash", "histogram"].contains(metric.unit)
    switch value {
    case .integer(let number) where isNumeric: return .integer(number)
    case .number(let number) where isNumeric && number.isFinite: return .number(number)
    case .text(let text) where metric.unit == "hash":
      guard let value = MeasuredValue(text: text, unit: "hash") else {
        throw misfit(metric, "'\(text.prefix(40))'")
      }
      return value
    case .text(let text) where metric.unit == "histogram":
      do { return .histogram(try LatencyHistogram(text: text).text) } catch {
        throw misfit(metric, "a text that is no histogram")
      }
    case .integer, .number: throw misfit(metric, "a number")
    case .text(let text): throw misfit(metric, "'\(text.prefix(40))'")
    case .series: throw misfit(metric, "an array within an array")
    case .array: throw misfit(metric, "an array in a file within an array")
    }
  }

  private func series(
    in name: String, of metric: MetricDescription
  ) throws(OutsideFailure) -> [Recorder.Entry] {
    guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0)
    else {
      throw .broken(
        "the program left '\(metric.name)' in '\(name.prefix(80))'; the name of a file in the "
          + "folder of the greeting was expected; write it there")
    }
    let array: NPYArray
    do throws(ArrayFileError) {
      array = try NPYArray.read("\(folder)/\(name)", limit: OutsideProtocol.arrayLimit)
    } catch { throw .broken("the array of '\(metric.name)' in '\(name)': \(error.problem)") }
    guard array.shape.count == 1, !["hash", "histogram"].contains(metric.unit), array.shape[0] > 0
    else {
      throw .broken(
        "the array of '\(metric.name)' has the shape \(array.shape); one dimension with at least "
          + "one number was expected; write the series alone")
    }
    guard let values = array.elements.measuredValues else {
      throw .broken(
        "the array of '\(metric.name)' holds NaN or an infinity; finite numbers were expected; "
          + "leave those steps out")
    }
    return values.enumerated().map { step, value in
      Recorder.Entry(metric: metric.name, step: step, value: value)
    }
  }

  private func misfit(_ metric: MetricDescription, _ found: String) -> OutsideFailure {
    let expected =
      switch metric.unit {
      case "hash": "sixteen hexadecimal digits"
      case "histogram": "the text of a latency histogram"
      default: "a finite number in the unit '\(metric.unit)', or an array of them,"
      }
    return .broken(
      "the program measured '\(metric.name)' as \(found); \(expected) was expected; "
        + "correct the value")
  }
}
