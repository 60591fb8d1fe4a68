// Thousands of random lives of a journal, held against a plain model.

import LabCore
import Testing

@testable import Journal

extension Durable {
  /// The definition of what an operation does.
  mutating func apply(_ operation: StorageOperation) {
    switch operation {
    case .append(let record): records.append(record)
    case .truncate(let index):
      records.removeLast(max(0, records.count - Int(index - firstIndex)))
    case .snapshot(let bytes, let index):
      snapshot = bytes
      records.removeFirst(min(records.count, Int(index - firstIndex)))
      firstIndex = index
    }
  }
}

@Suite struct `Random lives of a journal` {
  @Test(arguments: 0..<4)
  func `keep what was synced and recover a prefix of what was asked`(quarter: Int) {
    var met = Life.Events()
    for seed in 500 * quarter..<500 * (quarter + 1) {
      var life = Life(seed: Seed(4).child(seed), fault: .none)
      let violation = life.violation()
      #expect(violation == nil, "life \(seed): \(violation ?? "")")
      met.add(life.events)
    }
    // A schedule that never meets what it is about would prove nothing.
    #expect(met.tailsCut > 20)
    #expect(met.temporaryFilesRemoved > 50)
    #expect(met.operationsLost > 100)
    #expect(met.refusalsForRoom > 20)
    #expect(met.deathsInACall > 200)
    #expect(met.snapshots > 200)
  }

  @Test(arguments: PlantedFault.allCases.filter { $0 != .none })
  func `a planted fault is caught`(_ fault: PlantedFault) {
    let caught = (0..<500).contains { seed in
      var life = Life(seed: Seed(4).child(seed), fault: fault)
      return life.violation() != nil
    }
    #expect(caught, "\(fault) went unnoticed")
  }

  @Test func `never yield a wrong record when writes go astray`() {
    var (refused, misdirected) = (0, 0)
    for seed in 0..<1000 {
      var life = Life(seed: Seed(5).child(seed), fault: .none, misdirection: .percent(5))
      let violation = life.violation()
      #expect(violation == nil, "life \(seed): \(violation ?? "")")
      if life.wasRefused { refused += 1 }
      misdirected += life.disk.disk.counters.misdirectedWrites
    }
    #expect(refused > 100)
    #expect(misdirected > 500)
  }

  @Test func `are the same when the seed is the same`() {
    var lives = [Life(seed: Seed(6), fault: .none), Life(seed: Seed(6), fault: .none)]
    for index in lives.indices { #expect(lives[index].violation() == nil) }
    #expect(lives[0].states == lives[1].states)
    #expect(lives[0].disk.disk.counters == lives[1].disk.disk.counters)
  }
}
