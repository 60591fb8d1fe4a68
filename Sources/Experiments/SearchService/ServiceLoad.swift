// Queries that are asked one by one, at a rate, or by several clients.

import Dispatch
import Foundation
import Glibc
import LabCore
import LabRunner
import Statistics
import Synchronization

/// The queries of one trial and who answers them.
struct ServiceLoad: Sendable {
  let ready: SearchBench.Ready
  let breadth: Int
  /// A planted wait before each answer.
  let delay: Duration

  /// How many queries are asked of cold caches, each of which costs some milliseconds of cooling.
  private static let coldQueries = 50
  /// More than the caches of a processor hold.
  private static let coolingBytes = 96 << 20
  /// How often a client of the document's benchmark asks all queries.
  private static let iterations = 5

  private func answer(_ query: [Float]) throws {
    if delay > .zero { Self.wait(until: Stopwatch.monotonic() + delay) }
    _ = try ready.searcher.answers(to: [query], neighbours: ready.neighbours, breadth: breadth)
  }

  /// The time of each query by the wall clock.
  func latencies(isCold: Bool) throws -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for query in ready.queries where !isCold { try answer(query) }
    var ballast = [UInt8](repeating: 1, count: isCold ? Self.coolingBytes : 0)
    for query in isCold ? Array(ready.queries.prefix(Self.coldQueries)) : ready.queries {
      for place in stride(from: 0, to: ballast.count, by: 64) { ballast[place] &+= 1 }
      let start = Stopwatch.monotonic()
      try answer(query)
      try histogram.record((Stopwatch.monotonic() - start).nanoseconds)
    }
    return histogram
  }

  /// The most queries that waited or were being answered, when they come at random times.
  func largestBacklog(
    rate: Double, span: Duration, _ stream: inout RandomStream
  ) throws -> Int {
    var arrivals: [Duration] = []
    var time = 0.0
    while true {
      time -= log(1 - stream.unit()) / rate
      guard time < span.seconds else { break }
      arrivals.append(Duration(nanoseconds: Int64(time * 1e9)))
    }
    let start = Stopwatch.monotonic()
    var (largest, come) = (0, 0)
    for (number, arrival) in arrivals.enumerated() {
      Self.wait(until: start + arrival)
      try answer(ready.queries[number % ready.queries.count])
      let now = Stopwatch.monotonic()
      while come < arrivals.count, start + arrivals[come] <= now { come += 1 }
      largest = max(largest, come - number)
    }
    return largest
  }

  /// How far the throughput that the document's benchmark reports is from the counted one.
  func throughputError(clients: Int) throws -> Double {
    struct Tally {
      var reported: [Double] = []
      var answered = 0
      /// From the first client's beginning to the last one's end.
      var span: ClosedRange<Instant>?
      var problem: (any Error)?
    }
    let tally = Mutex(Tally())
    let group = DispatchGroup()
    // A thread for each client: a pool might let one wait until another has ended.
    for _ in 0..<clients {
      group.enter()
      Thread.detachNewThread {
        defer { group.leave() }
        do {
          let start = Stopwatch.monotonic()
          let (reported, answered) = try benchmarkSearch()
          let end = Stopwatch.monotonic()
          tally.withLock {
            $0.reported.append(reported)
            $0.answered += answered
            let span = $0.span ?? start...end
            $0.span = min(span.lowerBound, start)...max(span.upperBound, end)
          }
        } catch { tally.withLock { $0.problem = error } }
      }
    }
    group.wait()
    let total = tally.withLock { $0 }
    if let problem = total.problem { throw problem }
    let seconds = total.span.map { ($0.upperBound - $0.lowerBound).seconds } ?? 0
    let counted = Double(total.answered) / max(seconds, 1e-9)
    let reported = total.reported.reduce(0, +) / Double(clients)
    return abs(reported / counted - 1)
  }

  /// What the document's `benchmarkSearch` does: all queries one after the other, several times,
  /// by a clock of whole milliseconds.
  private func benchmarkSearch() throws -> (reported: Double, answered: Int) {
    func milliseconds() -> Int64 { Stopwatch.monotonic().nanoseconds / 1_000_000 }
    let start = milliseconds()
    for _ in 0..<Self.iterations {
      for query in ready.queries { try answer(query) }
    }
    let total = ready.queries.count * Self.iterations
    // A benchmark that ends within a millisecond would divide by zero, as the document's does.
    let average = Double(max(milliseconds() - start, 1)) / Double(total)
    return (1_000 / average, total)
  }

  /// Waits by looking at the clock, which is exact, and costs a processor.
  private static func wait(until time: Instant) {
    while Stopwatch.monotonic() < time { sched_yield() }
  }
}
