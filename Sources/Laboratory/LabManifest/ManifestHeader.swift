// What a manifest says of itself before its experiment is known.

/// The version, name and experiment of a manifest.
struct ManifestHeader {
  /// The name.
  let id: String
  /// The experiment.
  let experiment: String
  /// Where the experiment is named.
  let experimentPlace: SourcePlace
  /// Where the manifest begins.
  let place: SourcePlace

  /// Reads the header; `nil` after a report.
  init?(_ root: YAMLTree, path: String, log: ProblemLog) {
    place = root.place
    let reader = StrictReader(root, log: log)
    guard let entries = root.entries else {
      _ = reader.fields(ManifestKeys.manifest)
      return nil
    }
    guard let first = entries.first, first.key == "fleetlab" else {
      let later = entries.first { $0.key == "fleetlab" }
      log.report(
        "manifest.version", at: later?.keyPlace ?? root.place,
        later == nil
          ? "the file does not say which form of manifests it has; 'fleetlab: 1' was expected as "
            + "its first line; add it"
          : "'fleetlab' is not the first key; the version was expected first; move it up")
      if later == nil { _ = reader.fields(ManifestKeys.manifest.names) }
      return nil
    }
    guard first.value.text == "1" else {
      log.report(
        "manifest.version", at: first.value.place,
        "the version is \(first.value.kindName); 1 was expected; write 'fleetlab: 1'")
      return nil
    }
    if let tree = root["id"] {
      guard let id = StrictReader(tree, log: log).name() else { return nil }
      self.id = id
    } else {
      let name = fileName(of: path)
      guard isKebabCase(name) else {
        log.report(
          "manifest.name", at: root.place,
          "the file name '\(shortened(name))' is not a name in kebab case and 'id' is missing; "
            + "lower-case letters, digits and hyphens were expected; rename the file or "
            + "add 'id: …'")
        return nil
      }
      id = name
    }
    if let tree = root["experiment"] {
      guard let name = StrictReader(tree, log: log).name() else { return nil }
      (experiment, experimentPlace) = (name, tree.place)
    } else {
      (experiment, experimentPlace) = (id, root["id"]?.place ?? root.place)
    }
  }
}
