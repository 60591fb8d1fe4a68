// Replacing references to CSV files by their content, so that a resolved manifest needs no file but
// those that it pins as data.

/// Puts the content of CSV files in the place of their names.
struct FileEmbedding {
  /// The folder to which relative paths belong.
  let folder: String
  let log: ProblemLog

  /// The sections in which files may be named, with all references replaced; those that cannot be
  /// are reported and stay.
  func embed(manifest root: YAMLTree) -> YAMLTree {
    var root = root
    for section in ["network", "workload"] {
      if let tree = root[section] { root = root.replacing(section, by: embed(tree)) }
    }
    if let tree = root["parameters"] { root = root.replacing("parameters", by: embedValues(tree)) }
    if let sweep = root["sweep"], sweep.entries != nil {
      root = root.replacing("sweep", by: embed(sweep: sweep))
    }
    if let criteria = root["criteria"], let items = criteria.items {
      let embedded = items.map { criterion in
        guard let control = criterion["control"], let changes = control["set"] else {
          return criterion
        }
        return criterion.replacing(
          "control", by: control.replacing("set", by: embedValues(changes)))
      }
      root = root.replacing("criteria", by: YAMLTree(.list(embedded), at: criteria.place))
    }
    return root
  }

  private func embed(sweep: YAMLTree) -> YAMLTree {
    var sweep = embedPoints(of: sweep)
    for part in ["grid", "zip"] {
      if let tree = sweep[part] { sweep = sweep.replacing(part, by: embedValues(tree)) }
    }
    if let list = sweep["list"], let items = list.items {
      sweep = sweep.replacing("list", by: YAMLTree(.list(items.map(embedValues)), at: list.place))
    }
    return sweep
  }

  /// A mapping from settings to values, whose own keys mean nothing here.
  private func embedValues(_ tree: YAMLTree) -> YAMLTree {
    guard let entries = tree.entries else { return tree }
    let embedded = entries.map { entry in
      YAMLTree.Entry(key: entry.key, keyPlace: entry.keyPlace, value: embed(entry.value))
    }
    return YAMLTree(.mapping(embedded), at: tree.place)
  }

  private func embed(_ tree: YAMLTree) -> YAMLTree {
    switch tree.content {
    case .scalar: return tree
    case .list(let items): return YAMLTree(.list(items.map { embed($0) }), at: tree.place)
    case .mapping:
      if tree["law"]?.text == "empirical" { return sample(tree) }
      if tree["trace"]?.text != nil { return column(tree, from: "trace", to: "trace") }
      if tree["one-way"]?.text != nil || tree["round-trip"]?.text != nil { return table(tree) }
      return embedValues(tree)
    }
  }

  /// A sweep with the points of its CSV file in the file's place.
  private func embedPoints(of sweep: YAMLTree) -> YAMLTree {
    guard let reference = sweep["csv"], let name = reference.text, !reference.isBlank,
      let table = LocatedTable(file: resolve(name), reference: reference.place, log: log)
    else { return sweep }
    let points = table.rows.map { row in
      let entries = zip(table.header, row).map { name, cell in
        YAMLTree.Entry(key: name.text ?? "", keyPlace: name.place, value: cell)
      }
      return YAMLTree(.mapping(entries), at: row.first?.place ?? reference.place)
    }
    let names = table.header.map { $0.text ?? "" }
    for (index, name) in names.enumerated() where names.firstIndex(of: name) != index {
      log.report(
        "manifest.duplicate-key", at: table.header[index].place,
        "the column '\(name)' stands twice; each once was expected; remove one")
      return sweep
    }
    return sweep.replacing("csv", by: YAMLTree(.list(points), at: reference.place))
  }

  /// The path of a file that the manifest names.
  func resolve(_ path: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
  }

  private func sample(_ law: YAMLTree) -> YAMLTree {
    guard law["csv"] != nil else { return law }
    if law["values"] != nil {
      log.report(
        "manifest.conflict", at: law.place,
        "the sample has 'values' and 'csv'; one of them was expected; remove the other")
      return law
    }
    return column(law, from: "csv", to: "values")
  }

