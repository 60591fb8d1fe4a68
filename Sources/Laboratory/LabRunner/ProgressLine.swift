// How far a run has come, for the person who waits.

import Glibc
import LabCore
import LabRecord

/// Tells on standard error how a run goes on.
///
/// On a terminal it keeps one line up to date; elsewhere it writes a plain line now and then; for a
/// failed trial it writes a line with the command that replays it.
public struct ProgressLine: Sendable {
  /// Where and how much it tells.
  public enum Style: Hashable, Sendable {
    /// One line that is overwritten.
    case terminal
    /// Plain lines.
    case plain
    /// Nothing.
    case quiet

    /// What suits standard error, unless the user wants silence.
    public static func fitting(quiet: Bool) -> Style {
      quiet ? .quiet : isatty(STDERR_FILENO) == 1 ? .terminal : .plain
    }
  }

  /// The shortest time between two lines of a style.
  static func interval(_ style: Style) -> LabCore.Duration {
    style == .terminal ? .milliseconds(100) : .seconds(5)
  }

  private let style: Style
  private let name: String
  private var meter = ProgressMeter()
  private var lastLine: Instant?

  /// Makes a line for a run.
  ///
  /// - Parameter name: What the line begins with, usually the manifest's id.
  public init(_ style: Style, name: String) {
    self.style = style
    self.name = name
  }

  /// Takes what happened, and writes if it is time to.
  public mutating func take(_ event: RunEvent) {
    let text = text(for: event, at: Stopwatch.monotonic())
    if !text.isEmpty { _ = Descriptor.write(Array(text.utf8), to: STDERR_FILENO) }
  }

  /// What is to be written for an event at a time.
  mutating func text(for event: RunEvent, at now: Instant) -> String {
    if case .tookOver(let report) = event { return told(report) }
    guard style != .quiet else { return "" }
    switch event {
    case .tookOver: return ""
    case .began(_, let trials, let done):
      meter = ProgressMeter(trials: trials, done: done, start: now)
      lastLine = now
      let resumed = done > 0 ? ", \(done) of them done earlier" : ""
      return style == .plain ? "\(name): \(trials) trials\(resumed)\n" : line(now)
    case .finished(_, let done, let failure):
      meter.done = done
      guard let failure else { return lineIfDue(now) }
      meter.failed += 1
      return self.failure(failure) + (style == .terminal ? line(now) : "")
    case .published:
      return style == .terminal ? "\(line(now))\n" : "\(name): \(meter.text(at: now))\n"
    case .waiting: return lineIfDue(now)
    case .synced, .staged: return ""
    }
  }

  private mutating func lineIfDue(_ now: Instant) -> String {
    guard let lastLine, now - lastLine >= Self.interval(style) else { return "" }
    return line(now)
  }

  private mutating func line(_ now: Instant) -> String {
    lastLine = now
    let text = "\(name): \(meter.text(at: now))"
    return style == .terminal ? "\r\(text)\u{1b}[K" : "\(text)\n"
  }

  /// What was taken over; that it came from other code is said even to those who want silence.
  private func told(_ report: TakeoverReport) -> String {
    var text = ""
    if style != .quiet {
      let reasons = [
        (report.lacking, "are new"), (report.changed, "have changed"), (report.failed, "failed"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      let rest = reasons.isEmpty ? "nothing runs" : reasons.joined(separator: ", ") + " and run"
      text =
        "\(name): \(report.takenOver.trials) trials taken over from \(report.takenOver.run); "
        + "\(rest)\n"
      if report.dropped > 0 {
        text += "\(name): \(report.dropped) trials of that run are not in the plan and fall out\n"
      }
    }
    if let change = report.sourceChange, report.takenOver.trials > 0 {
      text +=
        "\(name): warning: the code has changed since the trials that are taken over ran: "
        + "\(Self.words(change.recorded)), now \(Self.words(change.current)); "
        + "'--rerun all' runs everything\n"
    }
    return text
  }

  private static func words(_ code: RunDescription.Code) -> String {
    let commit = code.commit.map { "commit \($0.prefix(12))" } ?? "no commit"
    return code.dirtyDigest.map { "\(commit) with changes \($0.prefix(12))" } ?? commit
  }

  private func failure(_ failure: TrialFailure) -> String {
    let head = style == .terminal ? "\r\u{1b}[K" : ""
    return "\(head)\(name): \(failure.status): \(Self.oneLine(failure.error))\n"
      + "  replay: \(failure.replay)\n"
  }

  private static func oneLine(_ text: String) -> Substring {
    text.prefix { !$0.isNewline }
  }
}

/// Counts trials and guesses how long the rest takes.
struct ProgressMeter: Sendable {
  var trials = 0
  var done = 0
  var failed = 0
  private var start = Instant.zero
  private var doneBefore = 0

  init() {}

  init(trials: Int, done: Int, start: Instant) {
    self.trials = trials
    self.done = done
    self.start = start
    doneBefore = done
  }

  /// Trials done of all, the rate, the time left, and how many failed.
  func text(at now: Instant) -> String {
    var parts = ["\(done)/\(trials) trials"]
    let seconds = (now - start).seconds
    if done > doneBefore, seconds > 0 {
      let rate = Double(done - doneBefore) / seconds
      parts.append("\(Self.short(rate))/s")
      if done < trials { parts.append("\(Self.span(Double(trials - done) / rate)) left") }
    }
    if failed > 0 { parts.append("\(failed) failed") }
    return parts.joined(separator: ", ")
  }

  private static func short(_ number: Double) -> String {
    number >= 10 ? "\(Int(number.rounded()))" : "\((number * 10).rounded() / 10)"
  }

  private static func span(_ seconds: Double) -> String {
    guard seconds < 1e7 else { return "very long" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return "\(whole / 60)min \(whole % 60)s" }
    return "\(whole / 3600)h \(whole % 3600 / 60)min"
  }
}
