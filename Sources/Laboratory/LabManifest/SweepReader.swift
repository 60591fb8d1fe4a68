// Reading a sweep.

import LabCore

/// Reads the `sweep` section of a manifest.
struct SweepReader {
  let settings: SettingKeys
  /// The most cells that the sweep may have.
  let cellLimit: Int
  let log: ProblemLog

  /// The sweep, without its conditions, which need the values of fixed parameters.
  func sweep(_ reader: StrictReader) -> Sweep? {
    let before = log.count
    guard let fields = reader.fields(ManifestKeys.sweep) else { return nil }
    var sweep = Sweep(place: reader.place)
    if let grid = fields["grid"] { sweep.factors += gridFactors(grid) }
    if let zip = fields["zip"] { sweep.factors += zipFactor(zip) }
    if let list = fields["list"] { sweep.factors += listFactor(list) }
    if let csv = fields["csv"] {
      if csv.tree.items != nil {
        sweep.factors += listFactor(csv)
      } else if csv.tree.text == nil || csv.tree.isBlank {
        _ = csv.text()
      } else if !log.isEmpty {
        // The points of the file should stand here by now; why they do not, was reported.
        return nil
      }
    }
    if sweep.factors.isEmpty, log.count == before {
      reader.report(
        "manifest.empty-sweep",
        "the sweep has no values; one of 'grid', 'zip', 'list' and 'csv' was expected; "
          + "add one or remove the sweep")
    }
    reportOverlaps(sweep, at: reader.place)
    sweep.sample = fields.read("sample") { sample($0) }
    return log.count == before ? sweep : nil
  }

  // MARK: Factors

  private func gridFactors(_ reader: StrictReader) -> [SweepFactor] {
    axes(reader).map { key, values in SweepFactor(keys: [key], points: values.map { [$0] }) }
  }

  private func zipFactor(_ reader: StrictReader) -> [SweepFactor] {
    let axes = axes(reader)
    guard let first = axes.first else { return [] }
    for (key, values) in axes where values.count != first.values.count {
      reader.report(
        "manifest.zip",
        "'\(key.name)' has \(values.count) values and '\(first.key.name)' has "
          + "\(first.values.count); equally many were expected in a zip; add or remove some")
      return []
    }
    let points = first.values.indices.map { index in axes.map { $0.values[index] } }
    return [SweepFactor(keys: axes.map(\.key), points: points)]
  }

  private func axes(_ reader: StrictReader) -> [(key: SettingKey, values: [SettingValue])] {
    guard let entries = reader.entries() else { return [] }
    if entries.isEmpty { reportEmpty(reader, "no key") }
    let axes = entries.compactMap { text, place, reader -> (key: SettingKey, trees: [YAMLTree])? in
      guard let key = settings.key(text, at: place), let trees = trees(reader, key) else {
        return nil
      }
      if trees.isEmpty { reportEmpty(reader, "no value for '\(text)'") }
      return trees.isEmpty ? nil : (key, trees)
    }
    // Counted before anything is decoded: a sweep within its limit never has more values than cells
    // but for the first of each key.
    let count = axes.reduce(0) { $0 + $1.trees.count - 1 }
    guard count <= cellLimit else {
      reader.report(
        "manifest.too-many-cells",
        "the keys have \(count) values after their first ones; at most \(cellLimit) cells were "
          + "expected; sweep fewer values or raise 'limits.cells'")
      return []
    }
    return axes.compactMap { key, trees in
      let values = trees.compactMap { SettingValue($0, of: key, log: log) }
      reportRepeated(values)
      return values.count == trees.count ? (key, values) : nil
    }
  }

  private func trees(_ reader: StrictReader, _ key: SettingKey) -> [YAMLTree]? {
    if let items = reader.tree.items { return items }
    guard reader.tree.entries != nil, reader.tree["from"] != nil || reader.tree["to"] != nil else {
      reader.report(
        "manifest.kind",
        "\(reader.tree.kindName) stands here; a list or a range of values was expected; "
          + "write [a, b] or {from: 1, to: 10, step: 1}")
      return nil
    }
    return SweepRange(reader, isWhole: settings.isWhole(key), limit: cellLimit)?.values
  }

  private func listFactor(_ reader: StrictReader) -> [SweepFactor] {
    guard let points = reader.items() else { return [] }
    guard let first = points.first else {
      reportEmpty(reader, "no point")
      return []
    }
    guard let names = first.entries()?.map(\.key) else { return [] }
    guard !names.isEmpty else {
      reportEmpty(first, "no key")
      return []
    }
    let place = first.tree.entries?.first?.keyPlace ?? first.place
    let keys = names.compactMap { name in
      settings.key(name, at: first.tree.entries?.first { $0.key == name }?.keyPlace ?? place)
    }
    guard keys.count == names.count else { return [] }
    let before = log.count
    let rows = points.map { point -> [SettingValue] in
      guard let fields = point.fields(names, required: names) else { return [] }
      return zip(names, keys).compactMap { name, key in
        fields[name].flatMap { SettingValue($0.tree, of: key, log: log) }
      }
    }
    return log.count == before ? [SweepFactor(keys: keys, points: rows)] : []
  }

  private func sample(_ reader: StrictReader) -> Sweep.Sample? {
    guard let fields = reader.fields(ManifestKeys.sample) else { return nil }
    let count = fields.read("count") { $0.whole(in: 1...1_000_000) }
    let seed = fields.read("seed", default: 1) { $0.seed() }
    let method = fields.read("method", default: "random") {
      $0.choice(["random", "latin-hypercube"])
    }
    guard let count, let seed, let method else { return nil }
    return Sweep.Sample(
      count: count, seed: seed, isLatinHypercube: method == "latin-hypercube", place: reader.place)
  }

  // MARK: Reports

  private func reportEmpty(_ reader: StrictReader, _ what: String) {
    reader.report(
      "manifest.empty-sweep",
      "the sweep has \(what); at least one was expected; add it or remove the sweep")
  }

  private func reportRepeated(_ values: [SettingValue]) {
    var seen: [String: YAMLTree] = [:]
    for value in values {
      guard let first = seen.updateValue(value.tree, forKey: value.text) else { continue }
      log.report(
        "manifest.duplicate-value", at: value.tree.place,
        "\(value.tree.kindName) is the same value as \(first.kindName) at "
          + "\(first.place.line):\(first.place.column); values that differ were expected; remove "
          + "one"
      )
    }
  }

  private func reportOverlaps(_ sweep: Sweep, at place: SourcePlace) {
    let keys = sweep.keys
    for (index, key) in keys.enumerated() {
      for other in keys[..<index] {
        let isSame = key == other
        let isInside = key.path.hasPrefix(other.path + ".") || other.path.hasPrefix(key.path + ".")
        guard isSame || isInside else { continue }
        log.report(
          "manifest.sweep-overlap", at: place,
          isSame
            ? "'\(key.name)' is swept twice; each setting once was expected; remove one"
            : "'\(key.name)' and '\(other.name)' are both swept, and one holds the other; settings "
              + "apart were expected; sweep only one of them")
      }
    }
  }
}
