// From a manifest to its cells and trials.

import LabCore

/// Multiplies a manifest into cells and trials.
struct Planner {
  /// The most trials that one plan may have.
  static let trialLimit = 1_000_000

  private let reading: ManifestReader.Reading
  private let identity: CellIdentity
  private let place: SourcePlace
  /// Whether a criterion that selects no cell is a mistake.
  private let requiresSelections: Bool
  private let log: ProblemLog
  private var settings: SettingsReader
  private var changesByID: [String: [SettingsReader.Change]] = [:]

  init(
    _ reading: ManifestReader.Reading, place: SourcePlace, requiresSelections: Bool, log: ProblemLog
  ) {
    self.reading = reading
    self.place = place
    self.requiresSelections = requiresSelections
    self.log = log
    settings = reading.settings
    identity = CellIdentity(
      experiment: reading.manifest.experiment, data: reading.manifest.data)
  }

  /// The cells of the sweep in its order, then those of the controls; `nil` after a report.
  mutating func cells() -> [Cell]? {
    let before = log.count
    let manifest = reading.manifest
    let sweep = reading.sweep ?? Sweep(place: place)
    guard let points = sweep.points(cellLimit: manifest.limits.cells, log: log) else { return nil }
    guard isWithinLimit(points.count) else { return nil }
    var cells: [Cell] = []
    var known: [String: Int] = [:]
    for indices in points {
      let values = sweep.values(at: indices)
      let changes = Array(zip(sweep.keys, values)).map { (key: $0, value: $1) }
      guard let read = settings.settings(changes: changes) else { continue }
      let id = identity.id(
        parameters: read.parameterTexts, network: read.networkDigest, workload: read.workloadDigest)
      let coordinates = changes.map { Cell.Coordinate(key: $0.key.name, value: $0.value.text) }
      if let other = known.updateValue(cells.count, forKey: id) {
        reportRepeated(coordinates, cells[other].coordinates, values.last?.tree.place ?? place)
      }
      changesByID[id] = changes
      cells.append(
        Cell(
          id: id, coordinates: coordinates, settings: read.settings, control: nil, controls: nil,
          arms: manifest.arms))
    }
    guard log.count == before else { return nil }
    let controls = reading.criteria.flatMap { controlCells($0, of: cells) }
    return log.count == before ? cells + controls : nil
  }

  /// The trials of cells, which all arms of a cell meet with the same seeds.
  func trials(of cells: [Cell]) -> [Trial] {
    let manifest = reading.manifest
    let root = Seed(manifest.seed).child(manifest.id)
    return cells.flatMap { cell in
      let seed = root.child(cell.id)
      return cell.arms.flatMap { arm in
        (0..<manifest.repetitions).map { repetition in
          Trial(
            manifest: manifest.id, cell: cell, arm: arm, repetition: repetition,
            seed: seed.child(repetition))
        }
      }
    }
  }

  // MARK: Controls

  private mutating func controlCells(
    _ reading: CriterionReader.Reading, of cells: [Cell]
  ) -> [Cell] {
    let criterion = reading.criterion
    let selected = cells.filter { cell in
      reading.selection.allSatisfy { key, texts in
        cell.coordinates.contains { $0.key == key.name && texts.contains($0.value) }
      }
    }
    if selected.isEmpty, requiresSelections {
      log.report(
        "manifest.no-such-cell", at: reading.place,
        "the criterion '\(criterion.id)' selects no cell of the sweep; at least one was expected; "
          + "change its 'where'")
    }
    return zip(criterion.controls, reading.changes).flatMap { control, changes in
      controlCells(control, changes, of: selected, reading)
    }
  }

  private mutating func controlCells(
    _ planted: (name: String, change: Criterion.Control), _ changes: [SettingsReader.Change],
    of selected: [Cell], _ reading: CriterionReader.Reading
  ) -> [Cell] {
    guard !changes.isEmpty else { return [] }
    let criterion = reading.criterion
    var controls: [Cell] = []
    var known: Set<String> = []
    var changesAnything = planted.change.arm.map { $0 != criterion.arm } ?? false
    for cell in selected {
      guard let control = controlCell(of: cell, planted, changes, criterion) else { return [] }
      changesAnything = changesAnything || control.settings != cell.settings
      // Cells that become the same by the change are one.
      if known.insert(control.id).inserted { controls.append(control) }
    }
    guard changesAnything || selected.isEmpty else {
      log.report(
        "manifest.control", at: reading.place,
        "the control of '\(planted.name)' leaves every cell as it is; settings that differ from "
          + "the cells' were expected; set another value")
      return []
    }
    return controls
  }

  private mutating func controlCell(
    of cell: Cell, _ planted: (name: String, change: Criterion.Control),
    _ changes: [SettingsReader.Change], _ criterion: Criterion
  ) -> Cell? {
    let kept = (changesByID[cell.id] ?? []).filter { change in
      !changes.contains { change.key.isInside($0.key) }
    }
    guard let read = settings.settings(changes: kept + changes) else { return nil }
    var arms = [planted.change.arm ?? criterion.arm]
    if let other = criterion.bar.otherArm, !arms.contains(other) { arms.append(other) }
    let coordinates = cell.coordinates.map { coordinate in
      let change = changes.first { $0.key.name == coordinate.key }
      return Cell.Coordinate(key: coordinate.key, value: change?.value.text ?? coordinate.value)
    }
    let id = identity.id(
      parameters: read.parameterTexts, network: read.networkDigest, workload: read.workloadDigest,
      control: planted.name)
    return Cell(
      id: id, coordinates: coordinates, settings: read.settings, control: planted.name,
      controls: cell.id, arms: arms)
  }

  // MARK: Reports

  private func isWithinLimit(_ cells: Int) -> Bool {
    let manifest = reading.manifest
    let each = manifest.arms.count.multipliedReportingOverflow(by: manifest.repetitions)
    let all = cells.multipliedReportingOverflow(by: each.partialValue)
    if !each.overflow, !all.overflow, all.partialValue <= Self.trialLimit { return true }
    log.report(
      "manifest.too-many-trials", at: place,
      "\(cells) cells, \(manifest.arms.count) arms and \(manifest.repetitions) repetitions make "
        + "more than \(Self.trialLimit) trials; fewer were expected; lower one of them")
    return false
  }

  private func reportRepeated(
    _ one: [Cell.Coordinate], _ other: [Cell.Coordinate], _ place: SourcePlace
  ) {
    func text(_ coordinates: [Cell.Coordinate]) -> String {
      coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
    log.report(
      "manifest.duplicate-cell", at: place,
      "the cell \(text(one)) has the same settings as the cell \(text(other)); cells that differ "
        + "were expected; remove one")
  }
}

extension SettingKey {
  /// Whether the setting is another one or a part of it.
  fileprivate func isInside(_ other: SettingKey) -> Bool {
    path == other.path || path.hasPrefix(other.path + ".")
  }
}

extension Criterion.Bar {
  /// The arm with which the bar compares.
  var otherArm: String? {
    switch self {
    case .atLeastTimes(_, let arm), .atMostTimes(_, let arm), .equalsTimes(_, let arm),
      .withinTimes(_, let arm), .atLeastPlus(_, let arm), .atMostPlus(_, let arm):
      arm
    case .atLeast, .atMost, .equals, .within, .matches: nil
    }
  }
}
