// The document's arithmetic: every criterion on the real figures, every control, and broken input.

import Foundation
import LabGate
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

/// The files of the experiment and what its computations give.
private enum Document {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let claimsPath = path("claims.yaml")
  static let figuresPath = path("document/document-figures.yaml")
  static let manifestPath = path("document/document-arithmetic.yaml")

  private static func path(_ name: String) -> String {
    root.appending(path: "Experiments/\(name)").path(percentEncoded: false)
  }

  private static let asWritten = Result { try DocumentFigures(file: figuresPath) }

  static func figures(_ planted: String = PlantedChanges.none) throws -> DocumentFigures {
    var figures = try asWritten.get()
    try PlantedChanges(planted).apply(to: &figures)
    return figures
  }

  /// What a trial records, by metric.
  static func measured(_ planted: String = PlantedChanges.none) throws -> [String: MeasuredValue] {
    var recorder = Recorder()
    try DocumentArithmetic.measure(figures(planted), into: &recorder)
    return Dictionary(uniqueKeysWithValues: recorder.entries.map { ($0.metric, $0.value) })
  }
}

/// The manifest, planned, run in this process and judged.
private enum JudgedManifest {
  struct FailedTrial: Error {
    var problem: String
  }

  static func plan() throws -> Plan {
    try ManifestLoader(experiments: [DocumentArithmetic.description]).plan(
      path: Document.manifestPath, settings: ["parameters.figures-file": Document.figuresPath],
      checkingData: true)
  }

  private static let judged = Result {
    let plan = try JudgedManifest.plan()
    let runner = InlineRunner(experiments: ExperimentRegistry([DocumentArithmetic.self]))
    var rows: [LabRecord.Measurement] = []
    for (index, trial) in plan.trials.enumerated() {
      let outcome = try runner.run(index, of: plan)
      if let problem = outcome.error { throw FailedTrial(problem: problem) }
      for metric in plan.manifest.measures {
        rows.append(
          LabRecord.Measurement(
            experiment: trial.manifest, cell: trial.cell.id, arm: trial.arm,
            repetition: trial.repetition, seed: "0000000000000000", metric: metric, step: nil,
            value: outcome.entries.first { $0.metric == metric.name }?.value, status: .ok))
      }
    }
    let judge = Judge(
      experiment: plan.manifest.id, cells: plan.cells.map(RecordedCell.init),
      index: MeasurementIndex(rows), repetitions: plan.manifest.repetitions)
    return judge.outcomes(of: plan.manifest.criteria)
  }

  static func outcomes() throws -> [CriterionOutcome] { try judged.get() }
}

struct `The arithmetic of the document as it stands` {
  @Test func `the header begins 5 points above the timeline and ends with it`() throws {
    let gap = try Document.figures().passRateGap()
    #expect(gap == PassRateGap(start: 5, end: 0))
    #expect(gap.largest == 5)
  }

  @Test func `the header begins 5 points above the summary of Track 3`() throws {
    #expect(try Document.figures().track3StartGap() == 5)
  }

