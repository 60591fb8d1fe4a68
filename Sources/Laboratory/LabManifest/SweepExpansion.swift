// From a sweep to its points.

import LabCore

extension Sweep {
  /// The most points that are looked at one by one when some are drawn.
  static let sampledPointLimit = 1_000_000

  /// The points that run, each as the number of a point in every factor; `nil` after a report.
  ///
  /// A sweep that is too large is refused by counting, before any point exists.
  /// - Complexity: O(points × conditions), with at most `cellLimit` points or, for a random sample,
  ///   ``sampledPointLimit``.
  func points(cellLimit: Int, log: ProblemLog) -> [[Int]]? {
    if let sample, sample.isLatinHypercube { return latinHypercube(sample, cellLimit, log) }
    let limit = sample == nil ? cellLimit : Self.sampledPointLimit
    guard let count, count <= limit else {
      log.report(
        "manifest.too-many-cells", at: place,
        "the sweep has \(count.map(String.init) ?? "more than 9e18") cells; at most \(limit) were "
          + "expected; sweep fewer values, "
          + (sample == nil
            ? "draw some by 'sample', or raise 'limits.cells'"
            : "or write 'method: latin-hypercube'"))
      return nil
    }
    let comparables = factors.map { factor in
      factor.points.map { $0.map { SweepCondition.Comparable($0.text) } }
    }
    var chosen: [[Int]] = []
    for number in 0..<count {
      let indices = indices(of: number)
      if keeps(indices, comparables) { chosen.append(indices) }
    }
    guard !chosen.isEmpty else {
      log.report(
        "manifest.empty-sweep", at: place,
        "no cell is left by 'where' and 'exclude'; at least one was expected; loosen them")
      return nil
    }
    guard let sample else { return chosen }
    return draw(sample, from: chosen, cellLimit, log)
  }

  private func keeps(_ indices: [Int], _ comparables: [[[SweepCondition.Comparable]]]) -> Bool {
    if !conditions.isEmpty {
      let point = zip(comparables, indices).flatMap { $0[$1] }
      guard conditions.allSatisfy({ $0.holds(for: point) }) else { return false }
    }
    guard !exclusions.isEmpty else { return true }
    let values = values(at: indices)
    return !exclusions.contains { exclusion in
      exclusion.allSatisfy { key, text in slot(of: key).map { values[$0].text == text } ?? false }
    }
  }

  // MARK: Samples

  private func draw(
    _ sample: Sample, from points: [[Int]], _ cellLimit: Int, _ log: ProblemLog
  ) -> [[Int]]? {
    guard sample.count <= min(points.count, cellLimit) else {
      log.report(
        "manifest.sample", at: sample.place,
        "\(sample.count) points are to be drawn from \(points.count) and at most \(cellLimit) may "
          + "run; a smaller number was expected; lower 'count'")
      return nil
    }
    var stream = Seed(sample.seed).child("sample").stream()
    var order = Array(points.indices)
    for index in 0..<sample.count {
      order.swapAt(index, index + stream.below(order.count - index))
    }
    return order.prefix(sample.count).sorted().map { points[$0] }
  }

  /// For each factor the range is cut into as many strata as points are drawn, each stratum serves
  /// one point, and the strata are shuffled for each factor by itself.
  ///
  /// > Reference: McKay, Beckman and Conover, Technometrics 21(2), 1979. A factor's values are its
  /// > points in their order, so a value is drawn about count / values times.
  private func latinHypercube(
    _ sample: Sample, _ cellLimit: Int, _ log: ProblemLog
  ) -> [[Int]]? {
    guard conditions.isEmpty, exclusions.isEmpty else {
      log.report(
        "manifest.sample", at: sample.place,
        "a latin hypercube covers every value equally, which 'where' and 'exclude' would undo; "
          + "none of them was expected; remove them or write 'method: random'")
      return nil
    }
    guard sample.count <= cellLimit else {
      log.report(
        "manifest.sample", at: sample.place,
        "\(sample.count) points are to be drawn and at most \(cellLimit) may run; a smaller number "
          + "was expected; lower 'count' or raise 'limits.cells'")
      return nil
    }
    var points = Array(repeating: [Int](), count: sample.count)
    for (number, factor) in factors.enumerated() {
      var stream = Seed(sample.seed).child("latin-hypercube").child(number).stream()
      var strata = Array(0..<sample.count)
      strata.shuffle(using: &stream)
      for (point, stratum) in strata.enumerated() {
        let position = (Double(stratum) + stream.unit()) / Double(sample.count)
        let index = min(Int(position * Double(factor.points.count)), factor.points.count - 1)
        points[point].append(index)
      }
    }
    var seen: Set<[Int]> = []
    return points.filter { seen.insert($0).inserted }
  }
}
