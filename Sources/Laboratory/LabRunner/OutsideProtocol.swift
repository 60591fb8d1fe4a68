// The language that the runner speaks with programs from outside.

import FoundationEssentials
import LabCore
import LabManifest
import LabRecord

/// The language in which a program from outside serves as an arm: one JSON object a line, UTF-8,
/// over the program's standard input and output.
///
/// The runner speaks first, and each of its lines has one answer:
///
///     runner   {"fleetlab":1,"experiment":"event-throughput","folder":"/…/mine-1"}
///     program  {"fleetlab":1,"name":"mine","version":"1.2","capabilities":[]}
///     runner   {"run":{"trial":7,"arm":"mine","cell":"0f3c9a1b2d4e5f60","repetition":0,
///               "seed":"00000000000000ff","settings":{"population":1000}}}      (one line)
///     program  {"trial":7,"work":200000,"metrics":{"events_per_second":1200000.0}}
///     runner   {"end":{}}      and closes the program's input; the program ends
///
/// A program that cannot run a trial answers `{"trial":7,"error":"why"}`. What it prints to its
/// standard error is kept, and its end is shown with a trial that failed.
///
/// - **Settings** are plain JSON: lengths of time in seconds, sizes in bytes, rates in bits a
///   second, ratios from 0 to 1, laws as text such as `exponential(0.01)`. Where the experiment
///   takes them, `network` and `workload` are objects with the keys of manifests.
/// - **Seed** is the root of the trial's chances, 64 bits in hexadecimal, the same for every arm of
///   a cell and repetition. In an experiment of virtual time the same seed must give the same
///   values.
/// - **Work** counts what was really done, at least 1: events, requests, queries.
/// - **Metrics**: every one that the manifest measures, except those that the runner measures
///   itself, ``RunnerMetric``; one that the manifest does not measure is dropped, one that the
///   experiment does not know fails the trial. A value is a number; an array of numbers, which is a
///   series with the steps 0, 1, …; `{"npy":"name"}`, the same in a file of NumPy's format in the
///   folder that the greeting named; sixteen hexadecimal digits as a text where the unit is `hash`;
///   a histogram's text where it is `histogram`.
/// - **Capabilities** are none so far; unknown ones are passed over.
///
/// A program serves many trials, one after the other, and runs in the folder of the manifest. The
/// wall limit of the manifest holds for each answer, its memory limit for the program at any time.
/// A program that breaks a limit or the language is stopped with everything in its process group;
/// its trial fails, and the next one meets a new process.
public enum OutsideProtocol {
  /// The version of the language.
  public static let version = 1
  /// The longest line, in bytes.
  public static let lineLimit = 1 << 20
  /// The longest file of an array, in bytes.
  public static let arrayLimit = 64 << 20

  /// The first line of the runner.
  static func greeting(experiment: String, folder: String) throws(OutsideFailure) -> [UInt8] {
    try line(OutsideGreeting(fleetlab: version, experiment: experiment, folder: folder))
  }

  /// The line that asks for a trial.
  static func request(_ index: Int, _ trial: Trial) throws(OutsideFailure) -> [UInt8] {
    try line(
      OutsideRequest(
        run: .init(
          trial: index, arm: trial.arm, cell: trial.cell.id, repetition: trial.repetition,
          seed: MeasuredValue.hash(trial.seed.value).text, settings: trial.cell.settings.json)))
  }

  /// The last line of the runner.
  static let farewell = Array("{\"end\":{}}\n".utf8)

  /// Reads the program's greeting.
  static func introduction(_ line: [UInt8]) throws(OutsideFailure) -> OutsideIntroduction {
    let introduction = try object(OutsideIntroduction.self, line, "its greeting")
    guard introduction.fleetlab == version else {
      throw .broken(
        "the program speaks version \(introduction.fleetlab) of the protocol; version \(version) "
          + "was expected; use a program for this version")
    }
    for text in [introduction.name, introduction.version] {
      let isPrintable = text.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control
      }
      guard (1...100).contains(text.count), isPrintable else {
        throw .broken(
          "the program calls itself '\(text.prefix(40))'; a name and a version of 1 to 100 "
            + "printable characters were expected; correct its greeting")
      }
    }
    return introduction
  }

  /// Reads the program's answer for a trial.
  static func answer(_ line: [UInt8], to trial: Int) throws(OutsideFailure) -> OutsideAnswer {
    let answer = try object(OutsideAnswer.self, line, "its answer")
    guard answer.trial == trial else {
      throw .broken(
        "the program answered trial \(answer.trial); trial \(trial) was expected; "
          + "answer each request once, with its own number")
    }
    return answer
  }

  private static func line(_ object: some Encodable) throws(OutsideFailure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let line: [UInt8]
    do { line = Array(try encoder.encode(object)) + [UInt8(ascii: "\n")] } catch {
      throw .broken("the request cannot be written: \(error)")
    }
    guard line.count <= lineLimit else {
      throw .broken(
        "the request has \(line.count) bytes; at most \(lineLimit) were expected; "
          + "make the manifest's network smaller")
    }
    return line
  }

  private static func object<Object: Decodable>(
    _ type: Object.Type, _ line: [UInt8], _ what: String
  ) throws(OutsideFailure) -> Object {
    do { return try LineCoder.object(type, from: line) } catch {
      let text = String(decoding: line.prefix(80), as: UTF8.self)
      throw .broken(
        "the program wrote '\(text)'; one JSON object a line was expected as \(what) "
          + "(\(reason(error))); print anything else to standard error")
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has the wrong type"
    default: "it is not valid JSON"
    }
  }
}

/// Why a trial of a program from outside did not end well.
struct OutsideFailure: Error, Hashable {
  /// How the trial ended.
  var status: TrialStatus
  /// What is wrong; what was expected; what to do.
  var text: String

  /// A failure that no limit caused.
  static func broken(_ text: String) -> OutsideFailure {
    OutsideFailure(status: .failed, text: text)
  }
}