  @Test func `the timeline disagrees once, over the weeks of Track 4`() throws {
    let disagreements = try Document.figures().timelineDisagreements()
    #expect(
      disagreements
        == TimelineDisagreements(chainBreaks: 0, summaryDifferences: 0, misplacedTracks: [4]))
    #expect(disagreements.count == 1)
  }

  @Test func `a track states 5 of the 30 points that the timeline gains`() throws {
    let gain = try Document.figures().statedGain()
    #expect(gain == StatedGain(timeline: 30, stated: 5))
    #expect(gain.share == 5.0 / 30)
  }

  @Test func `the sections of Track 3 take 5 days, inside its range`() throws {
    #expect(try Document.figures().sectionDays(ofTrack: 3) == 5)
    #expect(try Document.figures().track3DaysOutsideRange() == 0)
  }

  @Test func `Track 5 misses its range and Track 6 its week`() throws {
    #expect(try Document.figures().tracksUnfitForTheirDays() == [5, 6])
  }

  @Test func `one crew needs 24 to 34 days in 15 working days or 21 days`() throws {
    let crew = try Document.figures().oneCrew()
    #expect(crew.days == 24...34)
    #expect(crew.workingDays == 15)
    #expect(crew.calendarDays == 21)
  }

  @Test(arguments: SavingsRow.allCases)
  func `no saving follows from another amount of the document`(_ row: SavingsRow) throws {
    #expect(try Document.figures().basesOfSaving(row) == [])
  }

  @Test func `the four savings add up to the total`() throws {
    #expect(try Document.figures().totalGap() == 0)
  }

  @Test func `1,000 to 4,333 dollars are saved twice`() throws {
    let overlap = try Document.figures().doubleCounted()
    #expect(overlap.lowerBound == 1_000)
    #expect(abs(overlap.upperBound - 13_000.0 / 3) < 1e-9)
  }

  @Test func `the returns stand in two units, and one has no number`() throws {
    let units = try Document.figures().returnUnits()
    #expect(units == ReturnUnits(units: ["%", "x"], withoutNumber: 1))
    #expect(units.faults == 2)
  }

  @Test func `the stated latencies allow speed-ups of 2 to 25`() throws {
    #expect(try Document.figures().allowedSpeedUps() == 2...25)
  }
}

struct `The criteria of the document's arithmetic` {
  @Test(arguments: [
    ("pass-rates-agree", CriterionVerdict.fail, 5.0, 0.0),
    ("track-3-start-agrees", .fail, 5, 0),
    ("timeline-agrees", .fail, 1, 0),
    ("track-3-days-add-up", .pass, 0, 4),
    ("timeline-fits-its-days", .fail, 2, 0),
    ("router-saving-derivable", .fail, 0, 1),
    ("booster-saving-derivable", .fail, 0, 1),
    ("transport-saving-derivable", .fail, 0, 1),
    ("offline-saving-derivable", .fail, 0, 1),
    ("total-adds-up", .pass, 0, 7_200),
    ("total-free-of-overlap", .fail, 1_000, 0),
    ("returns-share-a-unit", .fail, 2, 0),
  ])
  func `each is decided by its figure and turned round by its control`(
    _ id: String, _ verdict: CriterionVerdict, _ figure: Double, _ control: Double
  ) throws {
    let outcome = try #require(try JudgedManifest.outcomes().first { $0.criterion.id == id })
    #expect(outcome.verdict == verdict)
    #expect(outcome.subject.figure == figure)
    #expect(outcome.control.figure == control)
    #expect(outcome.flipped)
  }

  @Test func `there are twelve`() throws {
    #expect(try JudgedManifest.outcomes().count == 12)
  }

  @Test(arguments: [
    ("total_gap", "cost-transport-saving=18000", 7_200.0),
    ("track_3_days_outside_range", "track-3-section-2-days=8", 4.0),
    ("double_counted_least", "cost-offline-saving=8000; cost-total=105800", 0.0),
    ("total_gap", "cost-offline-saving=8000; cost-total=105800", 0.0),
    ("pass_rate_gap_end", "header-pass-rate-to=95", 5.0),
    ("pass_rate_gap", "header-pass-rate-from=58", 2.0),
    ("stated_gain_share", "track-3-pass-rate-gain=30", 1.0),
  ])
  func `a planted figure changes a number by what it should`(
    _ metric: String, _ planted: String, _ value: Double
  ) throws {
    #expect(try Document.measured(planted)[metric] == .number(value))
  }

  @Test(arguments: [
    ("timeline_chain_breaks", "timeline-week-3-pass-rate-from=66", 1),
    ("timeline_summary_differences", "track-3-pass-rate-gain=6", 1),
    ("timeline_misplaced_tracks", "track-6-last-week=5", 2),
    ("tracks_unfit_for_their_days", "track-5-section-1-days=5", 1),
    ("router_saving_bases", "+bill=56612 USD per year", 1),
    ("router_saving_bases", "+bill=56611 USD per year", 0),
    ("router_saving_bases", "+bill=60058 USD per year", 1),
    ("router_saving_bases", "+bill=60059 USD per year", 0),
    ("router_saving_bases", "+bill=60000 USD", 0),
    ("return_units", "cost-booster-return-text:text=72%", 2),
  ])
  func `a planted figure changes a count by what it should`(
    _ metric: String, _ planted: String, _ value: Int
  ) throws {
    #expect(try Document.measured(planted)[metric] == .integer(value))
  }

