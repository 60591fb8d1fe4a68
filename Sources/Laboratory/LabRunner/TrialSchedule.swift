// Which trials run, in which order, and which of them the record keeps.

import LabCore
import LabManifest
import LabRecord
import Statistics

/// Hands out the trials of a plan, or of one part of it.
///
/// With a precision, each cell begins with as many repetitions as the rule needs at least, and goes
/// on while the rule is not content. The rule looks at the repetitions in their order, so what is
/// kept does not depend on how many workers there are, in which order they answer, or how often the
/// run was killed: the kept repetitions of a cell are the first ones up to the one that satisfies
/// the rule. What ran beyond it is not kept.
/// - Complexity: Constant time for each trial, plus one sort.
struct TrialSchedule {
  /// The trials of one cell, as far as the schedule needs them.
  private struct CellState {
    /// The trials of each repetition, in the order of their block.
    var repetitions: [[Int]] = []
    /// How many repetitions were handed out.
    var given = 0
    /// How many of the first repetitions were looked at.
    var seen = 0
    /// The values of each arm so far, in the order of the cell's arms.
    var moments: [String: RunningMoments] = [:]
    /// Whether the precision is reached.
    var isReached = false

    var isOver: Bool { isReached || seen == repetitions.count }

    mutating func add(_ trial: Int, to repetition: Int) {
      while repetitions.count <= repetition { repetitions.append([]) }
      repetitions[repetition].append(trial)
    }
  }

  private let assembly: RecordAssembly
  private let rule: (metric: String, precision: RelativePrecision)?
  /// The cells of this part in the order of the plan, by their places there.
  private let places: [Int]
  private var states: [Int: CellState] = [:]
  private let placeOfCell: [String: Int]
  /// How many repetitions of a cell run ahead of the last look, so that no worker waits.
  private let lead: Int

  /// Prepares the trials of a plan, or of one part of it.
  ///
  /// - Parameter jobs: How many workers want trials.
  /// - Throws: ``RunError/precision(_:)`` for a rule that makes no sense.
  init(_ assembly: RecordAssembly, shard: Shard?, jobs: Int) throws(RunError) {
    self.assembly = assembly
    let plan = assembly.plan
    let cells = assembly.cellPlaces
    placeOfCell = cells
    places = plan.cells.indices.filter { shard?.holds($0) ?? true }
    do throws(StatisticsError) {
      rule = try plan.manifest.precision.map { rule throws(StatisticsError) in
        let (share, confidence) = (rule.relative.value, rule.confidence.value)
        return (rule.metric, try RelativePrecision(share: share, confidence: confidence))
      }
    } catch { throw .precision("\(error)") }
    let mine = Set(places)
    for (index, trial) in plan.trials.enumerated() {
      guard let place = cells[trial.cell.id], mine.contains(place) else { continue }
      states[place, default: CellState()].add(index, to: trial.repetition)
    }
    let width = states.values.reduce(0) { $0 + ($1.repetitions.first?.count ?? 0) }
    lead = max(1, (2 * jobs).dividedRoundingUp(by: max(1, width)))
    states = states.mapValues { state in
      var state = state
      state.repetitions = state.repetitions.map { block in
        block.sorted { assembly.order(of: plan.trials[$0]) < assembly.order(of: plan.trials[$1]) }
      }
      return state
    }
  }

  /// All trials of this part, whether they will be needed or not.
  var all: [Int] { places.flatMap { states[$0]?.repetitions.flatMap(\.self) ?? [] }.sorted() }

  /// Whether nothing is left to run.
  func isOver(_ outcomes: [Int: TrialOutcome]) -> Bool {
    if rule != nil { return states.values.allSatisfy(\.isOver) }
    return all.allSatisfy { outcomes[$0] != nil }
  }

  /// The outcomes that the record keeps.
  func kept(of outcomes: [Int: TrialOutcome]) -> [Int: TrialOutcome] {
    guard rule != nil else { return outcomes }
    let trials = states.values.flatMap { $0.repetitions.prefix($0.seen).flatMap(\.self) }
    return Dictionary(
      uniqueKeysWithValues: trials.compactMap { index in
        outcomes[index].map { (index, $0) }
      })
  }

