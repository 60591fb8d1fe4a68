// What the document's arithmetic measures, in the order of the document's subjects.

import LabManifest

extension DocumentArithmetic {
  static let passRateMetrics = [
    MetricDescription(
      "pass_rate_gap", .exact, unit: "points", .lower,
      "The larger difference between the header's target and the timeline's rows, at either end."),
    MetricDescription(
      "pass_rate_gap_start", .exact, unit: "points", .neutral,
      "The header's start less that of the row of the first own track."),
    MetricDescription(
      "pass_rate_gap_end", .exact, unit: "points", .neutral,
      "The header's end less that of the row of the last own track."),
    MetricDescription(
      "track_3_start_gap", .exact, unit: "points", .neutral,
      "The header's start less the rate from which Track 3's summary counts."),
    MetricDescription(
      "timeline_disagreements", .exact, unit: "1", .lower,
      "Chain breaks, summary differences and misplaced tracks together."),
    MetricDescription(
      "timeline_chain_breaks", .exact, unit: "1", .lower,
      "Weeks that do not begin at the pass rate at which the last one ended."),
    MetricDescription(
      "timeline_summary_differences", .exact, unit: "1", .lower,
      "Of start, end and gain of Track 3's row, those that its summary states differently."),
    MetricDescription(
      "timeline_misplaced_tracks", .exact, unit: "1", .lower,
      "Tracks whose rows are of other weeks than their heading names."),
    MetricDescription(
      "timeline_gain", .exact, unit: "points", .neutral,
      "What the timeline gains from the first own track to the last."),
    MetricDescription(
      "stated_gain", .exact, unit: "points", .neutral, "What the tracks state as their own gain."),
    MetricDescription(
      "stated_gain_share", .exact, unit: "1", .neutral, "The stated part of the timeline's gain."),
  ]

  static let dayMetrics = [
    MetricDescription(
      "track_3_section_days", .exact, unit: "days", .neutral,
      "The days of Track 3's sections together."),
    MetricDescription(
      "track_3_days_outside_range", .exact, unit: "days", .lower,
      "By how much these days miss the range of Track 3's summary."),
    MetricDescription(
      "tracks_unfit_for_their_days", .exact, unit: "1", .lower,
      "Tracks whose sections miss the track's range, or whose range is longer than its weeks."),
    MetricDescription(
      "one_crew_days_low", .exact, unit: "days", .neutral,
      "The fewest days of all own tracks, one after the other."),
    MetricDescription(
      "one_crew_days_high", .exact, unit: "days", .neutral,
      "The most days of all own tracks, one after the other."),
    MetricDescription(
      "heading_working_days", .exact, unit: "days", .neutral,
      "Five days for each week from the first to the last that a heading names."),
    MetricDescription(
      "heading_calendar_days", .exact, unit: "days", .neutral,
      "Seven days for each of these weeks."),
  ]

  static let savingMetrics =
    SavingsRow.allCases.map { row in
      MetricDescription(
        "\(row)_saving_bases", .exact, unit: "1", .higher,
        "Other yearly amounts that, times the share of the \(row)'s row, give its saving.")
    } + [
      MetricDescription(
        "total_gap", .exact, unit: "USD", .neutral, "The sum of the rows less the total."),
      MetricDescription(
        "double_counted_least", .exact, unit: "USD", .lower,
        "What the offline row saves above what the router leaves, at the router's least share."),
      MetricDescription(
        "double_counted_most", .exact, unit: "USD", .lower,
        "What the offline row saves above what the router leaves, at the router's greatest share."),
      MetricDescription(
        "return_unit_faults", .exact, unit: "1", .lower,
        "Units of the column of returns beyond the first, and entries without a number."),
      MetricDescription(
        "return_units", .exact, unit: "1", .lower, "Different units of the column of returns."),
      MetricDescription(
        "returns_without_number", .exact, unit: "1", .lower,
        "Entries of the column of returns that have no number."),
    ]

  static let speedMetrics = [
    MetricDescription(
      "allowed_speed_up_low", .exact, unit: "×", .neutral,
      "The least latency before over the greatest after."),
    MetricDescription(
      "allowed_speed_up_high", .exact, unit: "×", .neutral,
      "The greatest latency before over the least after."),
  ]
}
