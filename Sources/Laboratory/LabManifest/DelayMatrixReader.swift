// Reading a table of delays between regions or nodes.

import LabCore
import Network

extension StrictReader {
  /// The links of a table of delays, for the regions and nodes that the network has.
  ///
  /// The table is square: its first line and its first column hold the same names. An empty cell on
  /// the diagonal leaves the default link. Names that the network does not have are passed over, so
  /// that one table serves many networks; every region of the network must be in the table.
  func matrix(_ names: NodeNames, base: LinkModel) -> [LinkOverride]? {
    let advice =
      "say which by a key: write 'matrix: {one-way: delays.csv, unit: ms}' or "
      + "'matrix: {round-trip: rtt.csv, unit: ms}'"
    guard tree.entries != nil else {
      report(
        "manifest.matrix",
        "the table may hold one-way delays or round trips; \(advice)")
      return nil
    }
    guard let fields = fields(ManifestKeys.matrix) else { return nil }
    let (oneWay, roundTrip) = (fields["one-way"], fields["round-trip"])
    guard let table = oneWay ?? roundTrip, oneWay == nil || roundTrip == nil else {
      report(
        "manifest.matrix",
        "exactly one of 'one-way' and 'round-trip' was expected; \(advice)")
      return nil
    }
    if table.tree.text != nil, !table.tree.isBlank, !log.isEmpty {
      // The content of the file should stand here by now; why it does not, was reported.
      return nil
    }
    if let unit = fields["unit"] {
      unit.report(
        "manifest.conflict",
        "the rows stand here themselves, so each has its unit; none was expected; remove 'unit'")
    }
    return table.matrixRows(names, base: base, isRoundTrip: roundTrip != nil)
  }

  private func matrixRows(
    _ names: NodeNames, base: LinkModel, isRoundTrip: Bool
  ) -> [LinkOverride]? {
    guard let rows = list({ $0.items() }), let header = rows.first, header.count > 1 else {
      report(
        "manifest.matrix",
        "the table has no names; a first line of names was expected; add it")
      return nil
    }
    let before = log.count
    let columns = header.dropFirst().map { $0.tree.text ?? "" }
    let lines = rows.dropFirst().map { $0.first?.tree.text ?? "" }
    for (index, name) in columns.enumerated() where columns.firstIndex(of: name) != index {
      header[index + 1].report(
        "manifest.matrix", "the column '\(name)' stands twice; each once was expected; remove one")
    }
    for (index, name) in lines.enumerated() where lines.firstIndex(of: name) != index {
      rows[index + 1].first?.report(
        "manifest.matrix", "the row '\(name)' stands twice; each once was expected; remove one")
    }
    reportMissing(names, columns: columns, lines: lines)
    guard log.count == before else { return nil }
    var links: [LinkOverride] = []
    for row in rows.dropFirst() {
      guard row.count == header.count else {
        (row.first ?? self).report(
          "manifest.matrix",
          "the row has \(row.count) cells; \(header.count) were expected as in the first line; "
            + "mend it")
        continue
      }
      guard let from = row[0].tree.text, names.isKnown(from) else { continue }
      for (to, cell) in zip(columns, row.dropFirst()) where names.isKnown(to) {
        if from == to, cell.tree.text?.isEmpty ?? false { continue }
        guard let delay = cell.duration() else { continue }
        let half = Duration(nanoseconds: delay.nanoseconds / 2)
        let link = base.with(minimumDelay: isRoundTrip ? half : delay)
        links.append(LinkOverride(from: from, to: to, bothWays: false, link: link))
      }
    }
    return log.count == before ? links : nil
  }

  private func reportMissing(_ names: NodeNames, columns: [String], lines: [String]) {
    var reported: Set<String> = []
    for node in names.nodes {
      let wanted = node.region ?? node.name
      guard reported.insert(wanted).inserted else { continue }
      for (kind, found) in [("column", columns), ("row", lines)] {
        // A table may be by node name even where nodes have regions.
        if found.contains(wanted) || found.contains(node.name) { continue }
        report(
          "manifest.matrix",
          "the table has no \(kind) '\(wanted)'; one for each region of the network was expected; "
            + "add it, or did you mean one of \(quoted(Array(found.prefix(8))))?")
      }
    }
  }
}

extension LinkModel {
  /// The link with another least delay; a trace gives way to a constant.
  fileprivate func with(minimumDelay: Duration) -> LinkModel {
    var link = self
    switch delay {
    case .model(var parameters):
      parameters.minimum = minimumDelay
      link.delay = .model(parameters)
    case .trace: link.delay = .constant(minimumDelay)
    }
    return link
  }
}
