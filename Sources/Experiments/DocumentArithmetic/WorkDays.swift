// What the document says of days: its sections, its tracks and the weeks into which they must fit.

/// How long one crew works on all tracks, one after the other, and how long the headings give it.
struct OneCrew: Hashable, Sendable {
  /// The days of all tracks.
  var days: ClosedRange<Double>
  /// The weeks from the first to the last that a heading names.
  var weeks: Int

  /// The working days of these weeks.
  var workingDays: Int { weeks * 5 }
  /// All days of these weeks.
  var calendarDays: Int { weeks * DocumentFigures.daysPerWeek }
}

extension DocumentFigures {
  /// All days of a week, the most generous reading of the document.
  static let daysPerWeek = 7

  /// The days of a track's sections together.
  ///
  /// > ### 3.1 QUIC Synchronization for Distributed Fleet (2 days)
  func sectionDays(ofTrack track: Int) throws(DocumentProblem) -> Double {
    let section = "track-\(track)-section-"
    var days = 0.0
    for number in 1...(try count(from: section, to: "-days")) {
      days += try value("\(section)\(number)-days")
    }
    return days
  }

  /// The days that a track's heading gives it.
  ///
  /// > **Duration:** 5-7 days
  func days(ofTrack track: Int) throws(DocumentProblem) -> ClosedRange<Double> {
    try range("track-\(track)-days-low", "track-\(track)-days-high")
  }

  /// `track-3-days-add-up`: by how many days the sections of Track 3 miss the range of its summary.
  ///
  /// > ### 3.1 QUIC Synchronization for Distributed Fleet (2 days)
  /// > ### 3.2 Hybrid Search for Test Pattern Retrieval (2 days)
  /// > ### 3.3 Learning Plugin Integration (1 day)
  /// > **Total Effort:** 5-7 days
  func track3DaysOutsideRange() throws(DocumentProblem) -> Double {
    let days = try sectionDays(ofTrack: 3)
    let range = try range("track-3-summary-days-low", "track-3-summary-days-high")
    return max(range.lowerBound - days, days - range.upperBound, 0)
  }

  /// `timeline-fits-its-days`: the tracks whose sections add up to days outside the track's range,
  /// or whose range ends after the weeks of the heading, all seven days of a week counted.
  ///
  /// > Track 5: Skill System Overhaul (Week 3)
  /// > **Duration:** 5-7 days
  /// > ### 5.1 Update Skill Definitions with Best Practices (2 days)
  /// > Track 6: Agent Coordination Enhancement (Week 4)
  /// > **Duration:** 7-10 days
  func tracksUnfitForTheirDays() throws(DocumentProblem) -> [Int] {
    var unfit: [Int] = []
    for track in try ownTracks() {
      let days = try days(ofTrack: track)
      let room = Double(Self.daysPerWeek * (try headingWeeks(ofTrack: track).count))
      let addsUp = days.contains(try sectionDays(ofTrack: track))
      if !addsUp || days.upperBound > room { unfit.append(track) }
    }
    return unfit
  }

  /// The days that the tracks take when one crew works on one after the other.
  ///
  /// > **Duration:** 7-10 days
  func oneCrew() throws(DocumentProblem) -> OneCrew {
    var (low, high) = (0.0, 0.0)
    var weeks: [Int] = []
    for track in try ownTracks() {
      let days = try days(ofTrack: track)
      low += days.lowerBound
      high += days.upperBound
      weeks += try headingWeeks(ofTrack: track)
    }
    let span = (weeks.max() ?? 0) - (weeks.min() ?? 0) + 1
    return OneCrew(days: low...high, weeks: span)
  }
}
