// Runs in the order of a file, brought into cycles.

import LabCore

/// Gathers runs as files name them, and makes a history of them.
///
/// It is a class, so that several files in turn can add to it without copies.
final class TestHistoryBuilder {
  /// A run with the cycle that its file gives it.
  private struct Row {
    var cycle: Int
    var execution: TestExecution
  }

  private var numbers: [String: Int] = [:]
  private var tests: [String] = []
  private var rows: [Row] = []
  private var isOrdered = true
  /// Whether a file says of any run what had come of the test before.
  private var knowsPast = false

  /// How many runs there are.
  var count: Int { rows.count }

  /// Adds a run.
  ///
  /// - Parameter execution: Its number of the test counts for nothing; its name decides.
  func append(_ execution: TestExecution, of name: String, in cycle: Int) {
    var execution = execution
    execution.test = Int32(number(of: name))
    isOrdered = isOrdered && (rows.last.map { $0.cycle <= cycle } ?? true)
    knowsPast = knowsPast || execution.past.count > 0
    rows.append(Row(cycle: cycle, execution: execution))
  }

  /// The history: cycles in the order of their numbers, the runs of each in that of the file.
  ///
  /// Where no file says what had come of a test before, that is gathered from earlier cycles;
  /// within a cycle no run knows of another. Afterwards the builder is used up.
  /// - Complexity: O(runs + tests · log tests), and O(runs · log runs) where cycles are mixed up.
  func finish() -> TestHistory {
    if !isOrdered {
      // Equal cycles keep the order of the file.
      let order = rows.indices.sorted { (rows[$0].cycle, $0) < (rows[$1].cycle, $1) }
      rows = order.map { rows[$0] }
    }
    numberByName()
    var cycles: [Range<Int>] = []
    var first = 0
    while first < rows.count {
      let cycle = rows[first].cycle
      var end = first
      while end < rows.count && rows[end].cycle == cycle { end += 1 }
      cycles.append(first..<end)
      first = end
    }
    if !knowsPast { gatherPast(cycles) }
    return TestHistory(tests: tests, executions: rows.map(\.execution), cycles: cycles)
  }

  /// Numbers tests anew, so that names that stand next to each other have numbers that do.
  private func numberByName() {
    let order = tests.indices.sorted { NameOrder.precedes(tests[$0], tests[$1]) }
    var places = [Int32](repeating: 0, count: tests.count)
    for (place, old) in order.enumerated() { places[old] = Int32(place) }
    for row in rows.indices {
      rows[row].execution.test = places[Int(rows[row].execution.test)]
    }
    tests = order.map { tests[$0] }
    numbers = [:]
  }

  private func gatherPast(_ cycles: [Range<Int>]) {
    var known = [PastVerdicts](repeating: PastVerdicts(), count: tests.count)
    for cycle in cycles {
      for row in cycle { rows[row].execution.past = known[Int(rows[row].execution.test)] }
      for row in cycle {
        known[Int(rows[row].execution.test)].append(hasFailed: rows[row].execution.hasFailed)
      }
    }
  }

  private func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = tests.count
    tests.append(name)
    return tests.count - 1
  }
}

/// The order of names as people sort them.
enum NameOrder {
  /// Whether a name stands before another, where runs of digits count as numbers.
  static func precedes(_ left: String, _ right: String) -> Bool {
    var (left, right) = (Array(left.utf8)[...], Array(right.utf8)[...])
    while let first = left.first, let second = right.first {
      if isDigit(first) && isDigit(second) {
        let (one, other) = (takeNumber(&left), takeNumber(&right))
        if one.count != other.count { return one.count < other.count }
        if one != other { return one.lexicographicallyPrecedes(other) }
      } else if first != second {
        return first < second
      } else {
        left.removeFirst()
        right.removeFirst()
      }
    }
    return left.isEmpty && !right.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  /// Takes the digits at the beginning, and gives them without leading zeros.
  private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == 48 }
  }
}
