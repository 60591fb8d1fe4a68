// The keys that a sweep, a selection or a control may name, and what their values look like.

/// A setting that may vary from cell to cell.
struct SettingKey: Hashable, Sendable {
  /// The name in coordinates: a parameter's bare name, or a dotted path into network or workload.
  let name: String
  /// The dotted path from the top of the manifest.
  let path: String
  /// What an experiment's parameter takes; `nil` for keys of network and workload.
  let kind: ValueKindBox?
  /// Where it is named.
  let place: SourcePlace

  /// Which part of the settings it changes.
  var part: SettingPart {
    if kind != nil { return .parameters }
    return path.hasPrefix("network") ? .network : .workload
  }

  static func == (left: SettingKey, right: SettingKey) -> Bool { left.path == right.path }

  func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// The parts of a cell's settings.
enum SettingPart: String, Sendable, CaseIterable {
  case parameters
  case network
  case workload
}

/// A kind of value beside things that are compared by name alone.
struct ValueKindBox: Sendable {
  let kind: ValueKind
}

/// Looks up the settings that an experiment has.
struct SettingKeys {
  let experiment: ExperimentDescription
  let log: ProblemLog

  /// The setting of a name; one that does not exist is reported.
  func key(_ text: String, at place: SourcePlace) -> SettingKey? {
    let bare = text.hasPrefix("parameters.") ? String(text.dropFirst("parameters.".count)) : text
    if let parameter = experiment.parameters.first(where: { $0.name == bare }) {
      return SettingKey(
        name: bare, path: "parameters.\(bare)", kind: ValueKindBox(kind: parameter.kind),
        place: place)
    }
    for (part, isTaken) in [
      ("network", experiment.takesNetwork), ("workload", experiment.takesWorkload),
    ] where text == part || text.hasPrefix(part + ".") {
      guard isTaken else {
        log.report(
          "manifest.not-taken", at: place,
          "the experiment '\(experiment.name)' takes no \(part); one of its own parameters was "
            + "expected; remove '\(shortened(text))'")
        return nil
      }
      return SettingKey(name: text, path: text, kind: nil, place: place)
    }
    let names = experiment.parameters.map(\.name)
    let first = text.split(separator: ".").first.map(String.init) ?? text
    let isOther = ManifestKeys.manifest[first] != nil
    log.report(
      "manifest.unknown-setting", at: place,
      isOther
        ? "'\(shortened(text))' cannot vary from cell to cell; a parameter or a path into network "
          + "or workload was expected; set it for the whole manifest"
        : "there is no parameter '\(shortened(text))'; a parameter of '\(experiment.name)' or a "
          + "path such as 'network.link.loss' was expected; \(suggestion(for: text, among: names))")
    return nil
  }

  /// Whether the setting takes whole numbers only.
  func isWhole(_ key: SettingKey) -> Bool {
    if let box = key.kind {
      if case .integer = box.kind { return true }
      return false
    }
    guard let shape = ManifestKeys.key(at: key.path)?.shape else { return false }
    switch shape {
    case .whole: return true
    case .either(let shapes):
      return shapes.contains { if case .whole = $0 { true } else { false } }
    default: return false
    }
  }
}

/// One value of a setting, in the forms in which it is needed.
struct SettingValue: Sendable {
  /// The value as written.
  let tree: YAMLTree
  /// The one text of all equal values.
  let text: String
  /// The value of a parameter.
  let value: Value?

  /// Reads a value of a setting; one that is wrong is reported.
  init?(_ tree: YAMLTree, of key: SettingKey, log: ProblemLog) {
    self.tree = tree
    if let box = key.kind {
      guard let value = StrictReader(tree, log: log).value(box.kind) else { return nil }
      self.value = value
      text = value.description
      return
    }
    guard !tree.isBlank else {
      log.report(
        "manifest.kind", at: tree.place,
        "nothing stands here; a value of '\(key.name)' was expected; write it")
      return nil
    }
    value = nil
    text = tree.text.map { Quantity($0)?.canonicalText ?? $0 } ?? tree.json()
  }
}
