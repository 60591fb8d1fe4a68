// The order of slots in a block, and the table of blocks.

import LabCore
import LabRecord
import Testing

@Suite struct ComparisonBlockTests {
  @Test func `base and head share a block so that drift up to the second degree cancels`() {
    for index in 0..<8 {
      let order = ComparisonBlock.order(ofBlock: index)
      for degree in 0...2 {
        let head = sum(order, degree) { $0 == .head }
        let base = sum(order, degree) { $0 != .head }
        #expect(head == base, "block \(index), degree \(degree)")
      }
      for place in stride(from: 0, to: order.count, by: 2) {
        #expect((order[place] == .head) != (order[place + 1] == .head), "block \(index)")
      }
    }
  }

  @Test func `base and control share two blocks so that steady drift cancels`() {
    for index in stride(from: 0, to: 8, by: 2) {
      let orders = [index, index + 1].map(ComparisonBlock.order)
      for order in orders {
        for half in [order.prefix(4), order.suffix(4)] {
          #expect(half.count { $0 == .control } == 1)
          #expect(half.count { $0 == .base } == 1)
        }
      }
      let control = orders.reduce(0) { $0 + sum($1, 1) { $0 == .control } }
      let base = orders.reduce(0) { $0 + sum($1, 1) { $0 == .base } }
      #expect(control == base, "blocks \(index) and \(index + 1)")
    }
  }

  @Test func `a table of blocks is read as it was written`() throws {
    let blocks = made(3)
    let table = ComparisonBlock.table(blocks)
    #expect(try ComparisonBlock.read(table: table, path: "blocks.csv") == blocks)
    #expect(ComparisonBlock.dictionary.map(\.column) == ComparisonBlock.columns)
  }

  @Test func `a table that was cut or changed is refused with its line`() throws {
    let text = String(decoding: ComparisonBlock.table(made(2)), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(throws: RecordError.self) { try read(lines.prefix(12).joined(separator: "\n") + "\n") }
    for (old, new) in [
      ("0,0,base,", "0,0,head,"), ("0,1,head,0.05", "0,1,head,0"), ("0,1,head,0.05", "0,1,head,x"),
      ("0,2,head", "1,2,head"), ("0,2,head", "0,3,head"), (",7,1,", ",-7,1,"), (",7,1,", ",7,0,"),
    ] {
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != text)
      #expect(throws: RecordError.self, "\(new)") { try read(changed) }
    }
    #expect(throws: RecordError.self) { try read("") }
    #expect(try read(String(lines[0]) + "\n").isEmpty)
  }

  private func read(_ text: String) throws -> [ComparisonBlock] {
    try ComparisonBlock.read(table: Array(text.utf8), path: "blocks.csv")
  }

  private func made(_ count: Int) -> [ComparisonBlock] {
    (0..<count).map { index in
      ComparisonBlock(
        index: index,
        slots: ComparisonBlock.order(ofBlock: index).map {
          .init(role: $0, cpuSeconds: 0.05, wallSeconds: 0.0625, contextSwitches: 7)
        }, runsPerSlot: 1, load: 0.5, stealSeconds: 0)
    }
  }

  /// The sum of the powers of the places of some roles.
  private func sum(
    _ order: [ComparisonBlock.Role], _ degree: Int, _ isMeant: (ComparisonBlock.Role) -> Bool
  ) -> Int {
    order.enumerated().filter { isMeant($0.element) }.reduce(0) { sum, entry in
      sum + (0..<degree).reduce(1) { power, _ in power * entry.offset }
    }
  }
}