  @Test func `every described metric is recorded once`() throws {
    let described = DocumentArithmetic.description.metrics.map(\.name)
    #expect(Set(described).count == described.count)
    #expect(Set(try Document.measured().keys) == Set(described))
  }

  @Test func `the claims name criteria of the manifest, and every criterion is named`() throws {
    let named = try ClaimsFile.load(path: Document.claimsPath).flatMap(\.asWritten)
      .filter { $0.hasPrefix("document-arithmetic/") }
    #expect(named.sorted() == (try JudgedManifest.outcomes().map(\.name).sorted()))
  }

  @Test(arguments: [
    ("H1", "refuted"), ("T3S", "supported"), ("P1", "refuted"), ("P3", "refuted"),
    ("P4", "refuted"), ("cost-1", "refuted"), ("cost-2", "refuted"), ("cost-3", "refuted"),
    ("cost-4", "refuted"), ("cost-5", "refuted"), ("cost-6", "refuted"),
  ])
  func `the claims get their verdicts`(_ id: String, _ verdict: String) throws {
    let claims = try ClaimsFile.load(path: Document.claimsPath)
    let claim = try #require(claims.first { $0.id == id })
    let judge = ClaimJudge(outcomes: try JudgedManifest.outcomes())
    #expect(judge.outcome(of: claim).verdict.name == verdict)
  }

  @Test func `the manifest reads the file that it pins`() throws {
    let manifest = try StrictYAML.tree(ofFile: Document.manifestPath)
    let pinned = try #require(manifest["data"]?.items?.first?["path"]?.text)
    let read = try #require(manifest["parameters"]?["figures-file"]?.text)
    #expect(read == "Experiments/document/\(pinned)")
    let parameter = DocumentArithmetic.description.parameters.first { $0.name == "figures-file" }
    #expect(parameter?.fallback == .text(read))
  }
}

struct `The figures file` {
  @Test func `it has 85 figures and 4 texts`() throws {
    let figures = try Document.figures()
    #expect(figures.figures.count == 85)
    #expect(figures.texts.count == 4)
  }

