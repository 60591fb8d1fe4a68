// What the document says of pass rates and weeks: its header, its tracks' headings, its timeline.

/// One row of the timeline's table.
struct TimelineRow: Hashable, Sendable {
  /// The week.
  var week: Int
  /// The tracks that it names.
  var tracks: ClosedRange<Int>
  /// The pass rate at which it begins, in percent.
  var from: Double
  /// The pass rate at which it ends, in percent.
  var to: Double

  /// The points that it gains.
  var gain: Double { to - from }
}

extension DocumentFigures {
  /// The rows of the timeline in the order of their weeks.
  ///
  /// > | **Week 2** | Track 3 | 60% → 65% | AgentDB + QUIC |
  func timeline() throws(DocumentProblem) -> [TimelineRow] {
    var rows: [TimelineRow] = []
    for week in 1...(try count(from: "timeline-week-", to: "-first-track")) {
      let row = "timeline-week-\(week)"
      rows.append(
        TimelineRow(
          week: week, tracks: try wholeRange("\(row)-first-track", "\(row)-last-track"),
          from: try value("\(row)-pass-rate-from"), to: try value("\(row)-pass-rate-to")))
    }
    return rows
  }

  /// The only row of the timeline that names a track.
  ///
  /// - Throws: ``DocumentProblem/rows(track:count:)`` when no row or several name it.
  func row(ofTrack track: Int) throws(DocumentProblem) -> TimelineRow {
    let rows = try timeline().filter { $0.tracks.contains(track) }
    guard let row = rows.first, rows.count == 1 else {
      throw .rows(track: track, count: rows.count)
    }
    return row
  }

  /// The tracks that the document itself is about: those of the timeline behind the prerequisites.
  ///
  /// > **Prerequisites:** Tracks 1-2 completed
  func ownTracks() throws(DocumentProblem) -> ClosedRange<Int> {
    let prerequisite = try whole("header-prerequisite-last-track")
    let last = try timeline().map(\.tracks.upperBound).max() ?? 0
    guard prerequisite < last else { throw .noTracks(prerequisite: prerequisite, last: last) }
    return prerequisite + 1...last
  }

  /// The weeks that a track's heading names.
  ///
  /// > Track 4: Cloud Flow Integration (Week 2-3)
  func headingWeeks(ofTrack track: Int) throws(DocumentProblem) -> ClosedRange<Int> {
    try wholeRange("track-\(track)-first-week", "track-\(track)-last-week")
  }
}

// MARK: Pass rates

/// By how many points two statements of pass rates differ at either end.
struct PassRateGap: Hashable, Sendable {
  /// The difference where the tracks begin.
  var start: Double
  /// The difference where they end.
  var end: Double

  /// The larger of the two, without its sign.
  var largest: Double { max(abs(start), abs(end)) }
}

/// How much of the timeline's gain the tracks themselves state.
struct StatedGain: Hashable, Sendable {
  /// The points that the timeline gains from the first to the last of the document's tracks.
  var timeline: Double
  /// The points that the tracks state as their own.
  var stated: Double

  /// The part of the timeline's gain that is stated.
  var share: Double { stated / timeline }
}

/// Where the timeline disagrees with itself, with Track 3's summary and with the tracks' headings.
struct TimelineDisagreements: Hashable, Sendable {
  /// Weeks that do not begin where the last one ended.
  var chainBreaks: Int
  /// Of start, end and gain of Track 3's row, those that its summary states differently.
  var summaryDifferences: Int
  /// Tracks whose rows are of other weeks than their heading names.
  var misplacedTracks: [Int]

  /// All of them.
  var count: Int { chainBreaks + summaryDifferences + misplacedTracks.count }
}

extension DocumentFigures {
  /// `pass-rates-agree`: by how many points the header's target and the timeline's rows for the
  /// same tracks differ.
  ///
  /// > **Prerequisites:** Tracks 1-2 completed
  /// > **Target:** Pass rate 65% → 90%+
  /// > | **Week 2** | Track 3 | 60% → 65% | AgentDB + QUIC |
  /// > | **Week 4** | Track 6 | 80% → 90% | Advanced coordination |
  func passRateGap() throws(DocumentProblem) -> PassRateGap {
    let tracks = try ownTracks()
    return PassRateGap(
      start: try value("header-pass-rate-from") - row(ofTrack: tracks.lowerBound).from,
      end: try value("header-pass-rate-to") - row(ofTrack: tracks.upperBound).to)
  }

  /// `track-3-start-agrees`: by how many points the header's start lies above the rate from which
  /// Track 3's summary counts.
  ///
  /// > **Target:** Pass rate 65% → 90%+
  /// > **Pass Rate Impact:** +5% (60% → 65%)
  func track3StartGap() throws(DocumentProblem) -> Double {
    try value("header-pass-rate-from") - value("track-3-pass-rate-from")
  }

  /// `timeline-agrees`: where weeks, rates and tracks of the timeline disagree with each other and
  /// with the tracks.
  ///
  /// > | **Week 1** | Track 1-2 | 50% → 60% | Critical fixes + Learning |
  /// > | **Week 2** | Track 3 | 60% → 65% | AgentDB + QUIC |
  /// > | **Week 3** | Track 4-5 | 65% → 80% | Cloud + Skills |
  /// > | **Week 4** | Track 6 | 80% → 90% | Advanced coordination |
  /// > **Pass Rate Impact:** +5% (60% → 65%)
  /// > Track 3: AgentDB Enhancement (Week 2)
  /// > Track 4: Cloud Flow Integration (Week 2-3)
  /// > Track 5: Skill System Overhaul (Week 3)
  /// > Track 6: Agent Coordination Enhancement (Week 4)
  func timelineDisagreements() throws(DocumentProblem) -> TimelineDisagreements {
    let rows = try timeline()
    let row = try row(ofTrack: 3)
    let summary = [
      (try value("track-3-pass-rate-from"), row.from), (try value("track-3-pass-rate-to"), row.to),
      (try value("track-3-pass-rate-gain"), row.gain),
    ]
    var misplaced: [Int] = []
    for track in try ownTracks() {
      let weeks = rows.filter { $0.tracks.contains(track) }.map(\.week)
      if weeks != Array(try headingWeeks(ofTrack: track)) { misplaced.append(track) }
    }
    return TimelineDisagreements(
      chainBreaks: zip(rows, rows.dropFirst()).count { $0.to != $1.from },
      summaryDifferences: summary.count { $0 != $1 }, misplacedTracks: misplaced)
  }

  /// How many of the points that the timeline gains are stated by a track as its own.
  ///
  /// > **Pass Rate Impact:** +5% (60% → 65%)
  /// - Throws: ``DocumentProblem/noGain`` when there are no points.
  func statedGain() throws(DocumentProblem) -> StatedGain {
    let tracks = try ownTracks()
    let (first, last) = (
      try row(ofTrack: tracks.lowerBound), try row(ofTrack: tracks.upperBound)
    )
    let gain = StatedGain(
      timeline: last.to - first.from,
      stated: tracks.reduce(0) { $0 + (figures["track-\($1)-pass-rate-gain"]?.value ?? 0) })
    guard gain.timeline > 0 else { throw .noGain }
    return gain
  }
}
