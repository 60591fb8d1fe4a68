// Does the document agree with itself? Its pass rates, days and savings, from its own numbers.

public import LabManifest
public import LabRunner

/// Computes what a document's own figures say of each other: no world, no chance, no measurement.
///
/// Every computation is a function over ``DocumentFigures`` named like its metric. A control plants
/// other figures and runs the same functions.
/// - Determinism: The figures file and the planted changes fix every value.
public enum DocumentArithmetic: Experiment {
  public static let description = ExperimentDescription(
    name: "document-arithmetic",
    summary: "The document's pass rates, days and savings against its own numbers.",
    version: 1,
    arms: [ArmDescription("document", "The document's figures, with planted changes if any.")],
    parameters: [
      ParameterDescription(
        "figures-file", .text(choices: []),
        default: .text("Experiments/document/document-figures.yaml"),
        "The file of the document's figures, absolute or relative to the working directory."),
      ParameterDescription(
        "planted", .text(choices: []), default: .text(PlantedChanges.none),
        "Other figures than the document's: 'key=value', '+key=value unit' or "
          + "'key:text=words', with "
          + "';' between two of them; 'nothing' for none."),
    ],
    metrics: passRateMetrics + dayMetrics + savingMetrics + speedMetrics)

  /// Computes everything from the figures file.
  ///
  /// - Throws: What is wrong with the file, with lines and columns, or with the planted changes.
  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    var figures = try DocumentFigures(file: trial.text("figures-file"))
    try PlantedChanges(trial.text("planted")).apply(to: &figures)
    try measure(figures, into: &recorder)
  }

  /// Records every metric.
  static func measure(
    _ figures: DocumentFigures, into recorder: inout Recorder
  ) throws(DocumentProblem) {
    try measurePassRates(figures, into: &recorder)
    try measureDays(figures, into: &recorder)
    try measureSavings(figures, into: &recorder)
    let speedUps = try figures.allowedSpeedUps()
    recorder.record("allowed_speed_up_low", speedUps.lowerBound)
    recorder.record("allowed_speed_up_high", speedUps.upperBound)
  }

  private static func measurePassRates(
    _ figures: DocumentFigures, into recorder: inout Recorder
  ) throws(DocumentProblem) {
    let gap = try figures.passRateGap()
    recorder.record("pass_rate_gap", gap.largest)
    recorder.record("pass_rate_gap_start", gap.start)
    recorder.record("pass_rate_gap_end", gap.end)
    recorder.record("track_3_start_gap", try figures.track3StartGap())
    let disagreements = try figures.timelineDisagreements()
    recorder.record("timeline_disagreements", disagreements.count)
    recorder.record("timeline_chain_breaks", disagreements.chainBreaks)
    recorder.record("timeline_summary_differences", disagreements.summaryDifferences)
    recorder.record("timeline_misplaced_tracks", disagreements.misplacedTracks.count)
    let gain = try figures.statedGain()
    recorder.record("timeline_gain", gain.timeline)
    recorder.record("stated_gain", gain.stated)
    recorder.record("stated_gain_share", gain.share)
  }

  private static func measureDays(
    _ figures: DocumentFigures, into recorder: inout Recorder
  ) throws(DocumentProblem) {
    recorder.record("track_3_section_days", try figures.sectionDays(ofTrack: 3))
    recorder.record("track_3_days_outside_range", try figures.track3DaysOutsideRange())
    recorder.record("tracks_unfit_for_their_days", try figures.tracksUnfitForTheirDays().count)
    let crew = try figures.oneCrew()
    recorder.record("one_crew_days_low", crew.days.lowerBound)
    recorder.record("one_crew_days_high", crew.days.upperBound)
    recorder.record("heading_working_days", crew.workingDays)
    recorder.record("heading_calendar_days", crew.calendarDays)
  }

  private static func measureSavings(
    _ figures: DocumentFigures, into recorder: inout Recorder
  ) throws(DocumentProblem) {
    for row in SavingsRow.allCases {
      recorder.record("\(row)_saving_bases", try figures.basesOfSaving(row).count)
    }
    recorder.record("total_gap", try figures.totalGap())
    let overlap = try figures.doubleCounted()
    recorder.record("double_counted_least", overlap.lowerBound)
    recorder.record("double_counted_most", overlap.upperBound)
    let returns = try figures.returnUnits()
    recorder.record("return_unit_faults", returns.faults)
    recorder.record("return_units", returns.units.count)
    recorder.record("returns_without_number", returns.withoutNumber)
  }
}
