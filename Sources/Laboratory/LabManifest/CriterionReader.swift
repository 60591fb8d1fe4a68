// Reading criteria and their controls.

import LabCore

/// Reads the `criteria` of a manifest.
struct CriterionReader {
  let experiment: ExperimentDescription
  /// The arms that run.
  let arms: [String]
  /// The metrics that are kept.
  let measures: [MetricDescription]
  let settings: SettingKeys
  let sweep: Sweep?
  /// The values that the sweep has at standard size; `nil` for a text that was resolved before.
  let standardTexts: ((SettingKey) -> Set<String>)?
  let log: ProblemLog

  /// A criterion with what its control changes.
  struct Reading {
    let criterion: Criterion
    let selection: [(key: SettingKey, texts: Set<String>)]
    /// What the control sets, and what the repair sets, in the order of the criterion's controls.
    let changes: [[SettingsReader.Change]]
    let place: SourcePlace
  }

  /// A criterion; `nil` after a report.
  func criterion(_ reader: StrictReader) -> Reading? {
    let before = log.count
    guard reader.tree.entries == nil || reader.tree["control"] != nil else {
      reader.report(
        "manifest.no-control",
        "the criterion has no control, so nothing shows that it can fail; a change that must turn "
          + "its outcome round was expected; add 'control: {text: …, arm: …}' or "
          + "'control: {text: …, set: {…}}'")
      _ = reader.fields(ManifestKeys.criterion.names)
      return nil
    }
    guard let fields = reader.fields(ManifestKeys.criterion) else { return nil }
    let id = fields.read("id") { $0.name() }
    let text = fields.read("text") { $0.text() }
    let metric = fields.read("metric") { self.metric($0) }
    let arm = arm(fields, reader)
    let selection = fields.read("where", default: []) { self.selection($0) }
    let scope = fields.read("scope", default: .every) { $0.choice(Criterion.Scope.self) }
    let statistic = fields.read("statistic", default: .mean) { self.statistic($0) }
    if let metric, let statistic { check(statistic, of: metric, fields, reader) }
    let bar = metric.flatMap { metric in fields.read("bar") { BarReader(self, metric).bar($0, arm) }
    }
    let control = fields.read("control") { self.control($0, arm: arm, reader) }
    let repair = fields["repair"].map { self.control($0, arm: arm, reader) }
    guard log.count == before, let id, let text, let metric, let arm, let selection, let scope,
      let statistic, let bar, let control
    else { return nil }
    let criterion = Criterion(
      id: id, text: text, metric: metric.name, arm: arm,
      selection: selection.map { .init(key: $0.key.name, values: $0.ordered) },
      statistic: statistic, scope: scope, bar: bar, control: control.control,
      repair: repair??.control)
    return Reading(
      criterion: criterion, selection: selection.map { ($0.key, Set($0.ordered)) },
      changes: [control.changes] + (repair.map { [$0?.changes ?? []] } ?? []),
      place: reader.place)
  }

  // MARK: What is judged

  /// A metric that is kept.
  func metric(_ reader: StrictReader) -> MetricDescription? {
    reader.metric(of: experiment, kept: measures)
  }

  /// An arm that runs.
  func runningArm(_ reader: StrictReader) -> String? {
    guard let name = reader.name() else { return nil }
    if arms.contains(name) { return name }
    let isKnown = experiment.arms.contains { $0.name == name }
    reader.report(
      "manifest.unknown-arm",
      isKnown
        ? "the arm '\(name)' does not run; one of \(quoted(arms)) was expected; add it to 'arms'"
        : "'\(experiment.name)' has no arm '\(name)'; one of its arms was expected; "
          + suggestion(for: name, among: experiment.arms.map(\.name)))
    return nil
  }

  private func arm(_ fields: StrictFields, _ reader: StrictReader) -> String? {
    if let reader = fields["arm"] { return runningArm(reader) }
    if arms.count == 1 { return arms.first }
    reader.report(
      "manifest.missing-key",
      "the criterion names no arm, and \(arms.count) run; one of \(quoted(arms)) was expected; "
        + "add 'arm: …'")
    return nil
  }

  private func statistic(_ reader: StrictReader) -> Criterion.Statistic? {
    guard let text = reader.text() else { return nil }
    switch text {
    case "mean": return .mean
    case "median": return .median
    case "interquartile-mean": return .interquartileMean
    case "share": return .share
    case "minimum": return .minimum
    case "maximum": return .maximum
    default: break
    }
    if text.first == "p", let (number, rest) = DecimalNumber.prefix(of: String(text.dropFirst())),
      rest.isEmpty, number.digits > 0, number.double() <= 100
    {
      return .quantile(number.double(timesTenTo: -2))
    }
    let known = [
      "mean", "median", "interquartile-mean", "share", "minimum", "maximum", "p50", "p90", "p99",
      "p99.9",
    ]
    reader.report(
      "manifest.statistic",
      "'\(shortened(text))' is no statistic; mean, median, interquartile-mean, share, minimum, "
        + "maximum or a percentile such as p99 was expected; "
        + (nearestName(to: text, among: known).map { "did you mean '\($0)'?" } ?? "choose one"))
    return nil
  }

