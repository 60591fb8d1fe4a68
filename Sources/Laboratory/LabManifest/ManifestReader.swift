// Reading a resolved manifest.

import LabCore

/// Reads the tree of a manifest that was resolved for one size.
struct ManifestReader {
  /// The experiment, with the programs among its arms.
  let experiment: ExperimentDescription
  let programs: [ProgramDescription]
  let path: String
  let size: RunSize
  /// The values that the sweep has at standard size; `nil` for a text that was resolved before.
  let standardTexts: ((SettingKey) -> Set<String>)?
  let log: ProblemLog

  /// All that a manifest says, before it is multiplied.
  struct Reading {
    let manifest: Manifest
    let sweep: Sweep?
    let criteria: [CriterionReader.Reading]
    let settings: SettingsReader
  }

  /// The manifest; `nil` after a report.
  func read(_ root: YAMLTree) -> Reading? {
    let before = log.count
    guard let fields = StrictReader(root, log: log).fields(ManifestKeys.manifest) else {
      return nil
    }
    let texts = (fields.read("title") { $0.text() }, fields.read("question") { $0.text() })
    let id = fields.read("id") { $0.name() }
    let tags = fields.read("tags", default: []) { $0.list { $0.name() } }
    let seed = fields.read("seed", default: 1) { $0.seed() }
    let repetitions = fields.read("repetitions", default: 1) { $0.whole(in: 1...1_000_000) }
    let arms = fields.read("arms") { self.arms($0) } ?? []
    let measures = fields.read("measure", default: experiment.metrics) { self.measures($0) }
    let limits = fields.read("limits", default: Manifest.TrialLimits()) { self.limits($0) }
    let precision = fields.read("precision") {
      PrecisionReader(experiment: experiment, measures: measures ?? experiment.metrics).rule($0)
    }
    let data = fields.read("data", default: []) { $0.list { self.data($0) } }
    let settings = SettingsReader(root: root, experiment: experiment, log: log)
    let keys = SettingKeys(experiment: experiment, log: log)
    let sweep = fields.read("sweep") {
      self.sweep($0, keys: keys, limit: limits?.cells, parameters: settings.parameters)
    }
    let reader = CriterionReader(
      experiment: experiment, arms: arms, measures: measures ?? experiment.metrics, settings: keys,
      sweep: sweep, standardTexts: standardTexts, log: log)
    // A sweep that cannot be read makes every selection wrong; its own problems come first.
    guard fields["sweep"] == nil || sweep != nil else { return nil }
    let criteria = fields.read("criteria") { $0.list { reader.criterion($0) } } ?? []
    let figures = fields.read("figures") { $0.list { FigureReader(criteria: reader).figure($0) } }
    let gate = fields.read("gate", default: GatePolicy()) {
      GateReader(criteria: reader).policy($0)
    }
    reportRepeated(fields["criteria"], "criterion")
    reportRepeated(fields["figures"], "figure")
    guard log.count == before, let id, let title = texts.0, let question = texts.1, let tags,
      let seed, let repetitions, let measures, let limits, let data, let gate
    else { return nil }
    let manifest = Manifest(
      path: path, id: id, title: title, question: question, experiment: experiment, tags: tags,
      size: size, seed: seed, repetitions: repetitions, arms: arms, measures: measures,
      criteria: criteria.map(\.criterion), figures: figures ?? [], limits: limits, data: data,
      programs: programs, gate: gate, precision: precision)
    return Reading(manifest: manifest, sweep: sweep, criteria: criteria, settings: settings)
  }

  // MARK: Lists of names

  private func arms(_ reader: StrictReader) -> [String] {
    names(reader, "arm", known: experiment.arms.map(\.name))
  }

  private func measures(_ reader: StrictReader) -> [MetricDescription]? {
    let names = names(reader, "metric", known: experiment.metrics.map(\.name))
    return experiment.metrics.filter { names.contains($0.name) }
  }

  private func names(_ reader: StrictReader, _ what: String, known: [String]) -> [String] {
    guard let readers = reader.items() else { return [] }
    if readers.isEmpty {
      reader.report(
        "manifest.empty-list", "no \(what) is named; at least one was expected; add one")
    }
    var seen: Set<String> = []
    return readers.compactMap { reader in
      guard let name = reader.text() else { return nil }
      guard known.contains(name) else {
        reader.report(
          "manifest.unknown-\(what)",
          "'\(experiment.name)' has no \(what) '\(shortened(name))'; one of its \(what)s was "
            + "expected; \(suggestion(for: name, among: known))")
        return nil
      }
      guard seen.insert(name).inserted else {
        reader.report(
          "manifest.duplicate-name",
          "the \(what) '\(name)' is named twice; each once was expected; remove one")
        return nil
      }
      return name
    }
  }

