// The timings that a rule gets to see.
import LabRecord

/// Timings of a base and of a head in the order of time, in the slots of comparison blocks.
struct TimingSample {
  /// The blocks in which the two took turns.
  let blocks: [ComparisonBlock]
  /// The timings of the base, in seconds: those of the control are among them.
  let base: [Double]
  /// The timings of the head, in seconds: as many as of the base.
  let head: [Double]

  /// Puts a shift into what is otherwise noise.
  ///
  /// - Parameters:
  ///   - times: The time of each slot when nothing has changed, in seconds; whole blocks.
  ///   - shift: By what share of its time the head is slower.
  init(times: [Double], shift: Double) {
    let size = ComparisonBlock.slotCount
    var blocks: [ComparisonBlock] = []
    var (base, head): ([Double], [Double]) = ([], [])
    for index in 0..<(times.count / size) {
      var slots: [ComparisonBlock.Slot] = []
      for (place, role) in ComparisonBlock.order(ofBlock: index).enumerated() {
        let time = times[index * size + place] * (role == .head ? 1 + shift : 1)
        slots.append(.init(role: role, cpuSeconds: time, wallSeconds: time, contextSwitches: 0))
        if role == .head { head.append(time) } else { base.append(time) }
      }
      blocks.append(ComparisonBlock(index: index, slots: slots))
    }
    self.blocks = blocks
    self.base = base
    self.head = head
  }
}
