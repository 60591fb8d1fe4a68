// From the tree of a manifest as written to the tree of one size, which holds all that decides the
// plan and nothing else.

/// What is changed in a manifest when it is loaded.
struct ManifestChanges {
  /// The size.
  let size: RunSize
  /// Another root of random streams.
  let seed: UInt64?
  /// Other values, by dotted path, as a manifest would write them.
  let settings: [String: String]
}

/// Resolves a manifest for one size.
struct ManifestResolution {
  let experiment: ExperimentDescription
  let changes: ManifestChanges
  /// The folder of the manifest.
  let folder: String
  let log: ProblemLog

  /// Keys that are the same at all sizes.
  private static let fixed: Set<String> = ["fleetlab", "id", "experiment", "programs", "sizes"]

  /// The resolved tree.
  ///
  /// The section of the size is applied first, then the changed settings; after that files are
  /// replaced by their content.
  func resolve(_ root: YAMLTree, id: String) -> YAMLTree {
    var tree = root
    if let sizes = root["sizes"] {
      let reader = StrictReader(sizes, log: log)
      if let fields = reader.fields(ManifestKeys.sizes),
        let entries = fields.read(changes.size.rawValue, { $0.entries() })
      {
        for (path, place, reader) in entries {
          tree = override(tree, path: path, place: place, value: reader.tree, isPinning: false)
        }
      }
      tree = tree.removing("sizes")
    }
    for (path, text) in changes.settings.sorted(by: { $0.key < $1.key }) {
      let source = "--set \(path)"
      let place = SourcePlace(path: source, line: 1, column: 1)
      do throws(ManifestProblems) {
        let value = try StrictYAML.tree(of: text, path: source)
        tree = override(tree, path: path, place: place, value: value, isPinning: true)
      } catch {
        error.diagnostics.forEach(log.report)
      }
    }
    if let seed = changes.seed { tree = tree.replacing("seed", by: scalar("\(seed)", in: tree)) }
    tree = FileEmbedding(folder: folder, log: log).embed(manifest: tree)
    return ordered(tree, id: id)
  }

  // MARK: Overrides

  private func override(
    _ tree: YAMLTree, path: String, place: SourcePlace, value: YAMLTree, isPinning: Bool
  ) -> YAMLTree {
    let first = path.split(separator: ".").first.map(String.init) ?? path
    guard !Self.fixed.contains(first) else {
      log.report(
        "manifest.fixed-key", at: place,
        "'\(first)' is the same at all sizes and runs; another key was expected; remove it")
      return tree
    }
    let isTopKey = ManifestKeys.manifest[first] != nil
    let isParameter = experiment.parameters.contains { $0.name == path }
    guard isTopKey || isParameter else {
      let names = ManifestKeys.manifest.names + experiment.parameters.map(\.name)
      log.report(
        "manifest.unknown-key", at: place,
        "unknown key '\(shortened(path))'; \(suggestion(for: path, among: names))")
      return tree
    }
    let full = isTopKey ? path : "parameters.\(path)"
    switch sweptPart(full, in: tree) {
    case ("grid", let key)? where isPinning:
      let list = YAMLTree(.list([value]), at: value.place)
      return TreeOverride(path: "sweep.grid.\(key)", place: place, value: list)
        .apply(to: tree, log: log)
    case (let part, let key)?:
      log.report(
        "manifest.swept", at: place,
        "'\(full)' is swept, so one value for it changes nothing; a setting that does not vary was "
          + "expected; set 'sweep.\(part)\(part == "list" ? "" : "." + key)' instead")
      return tree
    case nil:
      return TreeOverride(path: full, place: place, value: value).apply(to: tree, log: log)
    }
  }

  /// The part of the sweep that varies a setting, with the key under which it does.
  private func sweptPart(_ full: String, in tree: YAMLTree) -> (part: String, key: String)? {
    guard let sweep = tree["sweep"] else { return nil }
    func isSame(_ key: String) -> Bool { key == full || "parameters.\(key)" == full }
    for part in ["grid", "zip", "list"] {
      let mapping = part == "list" ? sweep[part]?.items?.first : sweep[part]
      if let key = mapping?.entries?.first(where: { isSame($0.key) })?.key { return (part, key) }
    }
    return nil
  }

  // MARK: Order

  private func scalar(_ text: String, in tree: YAMLTree) -> YAMLTree {
    YAMLTree.scalar(text, at: tree.place)
  }

  /// The tree with the keys of the top in the order of the schema, and with those that have
  /// defaults written out.
  private func ordered(_ tree: YAMLTree, id: String) -> YAMLTree {
    let arms = experiment.arms.map { scalar($0.name, in: tree) }
    let defaults: [String: YAMLTree] = [
      "id": scalar(id, in: tree), "experiment": scalar(experiment.name, in: tree),
      "seed": scalar("1", in: tree), "repetitions": scalar("1", in: tree),
      "arms": YAMLTree(.list(arms), at: tree.place),
    ]
    let entries = ManifestKeys.manifest.names.compactMap { name -> YAMLTree.Entry? in
      if let entry = tree.entries?.first(where: { $0.key == name }) { return entry }
      return defaults[name].map { YAMLTree.Entry(key: name, keyPlace: tree.place, value: $0) }
    }
    // Keys that are not known stay, so that the reader finds them.
    let names = Set(ManifestKeys.manifest.names)
    let unknown = tree.entries?.filter { !names.contains($0.key) } ?? []
    return YAMLTree(.mapping(entries + unknown), at: tree.place)
  }
}