  private func reportRepeated(_ reader: StrictReader?, _ what: String) {
    var first: [String: Int] = [:]
    for item in reader?.tree.items ?? [] {
      guard let tree = item["id"], let id = tree.text else { continue }
      guard let line = first.updateValue(tree.place.line, forKey: id) else { continue }
      log.report(
        "manifest.duplicate-id", at: tree.place,
        "the \(what) '\(shortened(id))' is on line \(line) already; ids that differ were expected; "
          + "rename one")
    }
  }

  // MARK: Small sections

  private func limits(_ reader: StrictReader) -> Manifest.TrialLimits? {
    guard let fields = reader.fields(ManifestKeys.limits) else { return nil }
    let plain = Manifest.TrialLimits()
    let wall = fields.read("wall", default: plain.wall) { $0.positiveDuration() }
    let memory = fields.read("memory", default: plain.memory) { $0.size() }
    let cells = fields.read("cells", default: plain.cells) { $0.whole(in: 1...1_000_000) }
    guard let wall, let memory, let cells else { return nil }
    return Manifest.TrialLimits(wall: wall, memory: memory, cells: cells)
  }

  private func data(_ reader: StrictReader) -> Manifest.DataFile? {
    guard let fields = reader.fields(ManifestKeys.data) else { return nil }
    let path = fields.read("path") { $0.text() }
    let digest = fields.read("digest") { $0.digest() }
    guard let path, let digest else { return nil }
    return Manifest.DataFile(path: path, digest: digest)
  }

  // MARK: Sweep

  private func sweep(
    _ reader: StrictReader, keys: SettingKeys, limit: Int?, parameters: [String: Value]
  ) -> Sweep? {
    let limit = limit ?? Manifest.TrialLimits().cells
    let sweepReader = SweepReader(settings: keys, cellLimit: limit, log: log)
    guard var sweep = sweepReader.sweep(reader), let fields = reader.fields(ManifestKeys.sweep)
    else { return nil }
    let before = log.count
    let texts = parameters.mapValues(\.description)
    if let conditions = fields["where"] {
      let found = conditions.list { reader -> SweepCondition? in
        var condition = SweepConditionReader(
          reader, sweep: sweep, parameters: texts, experiment: experiment)
        return condition.condition()
      }
      sweep.conditions = found ?? []
    }
    if let exclusions = fields["exclude"] {
      let texts = CriterionReader(
        experiment: experiment, arms: [], measures: [], settings: keys, sweep: sweep,
        standardTexts: standardTexts, log: log)
      sweep.exclusions = exclusions.list { exclusion($0, texts) } ?? []
    }
    return log.count == before ? sweep : nil
  }

  private func exclusion(
    _ reader: StrictReader, _ texts: CriterionReader
  ) -> [(key: SettingKey, text: String)]? {
    guard let entries = reader.entries() else { return nil }
    if entries.isEmpty {
      reader.report(
        "manifest.empty-list", "the entry names no value; at least one was expected; add one")
    }
    return entries.compactMap { text, place, reader in
      guard let key = texts.settings.key(text, at: place) else { return nil }
      guard texts.sweep?.keys.contains(key) ?? false else {
        log.report(
          "manifest.not-swept", at: place,
          "'\(text)' is not swept, so it excludes nothing; a swept key was expected; "
            + suggestion(for: text, among: texts.sweep?.keys.map(\.name) ?? []))
        return nil
      }
      return texts.sweptText(reader, of: key).map { (key, $0) }
    }
  }
}

extension StrictReader {
  /// A SHA-256 digest in hexadecimal digits.
  func digest() -> String? {
    guard let text = scalar(expected: "64 hexadecimal digits", example: "9f86d081884c7d65…")
    else { return nil }
    guard text.utf8.count == 64, text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
      report(
        "manifest.digest",
        "'\(shortened(text))' is no SHA-256 digest; 64 lower-case hexadecimal digits were "
          + "expected; copy what sha256sum prints")
      return nil
    }
    return text
  }
}