  private func check(
    _ statistic: Criterion.Statistic, of metric: MetricDescription, _ fields: StrictFields,
    _ reader: StrictReader
  ) {
    let place = fields["statistic"] ?? fields["metric"] ?? reader
    var isQuantile = false
    if case .quantile = statistic { isQuantile = true }
    switch (metric.unit, isQuantile) {
    case ("hash", _):
      place.report(
        "manifest.statistic",
        "the metric '\(metric.name)' is a fingerprint, which has no order; a number was expected; "
          + "judge another metric")
    case ("histogram", false):
      place.report(
        "manifest.statistic",
        "the metric '\(metric.name)' is a latency histogram; a percentile was expected; "
          + "write 'statistic: p50', p90, p99 or p99.9")
    case ("histogram", true), (_, false): break
    case (_, true):
      place.report(
        "manifest.statistic",
        "the metric '\(metric.name)' has no histogram to take a percentile of; mean, median, "
          + "minimum or maximum was expected; choose one")
    }
  }

  // MARK: Selection

  private typealias Selected = (key: SettingKey, ordered: [String])

  private func selection(_ reader: StrictReader) -> [Selected]? {
    guard let entries = reader.entries() else { return nil }
    let before = log.count
    let selection = entries.compactMap { text, place, reader -> Selected? in
      guard let key = settings.key(text, at: place) else { return nil }
      guard sweep?.keys.contains(key) ?? false else {
        log.report(
          "manifest.not-swept", at: place,
          "'\(text)' is not swept, so it selects nothing; a swept key was expected; "
            + suggestion(for: text, among: sweep?.keys.map(\.name) ?? []))
        return nil
      }
      let readers = reader.tree.items != nil ? reader.items() ?? [] : [reader]
      if readers.isEmpty {
        reader.report(
          "manifest.empty-list", "no value is selected; at least one was expected; add one")
      }
      let texts = readers.compactMap { sweptText($0, of: key) }
      return (key, texts)
    }
    return log.count == before ? selection : nil
  }

  /// The text of a value that the sweep has, at this size or at standard size.
  func sweptText(_ reader: StrictReader, of key: SettingKey) -> String? {
    guard let value = SettingValue(reader.tree, of: key, log: log) else { return nil }
    let known = sweep?.texts(of: key) ?? []
    if known.contains(value.text) { return value.text }
    guard let standardTexts else { return value.text }
    let standard = standardTexts(key)
    if standard.contains(value.text) { return value.text }
    reader.report(
      "manifest.no-such-cell",
      "the sweep of '\(key.name)' has no value '\(shortened(value.text))'; one of its values was "
        + "expected; " + suggestion(for: value.text, among: known.union(standard).sorted()))
    return nil
  }

  // MARK: Control

  private func control(
    _ reader: StrictReader, arm: String?, _ criterion: StrictReader
  ) -> (control: Criterion.Control, changes: [SettingsReader.Change])? {
    let before = log.count
    guard let fields = reader.fields(ManifestKeys.control) else { return nil }
    let text = fields.read("text") { $0.text() }
    var controlArm: String?
    if let reader = fields["arm"] {
      // With changed settings the cells run again, so the arm need not run in the sweep.
      controlArm = fields["set"] == nil ? runningArm(reader) : knownArm(reader)
      if fields["set"] == nil, let arm, controlArm == arm {
        reader.report(
          "manifest.control",
          "the control judges the criterion's own arm '\(arm)' and changes nothing; another arm or "
            + "changed settings were expected; name another or add 'set: {…}'")
      }
    }
    let changes = fields.read("set", default: []) { self.changes($0) }
    if fields["arm"] == nil, fields["set"] == nil {
      reader.report(
        "manifest.control",
        "the control changes nothing; another arm or changed settings were expected; "
          + "add 'arm: …' or 'set: {…}'")
    }
    guard log.count == before, let text, let changes else { return nil }
    var settings: [String: String] = [:]
    for change in changes {
      settings[change.key.name] = change.value.tree.text ?? change.value.tree.json()
    }
    return (Criterion.Control(text: text, arm: controlArm, settings: settings), changes)
  }

  private func knownArm(_ reader: StrictReader) -> String? {
    reader.choice(experiment.arms.map(\.name))
  }

  private func changes(_ reader: StrictReader) -> [SettingsReader.Change]? {
    guard let entries = reader.entries() else { return nil }
    if entries.isEmpty {
      reader.report(
        "manifest.control", "nothing is set; at least one setting was expected; add one")
    }
    let before = log.count
    let changes = entries.compactMap { text, place, reader -> SettingsReader.Change? in
      guard let key = settings.key(text, at: place),
        let value = SettingValue(reader.tree, of: key, log: log)
      else { return nil }
      return (key, value)
    }
    return log.count == before ? changes : nil
  }
}

extension StrictReader {
  /// A metric of an experiment that is kept.
  func metric(
    of experiment: ExperimentDescription, kept measures: [MetricDescription]
  ) -> MetricDescription? {
    guard let name = text() else { return nil }
    if let found = measures.first(where: { $0.name == name }) { return found }
    if experiment.metrics.contains(where: { $0.name == name }) {
      report(
        "manifest.not-measured",
        "the metric '\(name)' is not measured; one of \(quoted(measures.map(\.name))) was "
          + "expected; add it to 'measure'")
    } else {
      report(
        "manifest.unknown-metric",
        "'\(experiment.name)' has no metric '\(shortened(name))'; one of its metrics was expected; "
          + suggestion(for: name, among: experiment.metrics.map(\.name)))
    }
    return nil
  }
}
