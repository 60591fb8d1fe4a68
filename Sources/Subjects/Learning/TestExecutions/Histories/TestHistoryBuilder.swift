// Runs in the order of a file, brought into cycles.

import LabCore

/// Gathers runs as files name them, and makes a history of them.
///
/// It is a class, so that several files in turn can add to it without copies.
final class TestHistoryBuilder {
  private var numbers: [String: Int] = [:]
  private var tests: [String] = []
  private var executions: [TestExecution] = []
  /// For each run the cycle that its file gives it.
  private var cycleNumbers: [Int] = []
  private var isOrdered = true

  /// How many runs there are.
  var count: Int { executions.count }

  /// Adds a run.
  ///
  /// - Parameter execution: Its number of the test counts for nothing, its name decides; its past
  ///   is what its file states.
  func append(_ execution: TestExecution, of name: String, in cycle: Int) {
    var execution = execution
    execution.test = Int32(number(of: name))
    isOrdered = isOrdered && (cycleNumbers.last.map { $0 <= cycle } ?? true)
    executions.append(execution)
    cycleNumbers.append(cycle)
  }

  /// The history: cycles in the order of their numbers, the runs of each in that of the file.
  ///
  /// What had come of a test before, and how long it was to be expected to take, is gathered from
  /// earlier cycles; within a cycle no run knows of another. What a file states of the past counts
  /// only in the first cycle of a test, for what came before the file: where it runs there several
  /// times, the run that states the fewest verdicts tells, for the others may count it. Afterwards
  /// the builder is used up.
  /// - Complexity: O(runs + tests · log tests), and O(runs · log runs) where cycles are mixed up.
  func finish() -> TestHistory {
    if !isOrdered {
      // Equal cycles keep the order of the file.
      let order = executions.indices.sorted {
        (cycleNumbers[$0], $0) < (cycleNumbers[$1], $1)
      }
      executions = order.map { executions[$0] }
      cycleNumbers = order.map { cycleNumbers[$0] }
    }
    numberByName()
    var cycles: [Range<Int>] = []
    var first = 0
    while first < executions.count {
      let cycle = cycleNumbers[first]
      var end = first
      while end < executions.count && cycleNumbers[end] == cycle { end += 1 }
      cycles.append(first..<end)
      first = end
    }
    gatherPast(cycles)
    gatherExpectedDurations(cycles)
    return TestHistory(tests: tests, executions: executions, cycles: cycles)
  }

  /// Numbers tests anew, so that names that stand next to each other have numbers that do.
  private func numberByName() {
    let order = tests.indices.sorted { NameOrder.precedes(tests[$0], tests[$1]) }
    var places = [Int32](repeating: 0, count: tests.count)
    for (place, old) in order.enumerated() { places[old] = Int32(place) }
    for run in executions.indices {
      executions[run].test = places[Int(executions[run].test)]
    }
    tests = order.map { tests[$0] }
    numbers = [:]
  }

  private func gatherPast(_ cycles: [Range<Int>]) {
    var known = [PastVerdicts?](repeating: nil, count: tests.count)
    for cycle in cycles {
      var stated: [Int: PastVerdicts] = [:]
      for run in executions[cycle] where known[Int(run.test)] == nil {
        let fewest = stated[Int(run.test)] ?? run.past
        stated[Int(run.test)] = run.past.count < fewest.count ? run.past : fewest
      }
      for (test, past) in stated { known[test] = past }
      for run in cycle {
        executions[run].past = known[Int(executions[run].test)] ?? PastVerdicts()
      }
      for run in executions[cycle] {
        known[Int(run.test)]?.append(hasFailed: run.hasFailed)
      }
    }
  }

  private func gatherExpectedDurations(_ cycles: [Range<Int>]) {
    var latest = [Duration](repeating: .zero, count: tests.count)
    var (nanoseconds, measured) = (0.0, 0.0)
    for cycle in cycles {
      let mean = Duration(seconds: nanoseconds / max(measured, 1) / 1e9) ?? .zero
      for run in cycle {
        let known = latest[Int(executions[run].test)]
        executions[run].expectedDuration = known > .zero ? known : mean
      }
      for run in executions[cycle] where run.duration > .zero {
        latest[Int(run.test)] = run.duration
        nanoseconds += Double(run.duration.nanoseconds)
        measured += 1
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
  /// Whether a name stands before another, where runs of digits count as numbers; names that differ
  /// in zeros before such numbers alone stand in the order of their bytes.
  static func precedes(_ one: String, _ other: String) -> Bool {
    var (left, right) = (Array(one.utf8)[...], Array(other.utf8)[...])
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
    if left.isEmpty && right.isEmpty { return one.utf8.lexicographicallyPrecedes(other.utf8) }
    return left.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  /// Takes the digits at the beginning, and gives them without leading zeros.
  private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == 48 }
  }
}