  /// Replaces a file's name, a column and a unit by a list of cells with that unit.
  private func column(_ mapping: YAMLTree, from key: String, to newKey: String) -> YAMLTree {
    guard let reference = mapping[key], let name = reference.text, !reference.isBlank,
      let table = LocatedTable(file: resolve(name), reference: reference.place, log: log),
      let cells = table.column(mapping["column"], reference: reference.place, log: log),
      let values = withUnit(cells, mapping["unit"])
    else { return mapping }
    let list = YAMLTree(.list(values), at: reference.place)
    let entries = (mapping.entries ?? []).compactMap { entry -> YAMLTree.Entry? in
      if entry.key == "column" || entry.key == "unit" { return nil }
      guard entry.key == key else { return entry }
      return YAMLTree.Entry(key: newKey, keyPlace: entry.keyPlace, value: list)
    }
    return YAMLTree(.mapping(entries), at: mapping.place)
  }

  private func table(_ matrix: YAMLTree) -> YAMLTree {
    for key in ["one-way", "round-trip"] {
      guard let reference = matrix[key], let name = reference.text, !reference.isBlank else {
        continue
      }
      guard let table = LocatedTable(file: resolve(name), reference: reference.place, log: log)
      else { return matrix }
      var rows = [YAMLTree(.list(table.header), at: table.header[0].place)]
      for row in table.rows {
        guard let cells = withUnit(Array(row.dropFirst()), matrix["unit"], mayBeEmpty: true)
        else { return matrix }
        rows.append(YAMLTree(.list([row[0]] + cells), at: row[0].place))
      }
      let entry = YAMLTree.Entry(
        key: key, keyPlace: reference.place, value: YAMLTree(.list(rows), at: reference.place))
      let others = (matrix.entries ?? []).filter { $0.key != key && $0.key != "unit" }
      return YAMLTree(.mapping([entry] + others), at: matrix.place)
    }
    return matrix
  }

  /// The cells with a unit behind each number; as they are when no unit is named.
  private func withUnit(
    _ cells: [YAMLTree], _ unit: YAMLTree?, mayBeEmpty: Bool = false
  ) -> [YAMLTree]? {
    guard let unit else { return cells }
    guard let name = unit.text, !unit.isBlank else {
      log.report(
        "manifest.kind", at: unit.place,
        "\(unit.kindName) stands here; a unit was expected; write it as 'ms'")
      return nil
    }
    guard Quantity("1" + name) != nil else {
      let known = [QuantityKind.duration, .size].flatMap { $0.units.map(\.name) }
      log.report(
        "manifest.unit", at: unit.place,
        "'\(shortened(name))' is no unit; a unit was expected; "
          + suggestion(for: name, among: known)
      )
      return nil
    }
    var isWhole = true
    let result = cells.map { cell in
      let text = cell.text ?? ""
      if text.isEmpty, mayBeEmpty { return cell }
      guard let (_, rest) = DecimalNumber.prefix(of: text), rest.isEmpty else {
        log.report(
          "manifest.csv-cell", at: cell.place,
          "'\(shortened(text))' is not a number without a unit; one was expected because the "
            + "manifest says 'unit: \(name)'; mend it or remove 'unit'")
        isWhole = false
        return cell
      }
      return YAMLTree.scalar(text + name, at: cell.place)
    }
    return isWhole ? result : nil
  }
}

extension YAMLTree {
  /// The mapping with another value for a key, which is added at the end when it is new.
  func replacing(_ key: String, by value: YAMLTree, keyPlace: SourcePlace? = nil) -> YAMLTree {
    var entries = entries ?? []
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].value = value
      if let keyPlace { entries[index].keyPlace = keyPlace }
    } else {
      entries.append(Entry(key: key, keyPlace: keyPlace ?? value.place, value: value))
    }
    return YAMLTree(.mapping(entries), at: place)
  }

  /// The mapping without a key.
  func removing(_ key: String) -> YAMLTree {
    YAMLTree(.mapping((entries ?? []).filter { $0.key != key }), at: place)
  }
}