  @Test func `every value stands in its quote`() throws {
    let tree = try StrictYAML.tree(ofFile: Document.figuresPath)
    for figure in try #require(tree["figures"]?.items) {
      let value = try #require(figure["value"]?.text)
      let quote = try #require(figure["quote"]?.text)
      let digits = quote.replacing(",", with: "")
      let words = digits.split { !$0.isNumber && $0 != "." }.map(String.init)
      #expect(words.contains(value), "\(figure["key"]?.text ?? "")")
    }
    for entry in try #require(tree["texts"]?.items) {
      let (text, quote) = (try #require(entry["text"]?.text), try #require(entry["quote"]?.text))
      #expect(quote.contains(text))
    }
  }

  @Test func `the numbers of the column of returns agree with its words`() throws {
    let figures = try Document.figures()
    let router = try StatedReturn(figures.text("cost-router-return-text")).share
    #expect(router?.low.saved == (try figures.value("cost-router-return-low")))
    #expect(router?.high.saved == (try figures.value("cost-router-return-high")))
    let booster = try StatedReturn(figures.text("cost-booster-return-text")).share
    #expect(booster?.low.of == (try figures.value("cost-booster-return")))
    let transport = try StatedReturn(figures.text("cost-transport-return-text")).share
    #expect(transport?.low.of == (try figures.value("cost-transport-return-low")))
    #expect(transport?.high.of == (try figures.value("cost-transport-return-high")))
  }

  @Test(arguments: [
    ("**$107,800**", [107_800.0]), ("5-7 days", [5, 7]), ("60% → 65%", [60, 65]),
    ("maxStreams: 1000,", [1000]), ("3.1 and 12,34", [3.1, 12, 34]), ("none", []),
  ])
  func `numbers are found in a line`(_ line: String, _ numbers: [Double]) {
    #expect(DocumentFigures.numbers(in: line) == numbers)
  }

  private static func yaml(_ figure: String) -> String {
    """
    fleetlab: 1
    figures:
      - key: days
        section: "3.1"
        value: 2
        unit: days
        quote: "(2 days)"
      \(figure)
    texts: []
    """
  }

  private static func problems(_ figure: String) throws -> [Diagnostic] {
    let problems = try #require(throws: ManifestProblems.self) {
      try DocumentFigures(yaml: yaml(figure), path: "figures.yaml")
    }
    return problems.diagnostics
  }

  @Test(arguments: [
    (
      #"- {key: weeks, section: "3", value: three, unit: weeks, quote: "3 weeks"}"#,
      "manifest.number", 8, 39
    ),
    (
      #"- {key: weeks, section: "3", value: 4, unit: weeks, quote: "3 weeks"}"#,
      "figures.value-without-quote", 8, 39
    ),
    (
      #"- {key: days, section: "3", value: 3, unit: days, quote: "3 days"}"#,
      "figures.duplicate-key", 8, 11
    ),
    (#"- {key: weeks, section: "3", value: 3, unit: weeks}"#, "manifest.missing-key", 8, 5),
    (
      #"- {key: weeks, section: "3", valeu: 3, value: 3, unit: weeks, quote: "3"}"#,
      "manifest.unknown-key", 8, 32
    ),
  ])
  func `what is wrong in the file is reported with its place`(
    _ figure: String, _ code: String, _ line: Int, _ column: Int
  ) throws {
    let problem = try #require(try Self.problems(figure).first)
    #expect(problem.code == code)
    #expect(problem.place == SourcePlace(path: "figures.yaml", line: line, column: column))
  }

  @Test func `a text that its quote lacks is reported`() throws {
    let text = #"""
      fleetlab: 1
      figures: []
      texts: [{key: return, section: "3", text: "50%", quote: "60%"}]
      """#
    let problems = try #require(throws: ManifestProblems.self) {
      try DocumentFigures(yaml: text, path: "figures.yaml")
    }
    #expect(problems.diagnostics.map(\.code) == ["figures.text-without-quote"])
  }

  @Test func `a file that is not there is an error that names it`() throws {
    let problems = try #require(throws: ManifestProblems.self) {
      try DocumentFigures(file: "no-such-folder/figures.yaml")
    }
    #expect(problems.diagnostics.map(\.code) == ["manifest.missing-file"])
    #expect(problems.description.contains("no-such-folder/figures.yaml"))
  }
}

struct `A figure that is not what a computation needs` {
  /// The document's figures without one key.
  private func figures(without key: String) throws -> DocumentFigures {
    let whole = try Document.figures()
    return DocumentFigures(
      figures: whole.figures.filter { $0.key != key }, texts: whole.texts.filter { $0.key != key })
  }

  @Test(arguments: [
    "header-pass-rate-from", "header-prerequisite-last-track", "timeline-week-1-first-track",
    "timeline-week-2-first-track", "timeline-week-4-pass-rate-to", "track-3-pass-rate-gain",
    "track-3-section-1-days", "track-4-section-2-days", "track-5-section-1-days",
    "track-6-days-high", "track-4-first-week", "track-3-summary-days-low", "cost-router-saving",
    "cost-total", "latency-after-low",
  ])
  func `a missing figure is named`(_ key: String) throws {
    let figures = try figures(without: key)
    var recorder = Recorder()
    let problem = try #require(throws: DocumentProblem.self) {
      try DocumentArithmetic.measure(figures, into: &recorder)
    }
    #expect(problem == .missingFigure(key))
    #expect(problem.description.contains("'\(key)'"))
  }

  @Test func `a missing text is named`() throws {
    let figures = try figures(without: "cost-offline-return-text")
    #expect(throws: DocumentProblem.missingText("cost-offline-return-text")) {
      try figures.returnUnits()
    }
  }

  @Test(arguments: [
    ("track-4-first-week=2.5", DocumentProblem.notWhole("track-4-first-week", 2.5)),
    ("track-4-last-week=100000", .notWhole("track-4-last-week", 100_000)),
    ("track-4-first-week=9", .reversed("track-4-first-week", "track-4-last-week")),
    ("track-6-days-low=11", .reversed("track-6-days-low", "track-6-days-high")),
    ("latency-after-low=0", .notPositive("latency-after-low")),
    ("header-prerequisite-last-track=6", .noTracks(prerequisite: 6, last: 6)),
    ("timeline-week-1-last-track=3", .rows(track: 3, count: 2)),
    ("timeline-week-4-pass-rate-to=60", .noGain),
    ("cost-router-return-text:text=90-85%", .badReturn("90-85%")),
    ("cost-router-return-text:text=0%", .badReturn("0%")),
    ("cost-booster-return-text:text=1x", .badReturn("1x")),
    ("cost-booster-return-text:text=1234567890123x", .badReturn("1234567890123x")),
    ("cost-router-return-text:text=much", .noShare("cost-router-return-text")),
  ])
  func `a wrong number is an error that says what is wrong`(
    _ planted: String, _ problem: DocumentProblem
  ) throws {
    #expect(throws: problem) { try Document.measured(planted) }
    #expect(problem.description.split(separator: "; ").count >= 3)
  }
}

struct `Planted changes` {
  @Test func `nothing changes nothing`() throws {
    #expect(try PlantedChanges("nothing").changes == [])
  }

  @Test func `numbers, additions and words are told apart`() throws {
    let planted = try PlantedChanges(" total=1.5 ;+bill=60000 USD per year; row-text:text=72% = x ")
    #expect(
      planted.changes == [
        .figure(key: "total", value: 1.5, unit: nil),
        .figure(key: "bill", value: 60_000, unit: "USD per year"),
        .text(key: "row-text", words: "72% = x"),
      ])
  }

  @Test(arguments: [
    ("", DocumentProblem.plantedForm("")),
    ("total", .plantedForm("total")),
    ("total=", .plantedForm("total=")),
    ("total=  ;bill=1", .plantedForm("total=")),
    ("total=1;", .plantedForm("")),
    ("Total=1", .plantedForm("Total=1")),
    ("+bill=60000", .plantedForm("+bill=60000")),
    ("+bill:text=60000 USD", .plantedForm("+bill:text=60000 USD")),
    ("total=nan", .plantedNumber("total=nan")),
    ("total=-1", .plantedNumber("total=-1")),
    ("total=1e9", .plantedNumber("total=1e9")),
    ("total=60,000", .plantedNumber("total=60,000")),
    ("total=1234567890123", .plantedNumber("total=1234567890123")),
    ("+bill=many USD", .plantedNumber("+bill=many USD")),
    ("total=1; total=2", .plantedTwice("total")),
    ("total=1; +total=2 USD", .plantedTwice("total")),
  ])
  func `what has no known form is refused`(_ text: String, _ problem: DocumentProblem) throws {
    #expect(throws: problem) { try PlantedChanges(text) }
    #expect(problem.description.split(separator: "; ").count >= 3)
  }

  @Test func `a text that is too long is refused`() throws {
    #expect(throws: DocumentProblem.plantedLength(4097)) {
      try PlantedChanges(String(repeating: "a", count: 4097))
    }
  }

  @Test(arguments: [
    ("cost-totl=1", DocumentProblem.unknownKey("cost-totl")),
    ("cost-total:text=1", .unknownKey("cost-total:text")),
    ("cost-offline-return-text=1", .unknownKey("cost-offline-return-text")),
    ("+cost-total=1 USD per year", .knownKey("cost-total")),
  ])
  func `a key that there is not, or is already, is refused`(
    _ planted: String, _ problem: DocumentProblem
  ) throws {
    #expect(throws: problem) { try Document.figures(planted) }
    #expect(problem.description.split(separator: "; ").count == 3)
  }

  @Test func `a trial without its parameters is refused`() throws {
    var trial = try #require(try JudgedManifest.plan().trials.first)
    trial.cell.settings.parameters = [:]
    var recorder = Recorder()
    let error = #expect(throws: UndescribedSetting.self) {
      try DocumentArithmetic.run(trial, into: &recorder)
    }
    #expect(error?.description.contains("parameter 'figures-file' that is a text") == true)
  }
}