  /// What the record says of the rule; `nil` without one.
  var stopping: RunDescription.Stopping? {
    guard let rule else { return nil }
    var cells: [String: RunDescription.Stopping.Cell] = [:]
    for (place, state) in states {
      cells[assembly.plan.cells[place].id] = .init(
        repetitions: state.seen, isReached: state.isReached)
    }
    return .init(
      metric: rule.metric, relative: rule.precision.share, confidence: rule.precision.confidence,
      cells: cells)
  }

  // MARK: Handing out

  /// The trials to begin with: those of virtual time in the order of the plan, or those in real
  /// time in blocks, cell by cell, and in each repetition every arm once, in turn forwards and
  /// backwards, so that a drift of the machine hits all arms alike.
  ///
  /// - Parameter outcomes: What earlier lives of the run and the record that it took over left.
  mutating func begin(
    inRealTime: Bool, after outcomes: [Int: TrialOutcome]
  ) throws(RunError) -> [Int] {
    var trials: [Int] = []
    for place in places where isRealTime(place) == inRealTime {
      trials += try goOn(at: place, outcomes)
    }
    trials.removeAll { outcomes[$0] != nil }
    return inRealTime ? trials : trials.sorted()
  }

  /// The trials that follow from the end of one.
  mutating func trials(
    after outcome: TrialOutcome, _ outcomes: [Int: TrialOutcome]
  ) throws(RunError) -> [Int] {
    guard rule != nil, let place = placeOfCell[assembly.plan.trials[outcome.trial].cell.id]
    else { return [] }
    return try goOn(at: place, outcomes).filter { outcomes[$0] == nil }
  }

  private func isRealTime(_ place: Int) -> Bool {
    states[place]?.repetitions.first?.first.map(assembly.isRealTime) ?? false
  }

  /// Looks at what a cell has come to, and hands out further repetitions if it needs them.
  private mutating func goOn(
    at place: Int, _ outcomes: [Int: TrialOutcome]
  ) throws(RunError) -> [Int] {
    guard var state = states[place] else { return [] }
    defer { states[place] = state }
    guard let rule else {
      let rest = state.repetitions.dropFirst(state.given)
      state.given = state.repetitions.count
      return rest.flatMap(\.self)
    }
    var trials: [Int] = []
    while true {
      while !state.isOver, state.seen < state.given,
        state.repetitions[state.seen].allSatisfy({ outcomes[$0] != nil })
      {
        look(at: &state, outcomes, rule.metric)
        do throws(StatisticsError) {
          state.isReached = try isContent(rule.precision, state)
        } catch { throw .precision("\(error)") }
      }
      let wanted = max(RelativePrecision.leastCount, state.seen + lead)
      let next = min(wanted, state.repetitions.count)
      guard !state.isOver, next > state.given else { return trials }
      trials += state.repetitions[state.given..<next].flatMap(\.self)
      state.given = next
    }
  }

  /// Takes the values of the next repetition; a trial that did not measure the metric has none.
  private func look(
    at state: inout CellState, _ outcomes: [Int: TrialOutcome], _ metric: String
  ) {
    for index in state.repetitions[state.seen] {
      let values = (outcomes[index]?.entries ?? []).filter { $0.metric == metric }
        .compactMap(\.value.number)
      guard !values.isEmpty else { continue }
      let value = values.reduce(0, +) / Double(values.count)
      state.moments[assembly.plan.trials[index].arm, default: RunningMoments()].add(value)
    }
    state.seen += 1
  }

  private func isContent(
    _ precision: RelativePrecision, _ state: CellState
  ) throws(StatisticsError) -> Bool {
    for index in state.repetitions.first ?? [] {
      guard let moments = state.moments[assembly.plan.trials[index].arm],
        try precision.isReached(by: moments)
      else { return false }
    }
    return true
  }
}

extension Int {
  fileprivate func dividedRoundingUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
